//! Merchants that agents registered.

use heliu_ports::store::{Registration, RegistrationKey};
use heliu_trade::id::{AgentId, DialectId};
use heliu_trade::time::Timestamp;
use rusqlite::{Connection, Result as Sqlite, Row, params};

use crate::sqlite::columns::Columns;
use crate::sqlite::fault::Fault;
use crate::sqlite::rows::first;

/// The plus signs keep SQLite from walking over all of an agent's registrations: a digest finds few.
const SELECT: &str = "SELECT r.dialect_id, r.agent_id, r.app_id, r.merchant_id, r.name_digest,
    r.mobile_digest, r.username_digest, r.password_sealed, r.trade_code_sealed, r.members_sealed,
    r.created_at FROM registration r JOIN merchant m ON m.merchant_id = r.merchant_id
    WHERE +r.dialect_id = ?1 AND +r.agent_id = ?2";
const BY_APP: &str = "SELECT dialect_id, agent_id, app_id, merchant_id, name_digest, mobile_digest,
    username_digest, password_sealed, trade_code_sealed, members_sealed, created_at
    FROM registration WHERE dialect_id = ?1 AND agent_id = ?2 AND app_id = ?3";
/// Newest first, enabled ones before all others.
const NEWEST: &str = "ORDER BY m.state = 'enabled' DESC, r.created_at DESC, r.app_id DESC LIMIT 1";

fn read(row: &Row<'_>) -> Sqlite<Registration> {
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
        created_at: Timestamp::from_ms(columns.value()?),
    })
}

/// The newest registration of an enabled merchant, else the newest.
pub(crate) fn find_registration(
    connection: &Connection,
    dialect: &DialectId,
    agent: &AgentId,
    key: &RegistrationKey,
) -> Result<Option<Registration>, Fault> {
    let (sql, value) = match key {
        RegistrationKey::App(app) => (BY_APP.to_owned(), app.as_str()),
        RegistrationKey::Mobile(digest) => (
            format!("{SELECT} AND r.mobile_digest = ?3 {NEWEST}"),
            digest.as_str(),
        ),
        RegistrationKey::Username(digest) => (
            format!("{SELECT} AND r.username_digest = ?3 {NEWEST}"),
            digest.as_str(),
        ),
    };
    let key = params![dialect.as_str(), agent.as_str(), value];
    Ok(first(connection, &sql, key, read)?)
}

/// The registration that makes another one a repeat: same agent, mobile number and name, or the same app.
pub(crate) fn standing(
    connection: &Connection,
    like: &Registration,
) -> Result<Option<Registration>, Fault> {
    let (dialect, agent) = (like.dialect_id.as_str(), like.agent_id.as_str());
    if let Some(mobile) = &like.mobile_digest {
        let sql = format!("{SELECT} AND r.mobile_digest = ?3 AND r.name_digest = ?4");
        let key = params![dialect, agent, mobile, like.name_digest];
        let found = first(connection, &sql, key, read)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let key = params![dialect, agent, like.app_id.as_str()];
    Ok(first(connection, BY_APP, key, read)?)
}
