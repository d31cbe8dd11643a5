//! Books for lists: three merchants with a hundred orders of all fates, over some minutes of
//! numbers.

use std::sync::Arc;

use heliu_trade::attempt::Route;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::directory::{Agent, App, ChannelAccount, MerchantState};
use heliu_trade::fee::{FeeTerms, Level, ShareTerms, Tariff};
use heliu_trade::followup::deliver::Deliver;
use heliu_trade::id::{AppId, AttemptNo, MerchantId, NotificationNo, OrderNo, RefundNo};
use heliu_trade::parties::Party;
use heliu_trade::settlement_terms::Cycle;
use heliu_trade::step::{Action, CancelRules, CreateOrder, Target};
use heliu_trade::time::{DAY_MS, Timestamp};
use heliu_trade::verdict::{Decline, DeclineKind, RefundResult, ReversalResult, Verdict};
use heliu_trade::wallet::{Scene, WalletKind};

use super::super::directory::enrolment;
use super::super::settlements;
use super::super::steps::{START, Till, direct, evidence, held, route};
use crate::exchange::{ExchangeAnswer, ExchangeRecord};
use crate::store::{Booked, Commit, Committed, DirectoryChange, JobClass, Store};

/// Orders of the books.
const ORDERS: u64 = 100;
/// How many indexes of tills lie within a second of numbers, more or less.
const TILLS_PER_S: u64 = 839;
/// How long after its number a payment is booked late, in ms: three hours.
pub(super) const LATE_MS: i64 = 10_800_000;

/// Chooses: the same each time.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub(super) const fn throw(&mut self, sides: u64) -> u64 {
        let state = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = state.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// One of some.
    pub(super) fn of<'a, T>(&mut self, some: &'a [T]) -> &'a T {
        let sides = u64::try_from(some.len()).expect("few");
        let index = usize::try_from(self.throw(sides)).expect("few");
        some.get(index).expect("one of them")
    }
}

/// Writes the directory: the first merchant has two apps, of two agents; another merchant has one
/// of these apps' numbers on another wire; the third is not in the directory at all.
async fn enrol(store: &Arc<dyn Store>) {
    for (merchant, name, apps) in [
        (
            "m-0",
            "小店",
            [("app-0", "wire", Some("10")), ("app-x", "wire", Some("11"))],
        ),
        (
            "m-1",
            "Big shop 100%",
            [("app-1", "wire", None), ("app-x", "other", Some("10"))],
        ),
    ] {
        let mut enrolment = enrolment(merchant);
        name.clone_into(&mut enrolment.merchant.name);
        if merchant == "m-1" {
            enrolment.merchant.state = MerchantState::Pending;
            enrolment.contracts.truncate(1);
        }
        enrolment.apps = apps
            .map(|(app, dialect, agent)| App {
                app_id: app.into(),
                merchant_id: merchant.into(),
                dialect_id: dialect.into(),
                agent_id: agent.map(Into::into),
                partners: Vec::new(),
                settings: std::collections::BTreeMap::new(),
            })
            .to_vec();
        let keys = Vec::new();
        let change = DirectoryChange::Enrol { enrolment, keys };
        store.change_directory(change).await.expect("enrolled");
    }
    for (dialect, agent, name) in [
        ("wire", "10", "Ten"),
        ("wire", "11", "Eleven"),
        ("other", "10", "十"),
    ] {
        let party = Party {
            party_id: format!("{agent} on {dialect}").into(),
            parent_id: None,
            name: name.to_owned(),
            is_enabled: true,
        };
        let agent = Agent {
            agent_id: agent.into(),
            dialect_id: dialect.into(),
            party_id: party.party_id.clone(),
            is_enabled: true,
            settings: std::collections::BTreeMap::new(),
            mini_programs: std::collections::BTreeMap::new(),
        };
        let agents = vec![agent];
        let change = DirectoryChange::PutParty { party, agents };
        store.change_directory(change).await.expect("written");
    }
    for (account, channel) in [("acc-a", "one"), ("acc-b", "two"), ("other", "two")] {
        let account = ChannelAccount {
            channel_account_id: account.into(),
            channel_id: channel.into(),
            settings: std::collections::BTreeMap::new(),
        };
        let keys = Vec::new();
        let change = DirectoryChange::PutChannelAccount { account, keys };
        store.change_directory(change).await.expect("written");
    }
}

