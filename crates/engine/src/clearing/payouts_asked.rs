//! 打款查询: an agent asks what became of its merchants' money. Of other agents' merchants it hears
//! as of merchants that are not there.

use heliu_ports::store::RecordFilter;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::command::Reply;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{AppId, PlatformNo};
use heliu_trade::payout::{BillId, Payout, PayoutState};
use heliu_trade::payout_view::{PayoutClass, PayoutPage, PayoutStanding, PayoutView, PayoutsAsked};
use heliu_trade::record::{Record, RecordKind};
use heliu_trade::time::{SECOND_MS, Timestamp};

use super::bill_view::{standing_of, view};
use super::subtree::Subtree;
use crate::Inner;
use crate::common::directory::{AgentProfile, books_unavailable};

/// Records that are looked through at once for failed bills.
const LOOK_COUNT: u32 = 500;

/// One bill, by its number and the classes that it may have.
pub(crate) async fn find(
    inner: &Inner,
    agent: &AgentProfile,
    bill_id: &str,
    classes: &[PayoutClass],
) -> Result<Reply, TradeError> {
    let Ok(bill_id) = bill_id.parse::<BillId>() else {
        return Err(no_payout());
    };
    let found = inner
        .store
        .find_numbered_record(RecordKind::Payout, bill_id.payout_no())
        .await
        .map_err(books_unavailable)?;
    let payout = read(&found.ok_or_else(no_payout)?)?;
    let subtree = subtree(inner, agent).await?;
    let app_id = app_of(inner, &subtree, &payout).await?;
    let view = app_id.and_then(|app_id| view(&payout, &app_id));
    let view = view.filter(|view| classes.contains(&view.class));
    Ok(Reply::Payout(Box::new(view.ok_or_else(no_payout)?)))
}

/// A page of bills, by their numbers.
pub(crate) async fn list(
    inner: &Inner,
    agent: &AgentProfile,
    asked: &PayoutsAsked,
) -> Result<Reply, TradeError> {
    let subtree = subtree(inner, agent).await?;
    if asked.top_level_only && !subtree.is_whole() {
        let message = "only an agent without one above it may ask this; ask the one above";
        return Err(TradeError::new(ErrorCode::SignerNotAllowed, message));
    }
    let mut found = match &asked.app_id {
        Some(app_id) => of_merchant(inner, agent, &subtree, app_id, asked).await?,
        None => of_all(inner, &subtree, asked).await?,
    };
    found.retain(|view| {
        asked.classes.contains(&view.class)
            && asked.standing.is_none_or(|wanted| view.standing == wanted)
    });
    found.sort_by(|one, other| one.bill_id.cmp(&other.bill_id));
    Ok(Reply::Payouts(PayoutPage::of(found, asked)))
}

async fn of_merchant(
    inner: &Inner,
    agent: &AgentProfile,
    subtree: &Subtree,
    app_id: &AppId,
    asked: &PayoutsAsked,
) -> Result<Vec<PayoutView>, TradeError> {
    let profile = inner.find_app(&agent.dialect, app_id).await;
    let profile = profile.map_err(books_unavailable)?;
    let profile = profile.filter(|profile| subtree.has(&profile.app));
    let profile = profile.ok_or_else(|| {
        let message = format!("no merchant {app_id} is registered under this agent");
        TradeError::new(ErrorCode::UnknownMerchant, message)
    })?;
    let owner = Owner::Merchant(profile.app.merchant_id.clone());
    let mark = Payout::mark_of_day(&owner, asked.created_on);
    let records = inner.store.marked_records(RecordKind::Payout, mark).await;
    let records = records.map_err(books_unavailable)?;
    let views = records
        .iter()
        .map(|record| Ok(view(&read(record)?, app_id)));
    let views: Result<Vec<_>, TradeError> = views.collect();
    Ok(views?.into_iter().flatten().collect())
}

