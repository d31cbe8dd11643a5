//! Lists agree with a look at every order's book, whatever is filtered, on every page.

mod made;
mod naive;

use std::fmt::Debug;
use std::sync::Arc;

use heliu_trade::directory::MerchantState;
use heliu_trade::followup::job::JobKind;
use heliu_trade::followup::notification::{NoticeKind, NotificationState};
use heliu_trade::ledger::EntryKind;
use heliu_trade::order::OrderState;
use heliu_trade::refund::RefundState;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::WalletKind;

use super::steps::START;
use crate::books::StoreError;
use crate::lists::{
    AccountFilter, AgentFilter, AgentKey, Cursor, ExchangeFilter, Holder, JobFilter, Listed,
    MerchantFilter, NoticeFilter, OrderFilter, OutcomeFilter, Page, RefundFilter, Span, Sums,
};
use crate::store::Store;
use made::{Dice, LATE_MS};

/// How many filters each list is asked with.
const FILTERS: u32 = 150;

/// All rows of a list, page by page.
async fn all<T: Debug, F>(read: impl Fn(Page) -> F, size: u32) -> Vec<T>
where
    F: Future<Output = Result<Listed<T>, StoreError>>,
{
    let (mut rows, mut page) = (Vec::new(), Page::first(size));
    loop {
        let listed = read(page).await.expect("read");
        let count = listed.rows.len();
        assert!(
            count <= usize::try_from(size).expect("small"),
            "a page has its size"
        );
        rows.extend(listed.rows);
        let Some(next) = listed.next else { break rows };
        assert_eq!(
            count,
            usize::try_from(size).expect("small"),
            "more comes after a whole page only"
        );
        // Where it was kept it is a text.
        page = Page::after(Cursor::new(next.as_str()), size);
    }
}

/// Nothing of it is asked for in half of all cases.
fn perhaps<T: Clone>(dice: &mut Dice, some: &[T]) -> Option<T> {
    (dice.throw(3) == 0).then(|| dice.of(some).clone())
}

fn span(dice: &mut Dice) -> Span {
    let instants: Vec<Timestamp> = [-1_000, 0, 1, 999, 1_000, 20_500, 44_000, 3_095_000]
        .map(|ms| START.plus_ms(ms))
        .to_vec();
    Span {
        from: perhaps(dice, &instants),
        until: perhaps(dice, &instants),
    }
}

fn agents() -> Vec<AgentKey> {
    let agents = [
        ("fufu", "10"),
        ("fufu", "11"),
        ("leshua", "10"),
        ("leshua", "99"),
    ];
    let key = |(dialect, agent): (&str, &str)| AgentKey {
        dialect_id: dialect.into(),
        agent_id: agent.into(),
    };
    agents.map(key).to_vec()
}

fn begins(numbers: &[String], number: Option<&String>) -> bool {
    number.is_none_or(|number| numbers.iter().any(|of| of.starts_with(number)))
}

/// Beginnings of numbers that occur, and some that do not.
fn beginnings(numbers: &[String], dice: &mut Dice) -> Vec<String> {
    let mut beginnings = Vec::new();
    for _ in 0..200 {
        let number = dice.of(numbers);
        let length = number.chars().count();
        let kept =
            1 + usize::try_from(dice.throw(u64::try_from(length).expect("short"))).expect("short");
        beginnings.push(number.chars().take(kept).collect());
    }
    beginnings.extend(["", "nothing", "%", "_", "'", "00000000000000001"].map(str::to_owned));
    beginnings
}

