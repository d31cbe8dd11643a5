//! An engine over books in memory with two agents of a wire that has statement files, and a day's
//! trade of a merchant of one of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use heliu_engine::{Engine, Parts, Settings};
use heliu_gateway::{Gateway, RateLimits};
use heliu_ports::BoxFuture;
use heliu_ports::clock::RuntimeClock;
use heliu_ports::keys::{KeyOwner, Vault as _};
use heliu_ports::sms::{SmsError, SmsSender};
use heliu_ports::store::prelude::*;
use heliu_ports::store::{Commit, DirectoryChange, Enrolment, Newcomer};
use heliu_ports::transport::{CallError, CallLimits, Transport};
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_testkit::MemoryStore;
use heliu_trade::attempt::Route;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::calendar::{Calendar, WithoutTable};
use heliu_trade::directory::{Agent, App, Merchant, MerchantState};
use heliu_trade::fee::{FeeTerms, Level, ShareTerms};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::funds::{FundsMode, FundsTerms};
use heliu_trade::hold::HoldAmount;
use heliu_trade::id::{AttemptNo, NotificationNo, NumberMint, OrderNo, PlatformNo, RefundNo};
use heliu_trade::ledger::Account;
use heliu_trade::money::Currency;
use heliu_trade::order::{Attributes, OrderDetails};
use heliu_trade::parties::Party;
use heliu_trade::step::{
    Action, CancelRules, CreateOrder, RefundRepeat, RequestRefund, Step, Target,
};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{
    Decline, DeclineKind, Evidence, RefundEvidence, RefundResult, ReversalResult, Verdict,
};
use heliu_trade::wallet::{CodePrefixes, Funding, Scene, WalletKind};
use heliu_vault::{RootKey, SealingVault};
use http_body_util::BodyExt as _;
use md5::{Digest as _, Md5};
use tower::ServiceExt as _;

const WIRE: &str = "leshua";
pub(crate) const AGENT_KEY: &str = "11223344556677889900aabbccddeeff";
pub(crate) const OTHER_KEY: &str = "ffeeddccbbaa00998877665544332211";
const MERCHANT: &str = "M1";
const APP: &str = "9605000011";
/// 2026-01-02 12:00:00 in Beijing: the day after the trade.
const NOW: Timestamp = Timestamp::from_ms(1_767_326_400_000);
/// 2026-01-01 12:01:02 in Beijing.
const TRADE: Timestamp = Timestamp::from_ms(1_767_240_062_000);
/// The second of a number of then, counted from 2020-01-01 UTC.
const TRADE_SECOND: u64 = 189_403_262;

/// Houses of this process: each has a folder of its own.
static HOUSES: AtomicU32 = AtomicU32::new(0);

struct Nobody;

impl SmsSender for Nobody {
    fn send(&self, _mobile: &str, _text: &str) -> BoxFuture<'_, Result<(), SmsError>> {
        Box::pin(async { Err(SmsError("nobody has a telephone".to_owned())) })
    }
}

impl Transport for Nobody {
    fn call(
        &self,
        _request: OutRequest,
        _limits: CallLimits,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        Box::pin(async { Err(CallError::NotSent("there is no network".to_owned())) })
    }