fn routed(dice: &mut Dice) -> Route {
    let account = *dice.of(&["acc-a", "acc-b", "acc-b"]);
    Route {
        channel_account_id: account.into(),
        funds: if account == "acc-a" { held() } else { direct() },
        wallet: *dice.of(&[WalletKind::Alipay, WalletKind::Wechat]),
        ..route()
    }
}

/// Makes an order; its number stands some seconds behind those before.
async fn create(till: &Till, number: &str, dice: &mut Dice) -> OrderNo {
    let amount_fen = 100 + i64::try_from(dice.throw(20)).expect("small") * 50;
    let mut step = till.create_step(OrderNo(till.number()), number, amount_fen);
    let Action::CreateOrder(create) = &mut step.action else {
        unreachable!("a step that creates")
    };
    let create: &mut CreateOrder = create;
    if dice.throw(3) == 0 {
        // Its payer comes to our page, and chooses twice.
        create.scene = Scene::Native;
        (create.route, create.horizon_ms) = (None, None);
        create.life_ms = Some(300_000);
    } else {
        create.route = Some(Arc::new(routed(dice)));
    }
    let exchange = Some(till.request(till.number()));
    let created = till
        .store
        .commit(Commit {
            step,
            exchange,
            audit: None,
        })
        .await;
    created
        .expect("accepted")
        .after
        .order
        .expect("an order")
        .order_no
}

async fn choose(till: &Till, order_no: OrderNo, dice: &mut Dice) -> AttemptNo {
    let action = Action::AddAttempt {
        attempt_no: AttemptNo(till.number()),
        route: Box::new(routed(dice)),
    };
    let added = till.commit(Target::Order(order_no), START, action).await;
    let attempts = added.expect("a payer may choose").after.attempts;
    let newest = attempts.iter().map(|attempt| attempt.attempt_no).max();
    newest.expect("an attempt")
}

async fn hear(
    till: &Till,
    order_no: OrderNo,
    attempt_no: AttemptNo,
    verdict: Verdict,
    is_late: bool,
) -> Committed {
    let action = Action::RecordVerdict {
        attempt_no,
        verdict,
        notification_no: NotificationNo(till.number()),
    };
    let now = START.plus_ms(if is_late { LATE_MS } else { 1_000 });
    let heard = till.commit(Target::Order(order_no), now, action).await;
    heard.expect("recorded")
}

/// Delivers the notification that a commit wrote, and hears no.
async fn deliver(till: &Till, order_no: OrderNo) {
    let trail = till
        .store
        .trail(&till.subject(order_no))
        .await
        .expect("read");
    let notification = trail.notifications.first().expect("a paid order's");
    let target = || Target::Notification(order_no, notification.notification_no);
    let body = "body".to_owned();
    let begin = Action::Deliver(Deliver::Begin { body });
    let now = START.plus_ms(5_000);
    till.commit(target(), now, begin).await.expect("begun");
    let end = Action::Deliver(Deliver::End {
        is_acknowledged: order_no.as_u64().is_multiple_of(2),
        answer: format!("500 of {order_no}"),
        next_gap_ms: (order_no.as_u64().is_multiple_of(3)).then_some(4_000),
    });
    till.commit(target(), now.plus_ms(20), end)
        .await
        .expect("ended");
}

