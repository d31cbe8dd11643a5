//! Merchants that agents registered.

use deadpool_postgres::GenericClient;
use heliu_ports::store::{Registration, RegistrationKey};
use heliu_trade::id::{AgentId, DialectId};
use tokio_postgres::Row;

use crate::postgres::columns::Columns;
use crate::postgres::fault::Fault;
use crate::postgres::readers::first;

const SELECT: &str = "SELECT r.dialect_id, r.agent_id, r.app_id, r.merchant_id, r.name_digest,
    r.mobile_digest, r.username_digest, r.password_sealed, r.trade_code_sealed, r.members_sealed,
    r.created_at FROM registration r JOIN merchant m ON m.merchant_id = r.merchant_id
    WHERE r.dialect_id = $1 AND r.agent_id = $2";
/// Newest first, enabled ones before all others.
const NEWEST: &str = "ORDER BY m.state = 'enabled' DESC, r.created_at DESC, r.app_id DESC LIMIT 1";

fn read(row: &Row) -> Result<Registration, Fault> {
    let mut columns = Columns::of(row);
    Ok(Registration {
        dialect_id: columns.name()?,
        agent_id: columns.name()?,
        app_id: columns.name()?,
        merchant_id: columns.name()?,
        name_digest: columns.value()?,
        mobile_digest: columns.value()?,
        username_digest: columns.value()?,
        password_sealed: columns.value()?,
        trade_code_sealed: columns.value()?,
        members_sealed: columns.value()?,
        created_at: columns.at()?,
    })
}

/// The newest registration of an enabled merchant, else the newest.
pub(crate) async fn find_registration(
    client: &impl GenericClient,
    dialect: &DialectId,
    agent: &AgentId,
    key: &RegistrationKey,
) -> Result<Option<Registration>, Fault> {
    let (column, value) = match key {
        RegistrationKey::App(app) => ("app_id", app.as_str()),
        RegistrationKey::Mobile(digest) => ("mobile_digest", digest.as_str()),
        RegistrationKey::Username(digest) => ("username_digest", digest.as_str()),
    };
    let sql = format!("{SELECT} AND r.{column} = $3 {NEWEST}");
    let (dialect, agent) = (dialect.as_str(), agent.as_str());
    first(client, &sql, &[&dialect, &agent, &value], read).await
}

/// The registration that makes another one a repeat: same agent, mobile number and name, or the same app.
pub(crate) async fn standing(
    client: &impl GenericClient,
    like: &Registration,
) -> Result<Option<Registration>, Fault> {
    let (dialect, agent) = (like.dialect_id.as_str(), like.agent_id.as_str());
    if let Some(mobile) = &like.mobile_digest {
        let sql = format!("{SELECT} AND r.mobile_digest = $3 AND r.name_digest = $4 {NEWEST}");
        let key: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&dialect, &agent, mobile, &like.name_digest];
        let found = first(client, &sql, &key, read).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let key = RegistrationKey::App(like.app_id.clone());
    find_registration(client, &like.dialect_id, &like.agent_id, &key).await
}
