//! Merchants that agents registered.

use deadpool_postgres::GenericClient;
use heliu_ports::store::{Registration, RegistrationKey};
use heliu_trade::id::{AgentId, DialectId};

use crate::postgres::connections::first;
use crate::postgres::fault::Fault;
use crate::rows::registration::{COLUMNS, NEWEST, read};

/// Behind a query: takes the row's lock, which is a write, so that the answer comes when the
/// standbys have everything up to it, the row's own commit included.
const LOCKED: &str = "FOR UPDATE OF r";

/// An agent's registrations that fulfil a condition.
fn select(condition: &str, lock: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM registration r JOIN merchant m ON m.merchant_id = r.merchant_id
         WHERE r.dialect_id = $1 AND r.agent_id = $2 AND {condition} {NEWEST} {lock}"
    )
}

/// The newest registration of an enabled merchant, else the newest.
pub(crate) async fn find_registration(
    client: &impl GenericClient,
    dialect: &DialectId,
    agent: &AgentId,
    key: &RegistrationKey,
) -> Result<Option<Registration>, Fault> {
    find(client, dialect, agent, key, "").await
}

async fn find(
    client: &impl GenericClient,
    dialect: &DialectId,
    agent: &AgentId,
    key: &RegistrationKey,
    lock: &str,
) -> Result<Option<Registration>, Fault> {
    let (column, value) = match key {
        RegistrationKey::App(app) => ("app_id", app.as_str()),
        RegistrationKey::Mobile(digest) => ("mobile_digest", digest.as_str()),
        RegistrationKey::Username(digest) => ("username_digest", digest.as_str()),
    };
    let sql = select(&format!("r.{column} = $3"), lock);
    let (dialect, agent) = (dialect.as_str(), agent.as_str());
    first(client, &sql, &[&dialect, &agent, &value], read).await
}

/// The registration that makes another one a repeat: same agent, mobile number and name, or the
/// same app. It may have been written a moment ago by this very call, whose answer was lost; so it
/// is told once it lasts.
pub(crate) async fn standing(
    client: &impl GenericClient,
    like: &Registration,
) -> Result<Option<Registration>, Fault> {
    let (dialect, agent) = (like.dialect_id.as_str(), like.agent_id.as_str());
    if let Some(mobile) = &like.mobile_digest {
        let sql = select("r.mobile_digest = $3 AND r.name_digest = $4", LOCKED);
        let key: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&dialect, &agent, mobile, &like.name_digest];
        let found = first(client, &sql, &key, read).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let key = RegistrationKey::App(like.app_id.clone());
    find(client, &like.dialect_id, &like.agent_id, &key, LOCKED).await
}