    fn check_address(&self, _url: &str) -> Result<(), String> {
        Ok(())
    }
}

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<MemoryStore>,
    /// Where files lie.
    pub(crate) folder: PathBuf,
    router: Router,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl House {
    pub(crate) async fn open() -> Self {
        let store = MemoryStore::new();
        let vault = Arc::new(SealingVault::new(RootKey::from_bytes([7; 32])));
        for (party, parent, key) in [("10", None, AGENT_KEY), ("20", None, OTHER_KEY)] {
            admit(&store, &vault, (party, parent), key).await;
        }
        admit(&store, &vault, ("11", Some("10")), AGENT_KEY).await;
        enrol(&store, &vault).await;
        let (process, house) = (std::process::id(), HOUSES.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(format!("heliu-statements-{process}-{house}"));
        let engine = Engine::new(Parts {
            store: Arc::clone(&store) as _,
            vault,
            transport: Arc::new(Nobody),
            sms: Arc::new(Nobody),
            clock: Arc::new(RuntimeClock::new(NOW, 1)),
            dialects: heliu_dialects::all(),
            channels: Vec::new(),
            mint: NumberMint::new(1, 0),
            settings: Settings {
                public_url: "https://heliu.example".to_owned(),
                terminal_ip: "127.0.0.1".to_owned(),
                code_prefixes: CodePrefixes::default(),
                statements_folder: folder.clone(),
                calendar: Calendar::ours(WithoutTable::WeekendsOnly),
            },
        });
        let gateway = Gateway::new(engine.clone(), RateLimits::new(0, 0));
        let router = heliu_gateway::router(Arc::new(gateway));
        Self {
            engine,
            store,
            folder,
            router,
        }
    }

    /// The day of the trade.
    pub(crate) fn day() -> BusinessDate {
        BusinessDate::of(TRADE)
    }

    pub(crate) async fn close_day(&self) {
        let closed = self.store.close_date(Self::day(), NOW).await;
        closed.expect("the books");
    }

    /// A payment of 500 fen at 38, of which 200 are given back at once.
    pub(crate) async fn trade(&self) {
        let order = self.pay(4, "T20260101000004", 500).await;
        self.refund(order, 6, ("R20260101000001", 200)).await;
    }

    /// Payments, refunds that are done and that fail, and a payment that is reversed; what they
    /// come to after fees, in fen: the figures of back-half.md, section 3, and two small ones.
    pub(crate) async fn busy_day(&self) -> i64 {
        let table = self.pay(10, "T10", 12_345).await;
        self.refund(table, 14, ("R1", 3_333)).await;
        let failed = self.ask_refund(table, 16, ("R2", 4_000)).await;
        self.end_refund(table, failed, RefundResult::Failed(declined()))
            .await;
        let reversed = self.pay(20, "T20", 10_000).await;
        self.reverse(reversed).await;
        let refunded = self.pay(30, "T30", 777).await;
        self.refund(refunded, 34, ("R3", 777)).await;
        self.pay(40, "T40", 500).await;
        // Too little for a fee.
        self.pay(50, "T50", 1).await;
        8_977 + 498 + 1
    }

    /// A payment at 38 is booked.
    async fn pay(&self, index: u64, merchant_order_no: &str, amount_fen: i64) -> OrderNo {
        let order_no = OrderNo(number(index));
        let create = CreateOrder {
            order_no,
            app_id: APP.into(),
            merchant_order_no: merchant_order_no.to_owned(),
            scene: Scene::Barcode,
            wallet: None,
            amount_minor: amount_fen,
            currency: Currency::CNY,
            rate: None,
            route: Some(Arc::new(route())),
            received_at: TRADE,
            life_ms: None,
            horizon_ms: Some(75_000),
            details: Arc::new(OrderDetails::default()),
        };
        let target = Target::NewOrder {
            app_id: APP.into(),
            merchant_order_no: merchant_order_no.to_owned(),
        };
        let create = Action::CreateOrder(Box::new(create));
        self.commit(target, TRADE, create).await;
        let paid = Action::RecordVerdict {
            attempt_no: AttemptNo(order_no.0),
            verdict: Verdict::Paid(evidence(amount_fen)),
            notification_no: NotificationNo(number(index + 1)),
        };
        let order = Target::Order(order_no);
        self.commit(order, TRADE.plus_ms(1_000), paid).await;
        order_no
    }

    /// A refund that is done.
    async fn refund(&self, order_no: OrderNo, index: u64, of: (&str, i64)) {
        let refund_no = self.ask_refund(order_no, index, of).await;
        let done = RefundResult::Succeeded(RefundEvidence {
            channel_refund_no: "R1".to_owned(),
            cash_fen: None,
            refunded_at: TRADE.plus_ms(3_000),
        });
        self.end_refund(order_no, refund_no, done).await;
    }

    async fn ask_refund(
        &self,
        order_no: OrderNo,
        index: u64,
        (merchant_refund_no, amount_fen): (&str, i64),
    ) -> RefundNo {
        let refund_no = RefundNo(number(index));
        let request = RequestRefund {
            refund_no,
            merchant_refund_no: merchant_refund_no.to_owned(),
            amount_minor: amount_fen,
            reason: String::new(),
            attributes: Attributes::new(),
            notify_url: None,
            repeat: RefundRepeat::Refuse,
            limit: None,
        };
        let target = Target::NewRefund(order_no, APP.into(), merchant_refund_no.to_owned());
        let request = Action::RequestRefund(Box::new(request));
        self.commit(target, TRADE.plus_ms(2_000), request).await;
        refund_no
    }

    async fn end_refund(&self, order_no: OrderNo, refund_no: RefundNo, result: RefundResult) {
        let ended = Action::RecordRefund {
            retry_count: 0,
            result,
            notification_no: NotificationNo(number(refund_no.as_u64() % 100 + 1)),
        };
        let refund = Target::Refund(order_no, refund_no);
        self.commit(refund, TRADE.plus_ms(3_000), ended).await;
    }

    /// A paid order is undone, by a wire that allows that.
    async fn reverse(&self, order_no: OrderNo) {
        let cancel = Action::RequestReversal {
            rules: Some(CancelRules {
                not_before_ms: 0,
                hours_s: None,
                takes_paid: true,
                takes_prepay: false,
                paid_until_ms: None,
                accepts_ended: false,
            }),
        };
        let reversed = Action::RecordReversal {
            attempt_no: AttemptNo(order_no.0),
            saw_money: true,
            result: ReversalResult::Reversed,
        };
        for action in [cancel, reversed] {
            let now = TRADE.plus_ms(4_000);
            self.commit(Target::Order(order_no), now, action).await;
        }
    }

    /// Somebody keeps a part of what the merchant is owed back.
    pub(crate) async fn hold(&self, amount_fen: i64) {
        let owner = Owner::Merchant(MERCHANT.into());
        let amount = HoldAmount::Fen(amount_fen);
        let reason = "a complaint".to_owned();
        let placed = self
            .engine
            .place_hold(owner, amount, reason, "li", audit("hold"));
        placed.await.expect("placed");
    }

    /// What the journal has for an agent of the busy day's orders, in fen.
    pub(crate) async fn accrued_fen(&self, agent: &str) -> i64 {
        let account = Account::AgentAccrued(agent.into());
        let mut accrued_fen = 0;
        for index in [10, 20, 30, 40, 50] {
            let subject = Subject::of_merchant(&MERCHANT.into(), number(index));
            let trail = self.store.trail(&subject).await.expect("the books");
            let lines = trail.entries.iter().flat_map(|entry| &entry.lines);
            let own = lines.filter(|line| line.account == account);
            accrued_fen -= own.map(|line| line.amount_fen).sum::<i64>();
        }
        accrued_fen
    }

    /// All that is due by now: the day's steps.
    pub(crate) async fn run_the_day(&self) {
        self.engine.open_day(Self::day()).await.expect("opened");
        self.engine.run_due_steps().await.expect("the books");
    }

    async fn commit(&self, target: Target, now: Timestamp, action: Action) {
        let step = Step {
            merchant_id: MERCHANT.into(),
            target,
            now,
            action,
        };
        let commit = Commit {
            step,
            exchange: None,
            audit: None,
        };
        self.store.commit(commit).await.expect("accepted");
    }

    /// Sets a switch of agent 10.
    pub(crate) async fn set(&self, name: &str, word: &str) {
        let found = self.store.find_agent(&WIRE.into(), &"10".into()).await;
        let mut agent = found.expect("the books").expect("it is there").agent;
        agent.settings.insert(name.to_owned(), word.to_owned());
        let change = DirectoryChange::PutAgent {
            agent,
            keys: Vec::new(),
        };
        let changed = self.engine.change_directory_audited(change, None).await;
        changed.expect("the books");
    }

    /// Fetches a file, signed as ruling 72 says.
    pub(crate) async fn fetch(&self, agent: &str, key: &str, file: &str) -> String {
        let digest = Md5::digest(format!("agentId={agent}&file={file}&key={key}"));
        let sign: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.get(&format!("/statement/{file}?agentId={agent}&sign={sign}"))
            .await
    }

    /// What an agent hears of a merchant's bills of a day (7.2).
    pub(crate) async fn bills_of(&self, agent: &str, key: &str, merchant: &str) -> String {
        let data = format!(
            r#"{{"merchantId":"{merchant}","date":"2026-01-02","type":"D1","state":4,"pageNo":1}}"#
        );
        let digest = Md5::digest(format!("lepos{key}{data}"));
        let hashed: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let form = [
            ("agentId", agent),
            ("version", "1.0"),
            ("reqSerialNo", "1"),
            ("sign", &STANDARD.encode(hashed)),
            ("data", &data),
        ];
        let form = form
            .map(|(name, value)| format!("{name}={value}"))
            .join("&");
        let request = http::Request::builder()
            .method("POST")
            .uri("/open-api/agent/merchant-settlement-order")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form));
        self.send(request.expect("a request")).await
    }

    pub(crate) async fn get(&self, address: &str) -> String {
        let request = http::Request::builder().uri(address).body(Body::empty());
        self.send(request.expect("a request")).await
    }

    async fn send(&self, request: http::Request<Body>) -> String {
        let address = request.uri().to_string();
        let answer = self.router.clone().oneshot(request).await;
        let (head, body) = answer.expect("infallible").into_parts();
        assert_eq!(head.status, 200, "{address}");
        let body = body.collect().await.expect("a body").to_bytes();
        let length = head.headers.get("content-length");
        assert!(length.is_none_or(|length| *length == body.len().to_string()));
        String::from_utf8(body.to_vec()).expect("UTF-8")
    }
}