pub(super) async fn orders_are_listed_as_they_stand(store: &Arc<dyn Store>) {
    made::make(store).await;
    let books = naive::books(store).await;
    let rows: Vec<_> = books
        .iter()
        .map(|book| (naive::order_row(book), naive::numbers(book)))
        .collect();
    let numbers: Vec<String> = rows
        .iter()
        .flat_map(|(_, numbers)| numbers.clone())
        .collect();
    let mut dice = Dice::new(1);
    let beginnings = beginnings(&numbers, &mut dice);
    let mut met = 0;
    for _ in 0..FILTERS {
        let filter = OrderFilter {
            created: span(&mut dice),
            merchant_id: perhaps(&mut dice, &["m-0".into(), "m-1".into(), "m-9".into()]),
            agent: perhaps(&mut dice, &agents()),
            states: (0..dice.throw(3))
                .map(|_| *dice.of(&OrderState::ALL))
                .collect(),
            wallet: perhaps(&mut dice, &[WalletKind::Alipay, WalletKind::Wechat]),
            channel_account_id: perhaps(&mut dice, &["acc-a".into(), "acc-b".into()]),
            charge_fen_min: perhaps(&mut dice, &[0, 100, 500]),
            charge_fen_max: perhaps(&mut dice, &[99, 500, 1_000]),
            number: perhaps(&mut dice, &beginnings),
        };
        let fits = |row: &crate::lists::OrderRow, numbers: &[String]| {
            naive::is_within(filter.created, row.order_no.0)
                && filter
                    .merchant_id
                    .as_ref()
                    .is_none_or(|id| row.merchant_id == *id)
                && filter
                    .agent
                    .as_ref()
                    .is_none_or(|of| naive::is_agents(of, &row.merchant_id, &row.app_id))
                && (filter.states.is_empty() || filter.states.contains(&row.state))
                && (filter.wallet.is_none() || filter.wallet == row.wallet)
                && (filter.channel_account_id.is_none()
                    || filter.channel_account_id == row.channel_account_id)
                && filter
                    .charge_fen_min
                    .is_none_or(|min| row.charge_fen >= min)
                && filter
                    .charge_fen_max
                    .is_none_or(|max| row.charge_fen <= max)
                && begins(numbers, filter.number.as_ref())
        };
        let fitting = rows.iter().filter(|(row, numbers)| fits(row, numbers));
        let expected: Vec<_> = fitting.map(|(row, _)| row.clone()).collect();
        met += expected.len();
        let found = all(|page| store.list_orders(filter.clone(), page), 7).await;
        assert_eq!(found, expected, "{filter:?}");
    }
    assert!(met > 300, "filters that find something: {met}");
    for number in beginnings {
        let fitting = rows
            .iter()
            .filter(|(_, numbers)| begins(numbers, Some(&number)));
        let expected: Vec<_> = fitting.map(|(row, _)| row.clone()).collect();
        let filter = OrderFilter {
            number: Some(number),
            ..OrderFilter::default()
        };
        let found = store
            .list_orders(filter.clone(), Page::first(1_000))
            .await
            .expect("read");
        assert_eq!(found.rows, expected, "{filter:?}");
    }
    let nowhere = Page::after(Cursor::new("no place"), 10);
    let after = store.list_orders(OrderFilter::default(), nowhere).await;
    assert_eq!(after, Ok(Listed::default()));
}

