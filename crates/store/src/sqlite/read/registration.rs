//! Merchants that agents registered.

use heliu_ports::store::{Registration, RegistrationKey};
use heliu_trade::id::{AgentId, DialectId};
use heliu_trade::time::Timestamp;
use rusqlite::{Connection, Result as Sqlite, Row, params};

use crate::sqlite::columns::Columns;
use crate::sqlite::fault::Fault;
use crate::sqlite::rows::first;

/// Newest first, enabled ones before all others.
const SELECT: &str = "SELECT r.dialect_id, r.agent_id, r.app_id, r.merchant_id, r.name_digest,
    r.mobile_digest, r.username_digest, r.password_sealed, r.trade_code_sealed, r.members_sealed,
    r.created_at FROM registration r JOIN merchant m ON m.merchant_id = r.merchant_id
    WHERE r.dialect_id = ?1 AND r.agent_id = ?2 AND";
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
    let (column, value) = match key {
        RegistrationKey::App(app) => ("r.app_id", app.as_str()),
        RegistrationKey::Mobile(digest) => ("r.mobile_digest", digest.as_str()),
        RegistrationKey::Username(digest) => ("r.username_digest", digest.as_str()),
    };
    let sql = format!("{SELECT} {column} = ?3 {NEWEST}");
    let key = params![dialect.as_str(), agent.as_str(), value];
    Ok(first(connection, &sql, key, read)?)
}

/// The registration that makes another one a repeat: same agent, mobile number and name, or the same app.
pub(crate) fn standing(
    connection: &Connection,
    like: &Registration,
) -> Result<Option<Registration>, Fault> {
    let sql =
        format!("{SELECT} (r.mobile_digest = ?3 AND r.name_digest = ?4 OR r.app_id = ?5) {NEWEST}");
    let key = params![
        like.dialect_id.as_str(),
        like.agent_id.as_str(),
        like.mobile_digest,
        like.name_digest,
        like.app_id.as_str(),
    ];
    Ok(first(connection, &sql, key, read)?)
}
