//! 结算: settlements of each owner, from the entries of the date.
//!
//! First each entry becomes an item, then each settlement is summed and closed. A run that died in
//! between is taken up by the next one: what is an item stays one, and what is open is closed.

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use heliu_ports::store::{Booked, Gather, Waiting};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::{ItemFailure, StepDone};
use heliu_trade::followup::subject::Owner;
use heliu_trade::hold::Hold;
use heliu_trade::record::{Record, RecordKind, Want};
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::settlement::{Action, Settlement, SettlementKey, SettlementState, Window};
use heliu_trade::settlement_terms::Cycle;

use super::super::context::{Context, StepError};
use crate::Inner;
use crate::clearing::found::read;
use crate::clearing::owing::holds_of;
use crate::clearing::terms::terms_of;

/// Owners that are read at once.
const PAGE: u32 = 500;
/// Owners under way at the same time.
const AT_ONCE: usize = 8;
/// Entries that become items in one transaction, about.
const ITEMS: u32 = 20_000;
/// For so many days before the date entries are looked for that were not visible in time.
const LOOK_BACK_DAYS: i64 = 1;
/// Settlements of an owner that are open at once: one, unless a run died.
const OPEN_MAX: u32 = 100;

pub(super) async fn run(context: &Context<'_>, date: BusinessDate) -> Result<StepDone, StepError> {
    let (inner, mut done) = (context.inner, StepDone::default());
    let booked = stretch(date);
    let mut after = None;
    loop {
        let page = inner.store.owners_to_settle(booked, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        let work = |owner: Owner| (owner.clone(), gather(inner, owner, date).boxed());
        all(page.into_iter().map(work).collect(), &mut done).await?;
    }
    let mut after = None;
    loop {
        let page = inner.store.owners_waiting(open(), after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        // What belongs to an hour of a date is closed by who settles the hours.
        let is_ours = |key: &SettlementKey| !key.is_of_window();
        let work = |owner: Owner| (owner.clone(), close(inner, owner, is_ours).boxed());
        done.done += all(page.into_iter().map(work).collect(), &mut done).await?;
        context.advance(done.done, 0);
    }
    done.message = format!("{} settlements are closed", done.done);
    Ok(done)
}

pub(in super::super) const fn open() -> Waiting {
    Waiting {
        kind: RecordKind::Settlement,
        state: SettlementState::Open.as_str(),
    }
}

/// When what a settlement of a date gathers was booked.
fn stretch(date: BusinessDate) -> Booked {
    Booked {
        from: date.plus_days(-LOOK_BACK_DAYS).start(),
        until: date.end(),
    }
}

/// Makes entries of one owner that has its money on the same day items of an hour's settlement.
pub(in super::super) async fn gather_window(
    inner: &Inner,
    owner: &Owner,
    (date, window): (BusinessDate, Window),
) -> Result<u64, StepError> {
    let key = SettlementKey {
        owner: owner.clone(),
        trade_date: date,
        cycle: Cycle::D0,
        window: window.number(),
    };
    let record = open_anew(inner, &key).await?;
    if record.state == SettlementState::Open.as_str() {
        return gather_all(inner, &record, booked_by(&key)).await;
    }
    // What came to light since is left to the next hour.
    Ok(0)
}

/// Sums and closes what the hours of a date have open of an owner; how many.
pub(in super::super) async fn close_windows(
    inner: &Inner,
    owner: &Owner,
    date: BusinessDate,
) -> Result<u64, StepError> {
    let is_ours = |key: &SettlementKey| key.is_of_window() && key.trade_date == date;
    close(inner, owner.clone(), is_ours).await
}

/// When what a settlement gathers was booked: of an hour on the date itself, up to its end.
fn booked_by(key: &SettlementKey) -> Booked {
    let date = key.trade_date;
    match Window::numbered(date, key.window).filter(|_| key.is_of_window()) {
        Some(window) => Booked {
            from: date.start(),
            until: window.end(),
        },
        None => stretch(date),
    }
}

/// Does what is done for each owner, a few at a time; the sum of what it counted. One that fails
/// stops no other.
async fn all(
    working: Vec<(Owner, BoxFuture<'_, Result<u64, StepError>>)>,
    done: &mut StepDone,
) -> Result<u64, StepError> {
    let working = working.into_iter();
    let working = working.map(|(owner, work)| work.map(move |result| (owner, result)).boxed());
    let mut results = stream::iter(working.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
    let mut sum = 0;
    while let Some((owner, result)) = results.next().await {
        match result {
            Ok(count) => sum += count,
            Err(StepError::Away(why)) => return Err(StepError::Away(why)),
            Err(StepError::Failed(why)) => done.failed.push(ItemFailure {
                what: owner.to_string(),
                why,
            }),
        }
    }
    Ok(sum)
}

/// Makes an owner's entries items of a settlement that is open.
async fn gather(inner: &Inner, owner: Owner, date: BusinessDate) -> Result<u64, StepError> {
    let terms = terms_of(inner, &owner, date).await?;
    let mut key = SettlementKey {
        owner,
        trade_date: date,
        cycle: terms.cycle,
        window: match terms.cycle {
            Cycle::D0 => Window::LATER,
            Cycle::D1 | Cycle::T1 | Cycle::Manual => 0,
        },
    };
    loop {
        let record = open_anew(inner, &key).await?;
        if record.state == SettlementState::Open.as_str() {
            return gather_all(inner, &record, booked_by(&key)).await;
        }
        // One of the date is closed, and more came to light.
        key.window += 1;
    }
}

/// The settlement of a key, which is made if there is none.
async fn open_anew(inner: &Inner, key: &SettlementKey) -> Result<Record, StepError> {
    let new = Settlement::open(inner.mint_record_no(), key.clone());
    take(inner, vec![key.want()], Action::Open(Box::new(new))).await
}

async fn gather_all(inner: &Inner, record: &Record, booked: Booked) -> Result<u64, StepError> {
    let (mut items, mut after) = (0, None);
    loop {
        let gather = Gather {
            settlement: record.subject.clone(),
            booked,
            after,
            limit: ITEMS,
        };
        let gathered = inner.store.gather_items(gather).await?;
        items += gathered.items;
        after = gathered.next;
        if after.is_none() {
            return Ok(items);
        }
    }
}

/// Sums and closes what is open of an owner's, of these; how many.
async fn close(
    inner: &Inner,
    owner: Owner,
    is_ours: impl Fn(&SettlementKey) -> bool + Send,
) -> Result<u64, StepError> {
    let records = inner
        .store
        .waiting_records(open(), owner.clone(), OPEN_MAX)
        .await?;
    let mut count = 0;
    for record in records {
        let settlement: Settlement = read(&record)?;
        let key = &settlement.key;
        if !is_ours(key) {
            continue;
        }
        // A run that died may have gathered a part.
        gather_all(inner, &record, booked_by(key)).await?;
        let mut wants = vec![Want::Numbered(record.kind, record.subject.clone())];
        if key.cycle == Cycle::Manual {
            let holds = holds_of(inner, &owner).await?;
            wants.extend(holds.iter().map(|hold| Hold::want(&owner, hold.hold_no)));
        }
        let sums = inner.store.sum_items(record.subject).await?;
        take(inner, wants, Action::Close(sums)).await?;
        count += 1;
    }
    Ok(count)
}

/// Takes a step of a settlement; the settlement afterwards.
async fn take(inner: &Inner, wants: Vec<Want>, action: Action) -> Result<Record, StepError> {
    let step = RecordStep {
        wants,
        now: inner.now(),
        action: RecordAction::Settlement(action),
    };
    let committed = inner.commit_records(step, Vec::new(), None).await?;
    let mut after = committed.after.into_iter().flatten();
    let settlement = after.find(|record| record.kind == RecordKind::Settlement);
    settlement.ok_or_else(|| StepError::Failed("a settlement was written and is not".to_owned()))
}