async fn refund(till: &Till, order_no: OrderNo, number: &str, dice: &mut Dice) {
    let refund_no = ask_refund(till, order_no, number).await;
    match dice.throw(3) {
        0 => {}
        1 => {
            let ended = till.end_refund(order_no, refund_no).await;
            ended.expect("recorded");
        }
        _ => fail_refund(till, order_no, refund_no).await,
    }
}

async fn ask_refund(till: &Till, order_no: OrderNo, number: &str) -> RefundNo {
    let asked = till.refund(order_no, number, 30).await.expect("accepted");
    asked.after.refund.expect("a refund").refund_no
}

async fn fail_refund(till: &Till, order_no: OrderNo, refund_no: RefundNo) {
    let action = Action::RecordRefund {
        retry_count: 0,
        result: RefundResult::Failed(decline()),
        notification_no: NotificationNo(till.number()),
    };
    let target = Target::Refund(order_no, refund_no);
    let now = START.plus_ms(LATE_MS);
    till.commit(target, now, action).await.expect("recorded");
}

/// Two agents share in the fee.
fn shared() -> ShareTerms {
    let level = |party: &str, rate_ppm| Level {
        party_id: party.into(),
        cost: Tariff::from(FeeTerms {
            rate_ppm,
            ..FeeTerms::default()
        }),
    };
    ShareTerms::of(vec![level("p11", 3_000), level("p10", 2_500)])
}

/// Makes an order in whose fee agents share. It is paid, a refund of it fails or is done; one of
/// which nothing was given back is reversed then, about when it was made or long after.
async fn reverse(till: &Till, number: &str, is_refunded: bool, is_late: bool) {
    let mut step = till.create_step(OrderNo(till.number()), number, 12_345);
    let Action::CreateOrder(create) = &mut step.action else {
        unreachable!("a step that creates")
    };
    create.route = Some(Arc::new(Route {
        shares: shared(),
        ..route()
    }));
    let commit = Commit {
        step,
        exchange: None,
        audit: None,
    };
    let created = till.store.commit(commit).await.expect("accepted");
    let order_no = created.after.order.expect("an order").order_no;
    let attempt_no = AttemptNo(order_no.0);
    let paid = Verdict::Paid(evidence(order_no, 12_345));
    hear(till, order_no, attempt_no, paid, false).await;
    let refund_no = ask_refund(till, order_no, &format!("R-{number}")).await;
    if is_refunded {
        let ended = till.end_refund(order_no, refund_no).await;
        ended.expect("recorded");
        return;
    }
    fail_refund(till, order_no, refund_no).await;
    let now = START.plus_ms(if is_late { LATE_MS } else { 4_000 });
    let cancel = Action::RequestReversal {
        rules: Some(CancelRules {
            not_before_ms: 0,
            hours_s: None,
            takes_paid: true,
            takes_prepay: true,
            paid_until_ms: None,
            accepts_ended: false,
        }),
    };
    let reversed = Action::RecordReversal {
        attempt_no,
        saw_money: true,
        result: ReversalResult::Reversed,
    };
    for action in [cancel, reversed] {
        let done = till.commit(Target::Order(order_no), now, action).await;
        done.expect("undone");
    }
}

fn decline() -> Decline {
    Decline {
        reason: "NOTENOUGH".to_owned(),
        kind: DeclineKind::Refused,
    }
}

/// Writes an answer to an exchange of its own.
fn exchange(till: &Till, order_no: OrderNo, dice: &mut Dice) {
    let number = till.number();
    let mut request = till.request(number);
    request.dialect_id = (*dice.of(&["wire", "other"])).into();
    if dice.throw(4) == 0 {
        request.app_id = None;
    }
    let app_id = request.app_id.clone();
    till.store.record(ExchangeRecord::Request(request));
    if dice.throw(4) == 0 {
        return;
    }
    till.store.record(ExchangeRecord::Answer(ExchangeAnswer {
        exchange_no: number,
        app_id,
        status: 200,
        body: "{}".to_owned(),
        outcome: (*dice.of(&["ok", "SIGN_ERROR", "paid"])).to_owned(),
        reading: None,
        signing: None,
        order_no: (dice.throw(2) == 0).then_some(order_no),
        duration_ms: 12,
    }));
}