/// Who of the office publishes.
pub(crate) fn audit(id: &str) -> NewAudit {
    NewAudit {
        audit_id: id.to_owned(),
        at: NOW,
        actor: "system:test".to_owned(),
        system_user: "test".to_owned(),
        action: "statements.publish".to_owned(),
        subject: "statement".to_owned(),
        before: None,
        after: None,
    }
}

fn number(index: u64) -> PlatformNo {
    PlatformNo::from_u64((TRADE_SECOND << 23) + index)
}

fn declined() -> Decline {
    Decline {
        reason: "NOTENOUGH".to_owned(),
        kind: DeclineKind::Refused,
    }
}

fn evidence(amount_fen: i64) -> Evidence {
    Evidence {
        payable_fen: amount_fen,
        cash_fen: amount_fen,
        merchant_discount_fen: 0,
        channel_discount_fen: 0,
        channel_order_no: "C1".to_owned(),
        payer_order_no: "P1".to_owned(),
        payer_id: Some("oTEST".to_owned()),
        funding: Funding::Balance,
        paid_at: TRADE,
        notes: None,
    }
}

fn route() -> Route {
    let fee = |rate_ppm| FeeTerms {
        rate_ppm,
        ..FeeTerms::default()
    };
    let level = |party: &str, rate_ppm| Level {
        party_id: party.into(),
        cost: fee(rate_ppm).into(),
    };
    Route {
        channel_id: "a_channel".into(),
        channel_account_id: "an_account".into(),
        wallet: WalletKind::Wechat,
        scene: Scene::Barcode,
        sub_merchant_id: String::new(),
        sub_app_id: None,
        provider_merchant_no: None,
        provider_app_id: None,
        payer_id: None,
        payer_login: None,
        api: "pay".to_owned(),
        fee: fee(3_800).into(),
        shares: ShareTerms::of(vec![level("11", 3_000), level("10", 1_000)]),
        funds: FundsTerms {
            mode: FundsMode::Held,
            cost: None,
        },
        query_gap_ms: 3_000,
        reverse_after_ms: 15_000,
        refund_gap_ms: 0,
        refund_count_max: 50,
        reverses_by_call: true,
    }
}