pub(super) async fn refunds_and_notifications_are_listed_as_they_stand(store: &Arc<dyn Store>) {
    made::make(store).await;
    let books = naive::books(store).await;
    let mut dice = Dice::new(2);
    let rows = naive::refund_rows(&books);
    assert!(rows.len() > 10, "refunds: {}", rows.len());
    let numbers = |row: &crate::lists::RefundRow| {
        let ours = [row.refund_no.to_string(), row.order_no.to_string()];
        let theirs = [
            row.merchant_refund_no.clone(),
            row.merchant_order_no.clone(),
        ];
        [ours, theirs].concat()
    };
    let known: Vec<String> = rows.iter().flat_map(numbers).collect();
    let beginnings = beginnings(&known, &mut dice);
    for _ in 0..FILTERS {
        let filter = RefundFilter {
            created: span(&mut dice),
            merchant_id: perhaps(&mut dice, &["m-0".into(), "m-1".into()]),
            agent: perhaps(&mut dice, &agents()),
            states: (0..dice.throw(3))
                .map(|_| *dice.of(&RefundState::ALL))
                .collect(),
            wallet: perhaps(&mut dice, &[WalletKind::Alipay, WalletKind::Wechat]),
            channel_account_id: perhaps(&mut dice, &["acc-a".into(), "acc-b".into()]),
            payable_fen_min: perhaps(&mut dice, &[30, 31]),
            payable_fen_max: perhaps(&mut dice, &[29, 30]),
            number: perhaps(&mut dice, &beginnings),
        };
        let fits = |row: &crate::lists::RefundRow| {
            naive::is_within(filter.created, row.refund_no.0)
                && filter
                    .merchant_id
                    .as_ref()
                    .is_none_or(|id| row.merchant_id == *id)
                && filter
                    .agent
                    .as_ref()
                    .is_none_or(|of| naive::is_agents(of, &row.merchant_id, &row.app_id))
                && (filter.states.is_empty() || filter.states.contains(&row.state))
                && (filter.wallet.is_none() || filter.wallet == row.wallet)
                && (filter.channel_account_id.is_none()
                    || filter.channel_account_id == row.channel_account_id)
                && filter
                    .payable_fen_min
                    .is_none_or(|min| row.payable_fen >= min)
                && filter
                    .payable_fen_max
                    .is_none_or(|max| row.payable_fen <= max)
                && begins(&numbers(row), filter.number.as_ref())
        };
        let expected: Vec<_> = rows.iter().filter(|row| fits(row)).cloned().collect();
        let found = all(|page| store.list_refunds(filter.clone(), page), 5).await;
        assert_eq!(found, expected, "{filter:?}");
    }
    let rows = naive::notice_rows(&books);
    for _ in 0..FILTERS {
        let filter = NoticeFilter {
            created: span(&mut dice),
            merchant_id: perhaps(&mut dice, &["m-0".into(), "m-1".into()]),
            states: perhaps(
                &mut dice,
                &[NotificationState::Due, NotificationState::GivenUp],
            )
            .into_iter()
            .chain(perhaps(&mut dice, &[NotificationState::Acknowledged]))
            .collect(),
            kind: perhaps(&mut dice, &[NoticeKind::OrderPaid, NoticeKind::RefundEnded]),
        };
        let fits = |row: &&crate::lists::NoticeRow| {
            let of = &row.notification;
            naive::is_within(filter.created, of.notification_no.0)
                && filter
                    .merchant_id
                    .as_ref()
                    .is_none_or(|id| of.subject.owner.merchant() == Some(id))
                && (filter.states.is_empty() || filter.states.contains(&of.state))
                && filter.kind.is_none_or(|kind| of.kind == kind)
        };
        let expected: Vec<_> = rows.iter().filter(fits).cloned().collect();
        let found = all(|page| store.page_notifications(filter.clone(), page), 6).await;
        assert_eq!(found, expected, "{filter:?}");
    }
}

pub(super) async fn jobs_and_exchanges_are_listed_as_they_stand(store: &Arc<dyn Store>) {
    made::make(store).await;
    let books = naive::books(store).await;
    let mut expected: Vec<_> = books
        .iter()
        .flat_map(|book| book.trail.jobs.clone())
        .collect();
    expected.sort_by_key(|job| {
        let (subject, key) = (&job.key.subject, &job.key);
        let owner = subject.owner.name().into_owned();
        (job.due_at, owner, subject.no, key.kind.as_str(), key.about)
    });
    let found = all(|page| store.list_jobs(JobFilter::default(), page), 4).await;
    let jobs: Vec<_> = found.iter().map(|row| row.job.clone()).collect();
    assert_eq!(jobs, expected);
    let held: Vec<_> = found
        .iter()
        .filter(|row| row.held_by.is_some())
        .cloned()
        .collect();
    let node = held
        .first()
        .and_then(|row| row.held_by)
        .expect("somebody's");
    for (holder, count) in [
        (Holder::AnyNode, 3),
        (Holder::Node(node), 3),
        (Holder::Node(node + 1), 0),
        (Holder::Nobody, found.len() - 3),
    ] {
        let filter = JobFilter {
            held_by: Some(holder),
            ..JobFilter::default()
        };
        let listed = all(|page| store.list_jobs(filter.clone(), page), 50).await;
        assert_eq!(listed.len(), count, "{holder:?}");
    }
    let mut dice = Dice::new(3);
    let subjects: Vec<_> = jobs.iter().map(|job| job.key.subject.clone()).collect();
    let instants: Vec<_> = jobs.iter().map(|job| job.due_at).collect();
    for _ in 0..FILTERS {
        let filter = JobFilter {
            kinds: (0..dice.throw(3))
                .map(|_| *dice.of(&JobKind::ALL))
                .collect(),
            due: Span {
                from: perhaps(&mut dice, &instants),
                until: perhaps(&mut dice, &instants),
            },
            held_by: None,
            subject: perhaps(&mut dice, &subjects),
            merchant_id: perhaps(&mut dice, &["m-0".into(), "m-1".into()]),
        };
        let fits = |row: &&crate::lists::JobRow| {
            let (job, subject) = (&row.job, &row.job.key.subject);
            (filter.kinds.is_empty() || filter.kinds.contains(&job.key.kind))
                && filter.due.from.is_none_or(|from| job.due_at >= from)
                && filter.due.until.is_none_or(|until| job.due_at < until)
                && filter.subject.as_ref().is_none_or(|of| subject == of)
                && filter
                    .merchant_id
                    .as_ref()
                    .is_none_or(|id| subject.owner.merchant() == Some(id))
        };
        let expected: Vec<_> = found.iter().filter(fits).cloned().collect();
        let listed = all(|page| store.list_jobs(filter.clone(), page), 3).await;
        assert_eq!(listed, expected, "{filter:?}");
    }
    exchanges(store, &mut dice).await;
}