/// What is settled on the same day: money that the platform holds for the first merchant, booked
/// until then.
pub(super) const SETTLED: (&str, Timestamp) = ("m-0", START.plus_ms(LATE_MS / 2));
/// When those settlements were made.
pub(super) const SETTLED_AT: Timestamp = START.plus_ms(DAY_MS);

/// Settles it.
async fn settle(store: &Arc<dyn Store>) {
    let mut till = Till::new(store, 3_300 * TILLS_PER_S);
    let (merchant, until) = SETTLED;
    till.merchant = merchant.into();
    let settlement = settlements::open(&till, Cycle::D0, 1).await;
    let from = BusinessDate::of(START).start();
    let (items, _) = settlements::gather(&till, &settlement, Booked { from, until }, 100).await;
    assert!(items > 0, "nothing is settled");
}

/// Makes the books.
pub(super) async fn make(store: &Arc<dyn Store>) {
    enrol(store).await;
    let mut dice = Dice::new(7);
    for index in 0..ORDERS {
        let merchant = dice.throw(3);
        // The last ones' numbers run ahead of the clock, which was set back.
        let second = if index < 90 { index / 2 } else { 3_000 + index };
        let mut till = Till::new(store, second * TILLS_PER_S + index % 2 * 40);
        till.merchant = MerchantId::from(format!("m-{merchant}"));
        till.app = if dice.throw(3) == 0 {
            AppId::from("app-x")
        } else {
            AppId::from(format!("app-{merchant}"))
        };
        let prefix = dice.of(&["2026-", "2027-", "%_", "订单"]);
        let order_no = create(&till, &format!("{prefix}{index}"), &mut dice).await;
        exchange(&till, order_no, &mut dice);
        let book = store
            .find_order(&till.merchant, crate::store::OrderKey::Platform(order_no))
            .await;
        let (order, attempts) = book.expect("read").expect("known");
        let attempt_no = if attempts.is_empty() {
            if dice.throw(3) == 0 {
                continue;
            }
            choose(&till, order_no, &mut dice).await;
            choose(&till, order_no, &mut dice).await
        } else {
            AttemptNo(order_no.0)
        };
        let paid = || Verdict::Paid(evidence(order_no, order.charge_fen));
        let is_late = dice.throw(5) == 0;
        match dice.throw(6) {
            0 => {}
            1 => {
                hear(
                    &till,
                    order_no,
                    attempt_no,
                    Verdict::Declined(decline()),
                    false,
                )
                .await;
            }
            fate => {
                hear(&till, order_no, attempt_no, paid(), is_late).await;
                if fate > 2 {
                    deliver(&till, order_no).await;
                }
                if fate > 3 {
                    refund(
                        &till,
                        order_no,
                        &format!("R{}", index % 7 * 100 + index),
                        &mut dice,
                    )
                    .await;
                }
            }
        }
    }
    for (index, (is_refunded, is_late)) in (0..).zip([(false, false), (false, true), (true, false)])
    {
        let mut till = Till::new(store, (60 + index) * TILLS_PER_S);
        (till.merchant, till.app) = ("m-0".into(), "app-0".into());
        reverse(&till, &format!("undone {index}"), is_refunded, is_late).await;
    }
    settle(store).await;
    // Somebody holds some of the jobs. What waits for a batch joins this one's.
    let till = Till::new(store, 3_200 * TILLS_PER_S);
    till.order("the last", 100).await;
    let now = START.plus_ms(4_000);
    let claimed = store.claim_jobs(JobClass::Money, now, 60_000, 3).await;
    assert_eq!(claimed.expect("claimed").len(), 3);
}
