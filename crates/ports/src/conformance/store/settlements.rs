//! Items of settlements, and whose records wait.

use std::sync::Arc;

use heliu_trade::attempt::Route;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::{NotificationNo, OrderNo, RefundNo};
use heliu_trade::record::{Record, RecordKind, Want};
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::settlement::{self, Settlement, SettlementKey, SettlementState, SettlementSums};
use heliu_trade::settlement_terms::Cycle;
use heliu_trade::step::{Action, Target};
use heliu_trade::time::{DAY_MS, Timestamp};
use heliu_trade::verdict::{RefundEvidence, RefundResult};

use super::steps::{START, Till, direct, route};
use crate::store::{Booked, Commit, Gather, RecordCommit, Store, Waiting};

/// The day of the suite, in which all is booked that is not late.
pub(super) fn day() -> Booked {
    let date = BusinessDate::of(START);
    Booked {
        from: date.start(),
        until: date.end(),
    }
}

pub(super) fn owner(till: &Till) -> Owner {
    Owner::Merchant(till.merchant.clone())
}

async fn take(till: &Till, want: Want, action: settlement::Action) -> Record {
    let step = RecordStep {
        wants: vec![want],
        now: START.plus_ms(DAY_MS),
        action: RecordAction::Settlement(action),
    };
    let commit = RecordCommit {
        step,
        directory: Vec::new(),
        audit: None,
    };
    let committed = till.store.commit_records(commit).await.expect("committed");
    let last = committed.after.into_iter().flatten().next_back();
    last.expect("a settlement")
}

/// Opens a settlement of the suite's day.
pub(super) async fn open(till: &Till, cycle: Cycle, window: u32) -> Subject {
    let key = SettlementKey {
        owner: owner(till),
        trade_date: BusinessDate::of(START),
        cycle,
        window,
    };
    let new = Settlement::open(till.number(), key.clone());
    let action = settlement::Action::Open(Box::new(new));
    take(till, key.want(), action).await.subject
}

pub(super) async fn close(till: &Till, settlement: &Subject, sums: SettlementSums) -> Settlement {
    let want = Want::Numbered(RecordKind::Settlement, settlement.clone());
    let record = take(till, want, settlement::Action::Close(sums)).await;
    record.read().expect("a settlement")
}

/// Gathers all of a stretch of time, a few at once; how many, and in how many goes.
pub(super) async fn gather(
    till: &Till,
    settlement: &Subject,
    booked: Booked,
    limit: u32,
) -> (u64, u32) {
    let (mut items, mut goes, mut after) = (0, 0, None);
    loop {
        let gather = Gather {
            settlement: settlement.clone(),
            booked,
            after,
            limit,
        };
        let gathered = till.store.gather_items(gather).await.expect("gathered");
        assert!(gathered.items <= 2 * u64::from(limit), "{gathered:?}");
        items += gathered.items;
        goes += 1;
        after = gathered.next;
        if after.is_none() {
            return (items, goes);
        }
    }
}

async fn owners(store: &Arc<dyn Store>, booked: Booked) -> Vec<Owner> {
    let (mut owners, mut after) = (Vec::new(), None);
    loop {
        let page = store.owners_to_settle(booked, after, 1).await;
        let page = page.expect("read");
        let Some(last) = page.last() else {
            return owners;
        };
        after = Some(last.clone());
        owners.extend(page);
    }
}

/// A paid order with which the channel has settled.
pub(super) async fn paid_directly(till: &Till, number: &str, amount_fen: i64) -> OrderNo {
    let order_no = OrderNo(till.number());
    let mut step = till.create_step(order_no, number, amount_fen);
    if let Action::CreateOrder(create) = &mut step.action {
        create.route = Some(Arc::new(Route {
            funds: direct(),
            ..route()
        }));
    }
    let commit = Commit {
        step,
        exchange: None,
        audit: None,
    };
    till.store.commit(commit).await.expect("created");
    till.pay(order_no, amount_fen).await.expect("paid");
    order_no
}

async fn refund(till: &Till, order_no: OrderNo, amount_fen: i64, at: Timestamp) {
    let number = format!("R{}", till.number());
    let asked = till.refund(order_no, &number, amount_fen).await;
    let asked = asked.expect("asked").after.refund.expect("a refund");
    let refund_no: RefundNo = asked.refund_no;
    let action = Action::RecordRefund {
        retry_count: 0,
        result: RefundResult::Succeeded(RefundEvidence {
            channel_refund_no: format!("C{refund_no}"),
            cash_fen: None,
            refunded_at: at,
        }),
        notification_no: NotificationNo(till.number()),
    };
    let target = Target::Refund(order_no, refund_no);
    till.commit(target, at, action).await.expect("refunded");
}