async fn exchanges(store: &Arc<dyn Store>, dice: &mut Dice) {
    let rows = all(
        |page| store.list_exchanges(ExchangeFilter::default(), page),
        9,
    )
    .await;
    assert!(
        rows.is_sorted_by(|a, b| a.exchange_no > b.exchange_no),
        "newest first, each once"
    );
    assert_eq!(rows.len(), 200, "two for each order");
    for row in &rows {
        let (request, answer) = store
            .find_exchange(row.exchange_no)
            .await
            .expect("read")
            .expect("known");
        assert_eq!(
            (row.at, &row.path, &row.peer),
            (request.at, &request.path, &request.peer)
        );
        let outcome = row.answer.as_ref().map(|answer| answer.outcome.clone());
        assert_eq!(outcome, answer.map(|answer| answer.outcome));
        let app = row.app_id.as_ref().map(|app| app.as_str());
        let merchant = match (row.dialect_id.as_str(), app) {
            ("fufu", Some("app-0" | "app-x")) => Some("m-0"),
            ("fufu", Some("app-1")) | ("leshua", Some("app-x")) => Some("m-1"),
            _ => None,
        };
        assert_eq!(row.merchant_id.as_ref().map(|id| id.as_str()), merchant);
    }
    let orders: Vec<_> = rows.iter().filter_map(|row| row.order_no).collect();
    let numbers: Vec<_> = rows.iter().map(|row| row.exchange_no).collect();
    let outcomes = [
        OutcomeFilter::Is("ok".to_owned()),
        OutcomeFilter::Is("SIGN_ERROR".to_owned()),
        OutcomeFilter::Refused,
        OutcomeFilter::Unanswered,
    ];
    for _ in 0..FILTERS {
        let filter = ExchangeFilter {
            exchange_no: (dice.throw(8) == 0).then(|| *dice.of(&numbers)),
            came: span(dice),
            merchant_id: perhaps(dice, &["m-0".into(), "m-1".into()]),
            dialect_id: perhaps(dice, &["fufu".into(), "leshua".into()]),
            app_id: perhaps(dice, &["app-0".into(), "app-x".into()]),
            order_no: (dice.throw(8) == 0).then(|| *dice.of(&orders)),
            outcome: perhaps(dice, &outcomes),
        };
        let fits = |row: &&crate::lists::ExchangeRow| {
            let word = row.answer.as_ref().map(|answer| answer.outcome.as_str());
            let is_outcome = match &filter.outcome {
                None => true,
                Some(OutcomeFilter::Is(wanted)) => word == Some(wanted),
                Some(OutcomeFilter::Refused) => word == Some("SIGN_ERROR"),
                Some(OutcomeFilter::Unanswered) => word.is_none(),
            };
            is_outcome
                && filter
                    .exchange_no
                    .is_none_or(|number| row.exchange_no == number)
                && naive::is_within(filter.came, row.exchange_no)
                && (filter.merchant_id.is_none() || filter.merchant_id == row.merchant_id)
                && filter
                    .dialect_id
                    .as_ref()
                    .is_none_or(|id| row.dialect_id == *id)
                && (filter.app_id.is_none() || filter.app_id == row.app_id)
                && (filter.order_no.is_none() || filter.order_no == row.order_no)
        };
        let expected: Vec<_> = rows.iter().filter(fits).cloned().collect();
        let listed = all(|page| store.list_exchanges(filter.clone(), page), 8).await;
        assert_eq!(listed, expected, "{filter:?}");
    }
}