async fn admit(
    store: &MemoryStore,
    vault: &SealingVault,
    (party, parent): (&str, Option<&str>),
    key: &str,
) {
    let agent = Agent {
        agent_id: party.into(),
        dialect_id: WIRE.into(),
        party_id: party.into(),
        is_enabled: true,
        settings: BTreeMap::new(),
        mini_programs: BTreeMap::new(),
    };
    let owner = KeyOwner::Agent(WIRE.into(), party.into());
    let sealed = vault.seal_key(&owner, "agent", 1, key).expect("a key");
    let party = Party {
        party_id: party.into(),
        parent_id: parent.map(Into::into),
        name: party.to_owned(),
        is_enabled: true,
    };
    let keys = vec![sealed];
    let new = Newcomer::Party { party, agent, keys };
    assert_eq!(store.admit(new).await, Ok(true));
}

/// A merchant of agent 11, who stands below agent 10.
async fn enrol(store: &MemoryStore, vault: &SealingVault) {
    let enrolment = Enrolment {
        merchant: Merchant {
            merchant_id: MERCHANT.into(),
            name: "测试商户".to_owned(),
            short_name: String::new(),
            state: MerchantState::Enabled,
        },
        apps: vec![App {
            app_id: APP.into(),
            merchant_id: MERCHANT.into(),
            dialect_id: WIRE.into(),
            agent_id: Some("11".into()),
            partners: Vec::new(),
            settings: BTreeMap::new(),
        }],
        contracts: Vec::new(),
    };
    let owner = KeyOwner::App(WIRE.into(), APP.into());
    let sealed = |role| vault.seal_key(&owner, role, 1, AGENT_KEY).expect("a key");
    let keys = vec![sealed("trade"), sealed("notify")];
    let enrol = DirectoryChange::Enrol { enrolment, keys };
    store.change_directory(enrol).await.expect("the books");
}
