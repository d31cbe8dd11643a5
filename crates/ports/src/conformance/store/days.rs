//! Business dates: what is closed stays as it was closed.

use std::sync::Arc;

use futures::future::join_all;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{AttemptNo, NotificationNo, OrderNo, PartyId};
use heliu_trade::ledger::Account;
use heliu_trade::person::{Person, Role};
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::step::{Action, Target};
use heliu_trade::sweep;
use heliu_trade::time::{SECOND_MS, Timestamp};
use heliu_trade::verdict::Verdict;

use super::steps::{START, Till, evidence};
use crate::journal::{Balance, JournalFilter};
use crate::store::{
    AuditHead, DayBalance, DayBalances, DirectoryChange, RecordCommit, Store, Totals,
};

fn today() -> BusinessDate {
    BusinessDate::of(START)
}

/// Pays an order of 100 fen at an instant.
async fn paid_at(till: &Till, number: &str, now: Timestamp) -> OrderNo {
    let order_no = till.order(number, 100).await;
    let action = Action::RecordVerdict {
        attempt_no: AttemptNo(order_no.0),
        verdict: Verdict::Paid(evidence(order_no, 100)),
        notification_no: NotificationNo(till.number()),
    };
    let paid = till.commit(Target::Order(order_no), now, action).await;
    paid.expect("a payment is recorded");
    order_no
}

/// When the entries of an order were booked.
async fn booked_at(till: &Till, order_no: OrderNo) -> Vec<Timestamp> {
    let trail = till.store.trail(&till.subject(order_no)).await;
    let entries = trail.expect("read").entries;
    assert!(!entries.is_empty(), "a payment has entries");
    entries.into_iter().map(|entry| entry.at).collect()
}

async fn all_of(store: &Arc<dyn Store>, date: BusinessDate, limit: u32) -> Vec<DayBalance> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let asked = DayBalances {
            date,
            only_shares: false,
            after,
            limit,
        };
        let page = store.day_balances(asked).await.expect("read");
        let Some(last) = page.last() else {
            return all;
        };
        after = Some((last.owner.clone(), last.account.clone()));
        all.extend(page);
    }
}

pub(super) async fn what_comes_late_is_of_the_first_open_date(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let date = today();
    assert_eq!(store.closed_through().await, Ok(None));
    assert_eq!(store.first_booked().await, Ok(None));
    let in_time = paid_at(&till, "in time", START).await;
    assert_eq!(store.first_booked().await, Ok(Some(START)));

    let person = Person {
        name: "li".to_owned(),
        role: Role::Admin,
        is_enabled: true,
        created_at: START,
    };
    let act = NewAudit {
        audit_id: "act".to_owned(),
        at: START,
        actor: "li".to_owned(),
        system_user: "root".to_owned(),
        action: "people.add".to_owned(),
        subject: "person li".to_owned(),
        before: None,
        after: None,
    };
    let written = store.change_directory_audited(DirectoryChange::PutPerson(person), Some(act));
    written.await.expect("written");
    let last = store.audit_chain(0, 10).await.expect("read").remove(0);

    let closed_at = date.end().plus_ms(300 * SECOND_MS);
    let closed = store.close_date(date, closed_at).await.expect("closed");
    assert_eq!((closed.date, closed.closed_at), (date, closed_at));
    let head = AuditHead {
        seq: last.seq,
        hash: last.hash,
    };
    assert_eq!(closed.audit, head, "the record's end is kept with it");
    assert_eq!(store.closed_through().await, Ok(Some(date)));

    let late = paid_at(&till, "late", date.end().plus_ms(-1)).await;
    assert!(
        booked_at(&till, late)
            .await
            .iter()
            .all(|at| *at == date.end())
    );
    assert!(
        booked_at(&till, in_time)
            .await
            .iter()
            .all(|at| *at == START)
    );
    let next = date.end().plus_ms(7);
    let open = paid_at(&till, "open", next).await;
    assert!(booked_at(&till, open).await.iter().all(|at| *at == next));

    let again = store.close_date(date, closed_at.plus_ms(1)).await;
    assert_eq!(again.as_ref(), Ok(&closed), "it stays as it was closed");
    assert_eq!(store.closed_date(date).await, Ok(Some(closed)));
    assert_eq!(store.closed_date(date.next()).await, Ok(None));
}

/// Payments of the last instant, and the close: each is either of this date, and was on disk when
/// it was closed, or of the next one.
pub(super) async fn of_payments_at_the_close_each_is_of_one_date(store: &Arc<dyn Store>) {
    let date = today();
    let last = date.end().plus_ms(-100);
    let tills: Vec<Till> = (1..=8).map(|index| Till::new(store, index)).collect();
    let paying = tills.iter().flat_map(|till| {
        (0..6).map(move |index| async move { paid_at(till, &format!("n-{index}"), last).await })
    });
    let closing = async {
        store.close_date(date, date.end()).await.expect("closed");
        store.roll_up(date).await.expect("rolled up")
    };
    let (orders, rolled) = futures::join!(join_all(paying), closing);
    assert_eq!(orders.len(), 48);
    let proof = store.prove_day(date).await.expect("read");
    assert_eq!(proof.booked.lines, rolled.lines, "nothing came behind");
    assert_eq!(proof.booked, proof.rolled);
    assert_eq!(proof.sum_fen, 0);
}

