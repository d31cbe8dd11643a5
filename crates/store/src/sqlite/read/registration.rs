//! Merchants that agents registered.

use heliu_ports::store::{Registration, RegistrationKey};
use heliu_trade::id::{AgentId, DialectId};
use rusqlite::{Connection, params};

use crate::rows::registration::{COLUMNS, NEWEST, read};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::first;

fn by_app() -> String {
    format!(
        "SELECT {COLUMNS} FROM registration AS r
         WHERE r.dialect_id = ?1 AND r.agent_id = ?2 AND r.app_id = ?3"
    )
}

/// An agent's registrations that fulfil a condition on a digest. The plus signs keep SQLite from
/// walking over all of the agent's: a digest finds few.
fn by_digest(condition: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM registration AS r JOIN merchant AS m ON m.merchant_id = r.merchant_id
         WHERE +r.dialect_id = ?1 AND +r.agent_id = ?2 AND {condition}"
    )
}

/// The newest registration of an enabled merchant, else the newest.
pub(crate) fn find_registration(
    connection: &Connection,
    dialect: &DialectId,
    agent: &AgentId,
    key: &RegistrationKey,
) -> Result<Option<Registration>, Fault> {
    let (sql, value) = match key {
        RegistrationKey::App(app) => (by_app(), app.as_str()),
        RegistrationKey::Mobile(digest) => {
            let sql = by_digest(&format!("r.mobile_digest = ?3 {NEWEST}"));
            (sql, digest.as_str())
        }
        RegistrationKey::Username(digest) => {
            let sql = by_digest(&format!("r.username_digest = ?3 {NEWEST}"));
            (sql, digest.as_str())
        }
    };
    let key = params![dialect.as_str(), agent.as_str(), value];
    first(connection, &sql, key, read)
}

/// The registration that makes another one a repeat: same agent, mobile number and name, or the
/// same app.
pub(crate) fn standing(
    connection: &Connection,
    like: &Registration,
) -> Result<Option<Registration>, Fault> {
    let (dialect, agent) = (like.dialect_id.as_str(), like.agent_id.as_str());
    if let Some(mobile) = &like.mobile_digest {
        let sql = by_digest("r.mobile_digest = ?3 AND r.name_digest = ?4");
        let key = params![dialect, agent, mobile, like.name_digest];
        let found = first(connection, &sql, key, read)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let key = params![dialect, agent, like.app_id.as_str()];
    first(connection, &by_app(), key, read)
}
