//! Tells the agent at the head of a merchant's tree how a bill ended: once, whatever it answers.

use heliu_ports::dialect::PayoutNotice;
use heliu_ports::store::{Enrolment, StoreError};
use heliu_ports::transport::{CallLimits, Purpose};
use heliu_trade::directory::{Agent, App};
use heliu_trade::followup::job::Job;
use heliu_trade::followup::subject::Owner;
use heliu_trade::parties::Tree;
use heliu_trade::payout::{Action, Payout};

use super::take;
use crate::Inner;
use crate::clearing::found::find;
use crate::clearing::payouts_asked::view;
use crate::common::handler::Unfinished;

/// To connect to an agent, and until its answer is given up, in ms.
const CONNECT_TIMEOUT_MS: i64 = 3_000;
const TIMEOUT_MS: i64 = 10_000;
/// Largest answer that is read, in bytes: nobody needs it.
const ANSWER_BYTES_MAX: usize = 4096;

/// The notice counts as sent before it is: one that is lost with the process is not sent again.
pub(crate) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let bill: Option<Payout> = find(inner, Payout::want(job.key.subject.clone())).await?;
    let Some(bill) = bill else {
        return Ok(());
    };
    let was_told = bill.told == Some(bill.state);
    take(inner, &bill, Vec::new(), Action::BeginTelling).await?;
    if was_told {
        return Ok(());
    }
    let Owner::Merchant(merchant_id) = &bill.owner else {
        return Ok(());
    };
    let Some(enrolment) = inner.store.find_merchant(merchant_id).await? else {
        return Ok(());
    };
    for (app, agent) in heads(inner, &enrolment).await? {
        send(inner, &bill, app, &agent).await;
    }
    Ok(())
}

/// The ways in of a merchant, with the agent at the head of the tree of whoever brought it there.
async fn heads<'e>(
    inner: &Inner,
    enrolment: &'e Enrolment,
) -> Result<Vec<(&'e App, Agent)>, StoreError> {
    let (parties, agents) = (
        inner.store.list_parties().await?,
        inner.store.list_agents().await?,
    );
    let tree = Tree::of(&parties);
    let head = |app: &App| {
        let brought = agents.iter().find(|agent| {
            agent.dialect_id == app.dialect_id && Some(&agent.agent_id) == app.agent_id.as_ref()
        })?;
        let party = tree.find(&brought.party_id)?;
        let root = &tree.above(party).last().unwrap_or(party).party_id;
        let mut on_wire = agents.iter();
        on_wire
            .find(|agent| agent.dialect_id == app.dialect_id && agent.party_id == *root)
            .cloned()
    };
    let apps = enrolment.apps.iter();
    Ok(apps.filter_map(|app| Some((app, head(app)?))).collect())
}

/// One whose agent has no address, or whose wire has no such notice, hears nothing.
async fn send(inner: &Inner, bill: &Payout, app: &App, agent: &Agent) {
    let mut dialects = inner.dialects.iter();
    let dialect = dialects.find(|it| it.descriptor().id == agent.dialect_id.as_str());
    let (Some(url), Some(payout)) = (agent.payout_callback(), view(bill, &app.app_id)) else {
        return;
    };
    let notice = PayoutNotice {
        agent,
        url,
        payout: &payout,
    };
    let request = dialect.and_then(|dialect| dialect.payout_notice(notice));
    let Some(request) = request else {
        return;
    };
    let limits = CallLimits {
        purpose: Purpose::Notification,
        connect_timeout_ms: CONNECT_TIMEOUT_MS,
        timeout_ms: TIMEOUT_MS,
        answer_bytes_max: ANSWER_BYTES_MAX,
    };
    if let Err(cause) = inner.transport.call(request, limits).await {
        let bill_id = bill.bill_id();
        tracing::warn!(bill = %bill_id, %cause, "an agent did not hear how a bill ended");
    }
}