pub(super) async fn what_is_rolled_up_is_what_was_booked(store: &Arc<dyn Store>) {
    let date = today();
    let tills: Vec<Till> = (1..=3).map(|index| Till::new(store, index)).collect();
    for till in &tills {
        paid_at(till, "first", START).await;
        paid_at(till, "second", date.end().plus_ms(-1)).await;
        // Long before its number, so that it is found by another way.
        paid_at(till, "third", START.plus_ms(-3600 * SECOND_MS)).await;
        paid_at(till, "next day", date.end().plus_ms(1)).await;
    }
    let whole = |till: &Till| JournalFilter::whole(Owner::Merchant(till.merchant.clone()));
    let of_date = |till: &Till| JournalFilter {
        from: Some(date.start()),
        until: Some(date.end()),
        ..whole(till)
    };
    let mut before = Vec::new();
    for till in &tills {
        for filter in [whole(till), of_date(till)] {
            before.push(store.balances(filter).await.expect("read"));
        }
    }
    store.close_date(date, date.end()).await.expect("closed");
    let rolled = store.roll_up(date).await.expect("rolled up");
    let all = all_of(store, date, 100).await;
    assert_eq!(rolled.accounts, all.len() as u64);
    assert_eq!(
        rolled.lines,
        all.iter().map(|balance| balance.lines).sum::<u64>()
    );
    for (till, both) in tills.iter().zip(before.chunks(2)) {
        let owner = Owner::Merchant(till.merchant.clone());
        let its: Vec<Balance> = all
            .iter()
            .filter(|balance| balance.owner == owner)
            .map(|balance| Balance {
                account: balance.account.clone(),
                debit_fen: balance.debit_fen,
                credit_fen: balance.credit_fen,
                balance_fen: balance.debit_fen - balance.credit_fen,
            })
            .collect();
        assert_eq!(its, both[1], "{owner}");
        for (filter, expected) in [(whole(till), &both[0]), (of_date(till), &both[1])] {
            let now = store.balances(filter).await.expect("read");
            assert_eq!(&now, expected, "what is shown does not change by it");
        }
    }
    assert_eq!(all_of(store, date, 1).await, all, "page by page");
    assert_eq!(store.roll_up(date).await, Ok(rolled), "again");
    assert_eq!(all_of(store, date, 100).await, all);
    let proof = store.prove_day(date).await.expect("read");
    let debit_fen = all.iter().map(|balance| balance.debit_fen).sum();
    let lines = rolled.lines;
    assert_eq!(proof.rolled, Totals { lines, debit_fen });
    assert_eq!((proof.booked, proof.sum_fen), (proof.rolled, 0));

    // The next date has the rest, and nothing twice.
    let next = date.next();
    store.close_date(next, next.end()).await.expect("closed");
    store.roll_up(next).await.expect("rolled up");
    let proof = store.prove_day(next).await.expect("read");
    assert_eq!(proof.booked, proof.rolled);
    assert_eq!(proof.booked.lines * 3, lines, "one payment each, of four");
}

pub(super) async fn a_share_is_swept_once_and_nothing_stays_on_the_bridge(store: &Arc<dyn Store>) {
    let date = today();
    let till = Till::new(store, 1);
    let party_id = PartyId::from("east");
    let commit = |amount_fen| RecordCommit {
        step: RecordStep {
            wants: vec![sweep::Sweep::want(date, &till.merchant, &party_id)],
            now: START,
            action: RecordAction::Sweep(sweep::Action {
                numbers: (till.number(), till.number()),
                date,
                merchant_id: till.merchant.clone(),
                party_id: party_id.clone(),
                amount_fen,
            }),
        },
        directory: Vec::new(),
        audit: None,
    };
    for _ in 0..2 {
        store.commit_records(commit(7)).await.expect("swept");
    }
    let other = store.commit_records(commit(8)).await;
    assert!(other.is_err(), "another amount of the same date is refused");
    for (owner, account, balance_fen) in [
        (Owner::Agent(party_id.clone()), Account::AgentBalance, -7),
        (
            Owner::Merchant(till.merchant.clone()),
            Account::AgentAccrued(party_id.clone()),
            7,
        ),
    ] {
        let found = store.balances(JournalFilter::whole(owner)).await;
        let found = found.expect("read").into_iter();
        let its: Vec<_> = found.filter(|found| found.account == account).collect();
        let balances: Vec<_> = its.iter().map(|found| found.balance_fen).collect();
        assert_eq!(balances, [balance_fen], "{account:?}");
    }
    let open = store.prove_day(date).await.expect("read");
    assert_eq!(open.bridge_fen, 0, "before it is rolled up");
    store.close_date(date, date.end()).await.expect("closed");
    store.roll_up(date).await.expect("rolled up");
    let proof = store.prove_day(date).await.expect("read");
    assert_eq!(proof.bridge_fen, 0, "and after");
    let asked = DayBalances {
        date,
        only_shares: true,
        after: None,
        limit: 10,
    };
    let shares = store.day_balances(asked).await.expect("read");
    let sums = |share: &DayBalance| (share.debit_fen, share.bridged_fen, share.earned_fen());
    let sums: Vec<_> = shares.iter().map(sums).collect();
    assert_eq!(sums, [(7, 7, 0)], "what was swept was not earned");
}
