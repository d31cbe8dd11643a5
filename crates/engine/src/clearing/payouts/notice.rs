//! 打款回调: agents are told how a bill ended. Once: the job goes before anything is sent, and what
//! they answer means nothing.

use heliu_ports::dialect::{Dialect, PayoutNotice};
use heliu_ports::store::StoreError;
use heliu_ports::transport::{CallLimits, Purpose};
use heliu_ports::wire::OutRequest;
use heliu_trade::directory::{Agent, App};
use heliu_trade::followup::job::Job;
use heliu_trade::followup::subject::Owner;
use heliu_trade::parties::{Party, Tree};
use heliu_trade::payout::{Action, Payout};

use super::take;
use crate::Inner;
use crate::clearing::bill_view::view;
use crate::clearing::found::find;
use crate::common::handler::Unfinished;

/// Largest answer that is taken, in bytes; nobody reads it.
const ANSWER_BYTES_MAX: usize = 4096;

/// Tells them.
pub(crate) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let Some(bill) = find::<Payout>(inner, Payout::want(job.key.subject.clone())).await? else {
        return Ok(());
    };
    let notices = match bill.told == Some(bill.state) {
        true => Vec::new(),
        false => notices(inner, &bill).await?,
    };
    take(inner, &bill, Vec::new(), Action::BeginTelling).await?;
    for (dialect, request) in notices {
        let policy = &dialect.descriptor().policy;
        let limits = CallLimits {
            purpose: Purpose::Notification,
            connect_timeout_ms: policy.notify_connect_timeout_ms,
            timeout_ms: policy.notify_timeout_ms,
            answer_bytes_max: ANSWER_BYTES_MAX,
        };
        let url = request.url.clone();
        let bill = bill.bill_id();
        match inner.transport.call(request, limits).await {
            Ok(answer) => tracing::info!(%bill, url, status = answer.status, "an agent was told"),
            Err(cause) => tracing::warn!(%bill, url, %cause, "an agent could not be told"),
        }
    }
    Ok(())
}

/// One notice for each wire on which the owner stands, if somebody above it there wants to hear.
async fn notices<'i>(
    inner: &'i Inner,
    bill: &Payout,
) -> Result<Vec<(&'i dyn Dialect, OutRequest)>, StoreError> {
    let Owner::Merchant(merchant_id) = &bill.owner else {
        return Ok(Vec::new());
    };
    let Some(enrolment) = inner.store.find_merchant(merchant_id).await? else {
        return Ok(Vec::new());
    };
    let parties = inner.store.list_parties().await?;
    let agents = inner.store.list_agents().await?;
    let mut notices = Vec::new();
    for dialect in &inner.dialects {
        let id = dialect.descriptor().id;
        let of_wire: Vec<&Agent> = agents
            .iter()
            .filter(|agent| agent.dialect_id.as_str() == id)
            .collect();
        let mut apps = enrolment.apps.iter();
        let Some(app) = apps.find(|app| app.dialect_id.as_str() == id) else {
            continue;
        };
        let Some((agent, url)) = listener(app, &of_wire, &Tree::of(&parties)) else {
            continue;
        };
        let Some(payout) = view(bill, &app.app_id) else {
            continue;
        };
        let notice = PayoutNotice {
            agent,
            url,
            payout: &payout,
        };
        if let Some(request) = dialect.payout_notice(notice) {
            notices.push((&**dialect, request));
        }
    }
    Ok(notices)
}

/// The highest agent above an app that has an address for notices, and that address.
fn listener<'a>(app: &App, agents: &[&'a Agent], tree: &Tree<'_>) -> Option<(&'a Agent, &'a str)> {
    let agent_id = app.agent_id.as_ref()?;
    let own = agents.iter().find(|agent| agent.agent_id == *agent_id)?;
    let party = tree.find(&own.party_id)?;
    let mut chain: Vec<&Party> = std::iter::once(party).chain(tree.above(party)).collect();
    chain.reverse();
    chain.into_iter().find_map(|party| {
        let mut its = agents.iter().filter(|it| it.party_id == party.party_id);
        its.find_map(|agent| Some((*agent, agent.payout_callback()?)))
    })
}