/// Sums of a kind of entries in all books.
fn sums(books: &[heliu_trade::invariant::OrderBook], from: Timestamp, until: Timestamp) -> Sums {
    let entries = books.iter().flat_map(|book| &book.trail.entries);
    let mut sums = Sums::default();
    for entry in entries.filter(|entry| (from..until).contains(&entry.at)) {
        let moved = entry.lines.iter().map(|line| line.amount_fen.max(0)).sum();
        sums.add(entry.kind, 1, moved);
    }
    sums
}

fn plus(left: &Sums, right: &Sums) -> Sums {
    Sums {
        payment_count: left.payment_count + right.payment_count,
        taken_fen: left.taken_fen + right.taken_fen,
        fee_charged_fen: left.fee_charged_fen + right.fee_charged_fen,
        refund_count: left.refund_count + right.refund_count,
        refunded_fen: left.refunded_fen + right.refunded_fen,
        reversal_count: left.reversal_count + right.reversal_count,
        reversed_fen: left.reversed_fen + right.reversed_fen,
        fee_returned_fen: left.fee_returned_fen + right.fee_returned_fen,
        surplus_received_fen: left.surplus_received_fen + right.surplus_received_fen,
        surplus_returned_fen: left.surplus_returned_fen + right.surplus_returned_fen,
    }
}

pub(super) async fn a_report_is_equal_to_the_journal_and_to_the_orders(store: &Arc<dyn Store>) {
    made::make(store).await;
    let books = naive::books(store).await;
    let (early, late) = (START.plus_ms(-LATE_MS), START.plus_ms(LATE_MS));
    for (from, until) in [
        (early, late.plus_ms(1)),
        (START, START.plus_ms(1_001)),
        (START, START.plus_ms(1_000)),
        (START.plus_ms(1_001), late),
        (late, late.plus_ms(1)),
        (late, late),
    ] {
        let rows = store.report_day(from, until).await.expect("read");
        let places: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    &row.merchant_id,
                    row.wallet.map(WalletKind::as_str),
                    &row.channel_account_id,
                )
            })
            .collect();
        assert!(places.is_sorted_by(|a, b| a < b), "each once: {places:?}");
        let sum = rows
            .iter()
            .fold(Sums::default(), |sum, row| plus(&sum, &row.sums));
        assert_eq!(
            sum,
            sums(&books, from, until),
            "from {from:?} until {until:?}"
        );
        for row in &rows {
            let is_its = |book: &&heliu_trade::invariant::OrderBook| {
                let order = naive::order_row(book);
                order.merchant_id == row.merchant_id
                    && order.wallet == row.wallet
                    && order.channel_account_id == row.channel_account_id
            };
            let its: Vec<_> = books.iter().filter(is_its).cloned().collect();
            assert_eq!(row.sums, sums(&its, from, until), "{row:?}");
        }
    }
    // What orders say of themselves.
    let rows = store
        .report_day(early, late.plus_ms(1))
        .await
        .expect("read");
    let sum = rows
        .iter()
        .fold(Sums::default(), |sum, row| plus(&sum, &row.sums));
    let paid = books
        .iter()
        .filter(|book| book.order.state == OrderState::Paid);
    let payments: Vec<_> = paid
        .filter_map(|book| book.order.payment.as_ref())
        .collect();
    assert!(payments.len() > 20, "payments: {}", payments.len());
    assert_eq!(
        sum.payment_count,
        u64::try_from(payments.len()).expect("few")
    );
    assert_eq!(
        sum.taken_fen,
        payments
            .iter()
            .map(|of| of.evidence.receivable_fen())
            .sum::<i64>()
    );
    assert_eq!(
        sum.fee_charged_fen,
        payments.iter().map(|of| of.fee_fen).sum::<i64>()
    );
    let refunded = books.iter().map(|book| book.order.refunded.receivable_fen);
    assert_eq!(sum.refunded_fen, refunded.sum::<i64>());
    let returned = books.iter().map(|book| book.order.fee_returned_fen);
    assert_eq!(sum.fee_returned_fen, returned.sum::<i64>());
    let kinds = books
        .iter()
        .flat_map(|book| &book.trail.entries)
        .map(|entry| entry.kind);
    assert!(
        kinds.into_iter().any(|kind| kind == EntryKind::RefundPaid),
        "refunds are among them"
    );
}