/// Those of the day in one standing, whosever they are; only bills that failed are asked for so,
/// and there are few.
async fn of_all(
    inner: &Inner,
    subtree: &Subtree,
    asked: &PayoutsAsked,
) -> Result<Vec<PayoutView>, TradeError> {
    let day = asked.created_on;
    let mut found = Vec::new();
    for state in states_of(asked.standing) {
        let mut below = Some(first_after(day.end()));
        while let Some(number) = below {
            let filter = RecordFilter {
                kind: RecordKind::Payout,
                state: Some(state.as_str().to_owned()),
                below: Some(number),
                limit: LOOK_COUNT,
            };
            let records = inner.store.list_records(filter).await;
            let records = records.map_err(books_unavailable)?;
            below = records.last().map(|record| record.subject.no);
            for record in records {
                if record.created_at < day.start() {
                    below = None;
                    break;
                }
                let payout = read(&record)?;
                if BusinessDate::of(payout.created_at) != day {
                    continue;
                }
                let app_id = app_of(inner, subtree, &payout).await?;
                found.extend(app_id.and_then(|app_id| view(&payout, &app_id)));
            }
        }
    }
    Ok(found)
}

/// Bills, voided ones too, that were made from one instant up to another, by their numbers.
pub(crate) async fn made_between(
    inner: &Inner,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Payout>, TradeError> {
    let mut found = Vec::new();
    let mut below = Some(first_after(until));
    while let Some(number) = below {
        let filter = RecordFilter {
            kind: RecordKind::Payout,
            state: None,
            below: Some(number),
            limit: LOOK_COUNT,
        };
        let records = inner.store.list_records(filter).await;
        let records = records.map_err(books_unavailable)?;
        below = records
            .last()
            .filter(|record| record.created_at >= from)
            .map(|record| record.subject.no);
        for record in &records {
            if (from..until).contains(&record.created_at) {
                found.push(read(record)?);
            }
        }
    }
    found.sort_by_key(|payout| payout.payout_no);
    Ok(found)
}

/// The first number that no bill made before this instant has.
fn first_after(until: Timestamp) -> PlatformNo {
    let seconds = until.since_ms(PlatformNo::instant_of(0)).max(0) / SECOND_MS;
    // A number is given before its bill is written: a minute is more than any step takes.
    PlatformNo::first_of(seconds.unsigned_abs().saturating_add(60))
}

fn states_of(standing: Option<PayoutStanding>) -> Vec<PayoutState> {
    let states = PayoutState::ALL.into_iter();
    states
        .filter(|state| {
            let found = standing_of(*state);
            found.is_some() && (standing.is_none() || found == standing)
        })
        .collect()
}

async fn subtree(inner: &Inner, agent: &AgentProfile) -> Result<Subtree, TradeError> {
    let subtree = Subtree::of(&*inner.store, &agent.agent).await;
    subtree.map_err(books_unavailable)
}

/// Under which number the agent knows the owner of a bill; `None`: not at all.
async fn app_of(
    inner: &Inner,
    subtree: &Subtree,
    payout: &Payout,
) -> Result<Option<AppId>, TradeError> {
    let Owner::Merchant(merchant_id) = &payout.owner else {
        return Ok(None);
    };
    let enrolment = inner.store.find_merchant(merchant_id).await;
    let enrolment = enrolment.map_err(books_unavailable)?;
    let app = enrolment.as_ref().and_then(|it| subtree.app_of(it));
    Ok(app.map(|app| app.app_id.clone()))
}

fn read(record: &Record) -> Result<Payout, TradeError> {
    record.read().map_err(|cause| {
        tracing::error!(%cause, "a bill cannot be read");
        TradeError::advised(ErrorCode::Internal, "a fault on our side")
    })
}

fn no_payout() -> TradeError {
    let message = "there is no such bill of a merchant under this agent";
    TradeError::new(ErrorCode::PayoutNotFound, message)
}