pub(super) async fn entries_become_items_of_one_settlement(store: &Arc<dyn Store>) {
    let (till, other) = (Till::new(store, 1), Till::new(store, 2));
    let mut orders = Vec::new();
    for number in ["a", "b", "c"] {
        orders.push(till.paid(number, 10_000).await);
    }
    refund(&till, orders[0], 5_000, START.plus_ms(3_000)).await;
    paid_directly(&till, "d", 70_000).await;
    other.paid("a", 500).await;
    paid_directly(&Till::new(store, 3), "a", 900).await;
    let day = day();
    assert_eq!(owners(store, day).await, [owner(&till), owner(&other)]);
    let early = Booked {
        until: START,
        ..day
    };
    assert_eq!(owners(store, early).await, []);

    let settlement = open(&till, Cycle::T1, 0).await;
    // Three payments with their fees, and a refund with the fee that it gives back.
    let (items, goes) = gather(&till, &settlement, day, 3).await;
    assert_eq!((items, goes > 2), (8, true));
    assert_eq!(gather(&till, &settlement, day, 3).await, (0, 1), "a repeat");
    let second = open(&till, Cycle::D0, 1).await;
    assert_eq!(gather(&till, &second, day, 100).await, (0, 1));
    assert_eq!(owners(store, day).await, [owner(&other)]);
    let expected = SettlementSums {
        items: 8,
        gross_fen: 30_000,
        fees_fen: 3 * 38 - 19,
        refunds_fen: 5_000,
        adjustments_fen: 0,
    };
    assert_eq!(store.sum_items(settlement).await, Ok(expected));
    assert_eq!(store.sum_items(second).await, Ok(SettlementSums::default()));
}

pub(super) async fn what_is_booked_long_after_its_number_is_found(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    let (first, second) = (till.paid("a", 10_000).await, till.paid("b", 8_000).await);
    let settlement = open(&till, Cycle::T1, 0).await;
    assert_eq!(gather(&till, &settlement, day(), 100).await.0, 4);
    let late = START.plus_ms(3 * DAY_MS);
    refund(&till, first, 4_000, late).await;
    refund(&till, second, 8_000, late).await;
    assert_eq!(owners(store, day()).await, []);
    let date = BusinessDate::of(late);
    let booked = Booked {
        from: date.start(),
        until: date.end(),
    };
    assert_eq!(owners(store, booked).await, [owner(&till)]);
    let next = open(&till, Cycle::T1, 1).await;
    assert_eq!(gather(&till, &next, booked, 2).await.0, 4);
    let sums = store.sum_items(next).await.expect("read");
    assert_eq!(
        (sums.refunds_fen, sums.net_fen()),
        (12_000, -12_000 + 15 + 30)
    );
}

pub(super) async fn a_balance_is_what_no_bill_pays(store: &Arc<dyn Store>) {
    let till = Till::new(store, 1);
    till.paid("a", 10_000).await;
    paid_directly(&till, "b", 5_000).await;
    let standing = async || {
        let standings = store.owner_standings(None, 10).await.expect("read");
        assert_eq!(standings.len(), 1);
        standings.into_iter().next().expect("one")
    };
    let ungathered = standing().await;
    assert_eq!(
        (ungathered.balance_fen, ungathered.unpaid_fen),
        (-9_962, -9_962)
    );
    let settlement = open(&till, Cycle::Manual, 0).await;
    gather(&till, &settlement, day(), 100).await;
    let sums = store.sum_items(settlement.clone()).await.expect("read");
    let closed = close(&till, &settlement, sums).await;
    assert_eq!(closed.state, SettlementState::PaidOut, "available at once");
    let paid = standing().await;
    assert_eq!((paid.balance_fen, paid.unpaid_fen), (0, 0));
    let behind = store.owner_standings(Some(owner(&till)), 10).await;
    assert_eq!(behind, Ok(Vec::new()));
}

pub(super) async fn those_who_wait_are_found_page_by_page(store: &Arc<dyn Store>) {
    let tills = [1, 2, 3].map(|index| Till::new(store, index));
    let mut subjects = Vec::new();
    for till in &tills {
        for window in [0, 1] {
            subjects.push(open(till, Cycle::D0, window).await);
        }
    }
    close(&tills[1], &subjects[2], SettlementSums::default()).await;
    let waiting = |state| Waiting {
        kind: RecordKind::Settlement,
        state,
    };
    let owners = async |state, after: Option<&Till>| {
        let found = store
            .owners_waiting(waiting(state), after.map(owner), 2)
            .await;
        found.expect("read")
    };
    let all: Vec<_> = tills.iter().map(owner).collect();
    assert_eq!(owners("open", None).await, all[..2]);
    assert_eq!(owners("open", Some(&tills[1])).await, all[2..]);
    assert_eq!(owners("closed", None).await, all[1..2]);
    let records = async |till: &Till, limit| {
        let found = store
            .waiting_records(waiting("open"), owner(till), limit)
            .await;
        let found = found.expect("read");
        found
            .into_iter()
            .map(|record| record.subject)
            .collect::<Vec<_>>()
    };
    assert_eq!(records(&tills[0], 10).await, subjects[..2]);
    assert_eq!(records(&tills[0], 1).await, subjects[..1]);
    assert_eq!(records(&tills[1], 10).await, subjects[3..4]);
}