pub(super) async fn the_directory_is_listed_by_page(store: &Arc<dyn Store>) {
    made::make(store).await;
    let every = store.list_merchants().await.expect("read");
    assert_eq!(
        all(
            |page| store.page_merchants(MerchantFilter::default(), page),
            1
        )
        .await,
        every
    );
    let of =
        |state, agent: Option<usize>, account: Option<&str>, text: Option<&str>| MerchantFilter {
            state,
            agent: agent.and_then(|index| agents().get(index).cloned()),
            channel_account_id: account.map(Into::into),
            text: text.map(str::to_owned),
        };
    for (filter, expected) in [
        (
            of(Some(MerchantState::Pending), None, None, None),
            &["m-1"][..],
        ),
        (of(None, Some(0), None, None), &["m-0"]),
        (of(None, Some(2), None, None), &["m-1"]),
        (of(None, Some(3), None, None), &[]),
        (of(None, None, Some("an_account"), None), &["m-0", "m-1"]),
        (of(None, None, Some("other"), None), &[]),
        (of(None, None, None, Some("m-")), &["m-0", "m-1"]),
        (of(None, None, None, Some("店")), &["m-0"]),
        (of(None, None, None, Some("100%")), &["m-1"]),
        (of(None, None, None, Some("%")), &["m-1"]),
        (of(None, None, None, Some("app-1")), &["m-1"]),
        (of(None, None, None, Some("big")), &[]),
        (of(None, None, None, Some("")), &["m-0", "m-1"]),
    ] {
        let found = all(|page| store.page_merchants(filter.clone(), page), 1).await;
        let ids: Vec<_> = found
            .iter()
            .map(|of| of.merchant.merchant_id.as_str())
            .collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
    let every = store.list_agents().await.expect("read");
    assert_eq!(
        all(|page| store.page_agents(AgentFilter::default(), page), 2).await,
        every
    );
    for (dialect, text, count) in [
        (Some("fufu"), None, 2),
        (None, Some("10"), 2),
        (None, Some("lev"), 1),
        (Some("x"), None, 0),
    ] {
        let filter = AgentFilter {
            dialect_id: dialect.map(Into::into),
            text: text.map(str::to_owned),
        };
        let found = all(|page| store.page_agents(filter.clone(), page), 1).await;
        assert_eq!(found.len(), count, "{filter:?}");
    }
    let every = store.list_channel_accounts().await.expect("read");
    let found = all(
        |page| store.page_channel_accounts(AccountFilter::default(), page),
        2,
    )
    .await;
    assert_eq!(found, every);
    for (channel, text, count) in [
        (Some("two"), None, 2),
        (None, Some("acc"), 2),
        (Some("two"), Some("acc"), 1),
    ] {
        let filter = AccountFilter {
            channel_id: channel.map(Into::into),
            text: text.map(str::to_owned),
        };
        let found = all(|page| store.page_channel_accounts(filter.clone(), page), 1).await;
        assert_eq!(found.len(), count, "{filter:?}");
    }
}
