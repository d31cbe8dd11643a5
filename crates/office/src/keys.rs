//! Keys of apps and agents: made, listed, taking turns.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use heliu_engine::Engine;
use heliu_engine::enrolment::keys::check_key;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::dialect::{Dialect, SignerKind};
use heliu_ports::keys::{KeyError, KeyOwner, SealedKey};
use heliu_ports::store::DirectoryChange;
use heliu_trade::id::{AgentId, AppId, DialectId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};
use crate::{Act, Office};

/// Length of a key that we make: what the wires' examples have.
const KEY_LENGTH: usize = 32;
const OWNER_FORMS: &str = "owners are written app:DIALECT:APP, agent:DIALECT:AGENT, channel_account:ID or \
    contract:ACCOUNT:NUMBER:MERCHANT";

/// The next version of a key, or the end of the ones before.
#[derive(Debug, Serialize, Deserialize)]
pub struct Rotation {
    /// Which role; may be absent if there is one only.
    pub role: Option<String>,
    /// The next key; made if absent.
    pub key: Option<String>,
    /// Ends the overlap: only the newest key holds.
    pub retire: bool,
    /// Ends it also if nobody has signed with the newest key yet.
    pub force: bool,
}

/// A key that we made; shown once, to whoever asked for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeKey {
    /// Its role.
    pub role: String,
    /// The key itself.
    pub key: String,
}

impl fmt::Debug for MadeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MadeKey({})", self.role)
    }
}

/// What is known of a key without the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// Its role.
    pub role: String,
    /// Its version, from 1.
    pub version: u32,
    /// A digest that tells it from others.
    pub fingerprint: String,
    /// Whether somebody has signed with it.
    pub is_proved: bool,
}

impl From<&SealedKey> for KeyRow {
    fn from(key: &SealedKey) -> Self {
        Self {
            role: key.role.clone(),
            version: key.version,
            fingerprint: key.fingerprint.clone(),
            is_proved: key.is_proved,
        }
    }
}

impl Row for KeyRow {
    const COLUMNS: &'static [Column] = &["role", "version", "fingerprint", "is_in_use"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(self.role.as_str()),
            Cell::Count(i64::from(self.version)),
            Cell::text(self.fingerprint.as_str()),
            Cell::Flag(self.is_proved),
        ]
    }
}

/// What is known of keys without the keys.
pub(crate) fn rows_of(keys: &[SealedKey]) -> Vec<KeyRow> {
    keys.iter().map(KeyRow::from).collect()
}

/// What became of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rotated {
    /// The next version holds beside the ones before.
    Next {
        /// Which role.
        role: String,
        /// The new version.
        version: u32,
        /// The new key, if it was made here.
        made: Vec<MadeKey>,
    },
    /// Only the newest version holds.
    Retired {
        /// Which role.
        role: String,
        /// That version.
        version: u32,
    },
}

/// The dialect of an id.
///
/// # Errors
/// There is none.
pub fn dialect_of<'e>(engine: &'e Engine, id: &str) -> Result<&'e Arc<dyn Dialect>, OfficeError> {
    let mut dialects = engine.dialects().iter();
    let found = dialects.find(|dialect| dialect.descriptor().id == id);
    found.ok_or_else(|| {
        let known = engine.dialects().iter().map(|d| d.descriptor().id);
        let known: Vec<_> = known.collect();
        OfficeError::new(format!(
            "there is no dialect {id}; there are {}",
            known.join(", ")
        ))
    })
}

/// Keys for a new owner: those that are given, and fresh ones for roles that have none. And those
/// that were made, which are shown once.
pub(crate) fn first_keys(
    engine: &Engine,
    owner: &KeyOwner,
    roles: &[&str],
    given: &BTreeMap<String, String>,
    faults: &mut Faults,
) -> (Vec<SealedKey>, Vec<MadeKey>) {
    let (mut keys, mut fresh) = (Vec::new(), Vec::new());
    for role in roles {
        let secret = given.get(*role).cloned();
        let secret = secret.unwrap_or_else(|| made(engine, role, &mut fresh));
        let field = format!("key {role}");
        keys.extend(sealed(engine, owner, role, 1, &secret, &field, faults));
    }
    (keys, fresh)
}

/// A key for the books, if it has the form that its role needs.
pub(crate) fn sealed(
    engine: &Engine,
    owner: &KeyOwner,
    role: &str,
    version: u32,
    secret: &str,
    field: &str,
    faults: &mut Faults,
) -> Option<SealedKey> {
    match engine.vault().seal_key(owner, role, version, secret) {
        Ok(key) => Some(key),
        Err(KeyError::Unusable { why, .. }) => {
            faults.add(field, Problem::unfit(format!("cannot be used: {why}"), ""));
            None
        }
        Err(KeyError::Missing(_)) => {
            faults.add(field, Problem::Missing("a key".to_owned()));
            None
        }
    }
}

/// A fresh key.
fn made(engine: &Engine, role: &str, fresh: &mut Vec<MadeKey>) -> String {
    let key = engine.vault().nonce(KEY_LENGTH);
    let role = role.to_owned();
    fresh.push(MadeKey {
        role,
        key: key.clone(),
    });
    key
}

fn newest_of<'k>(keys: &'k [SealedKey], role: &str) -> Option<&'k SealedKey> {
    let of_role = keys.iter().filter(|key| key.role == role);
    of_role.max_by_key(|key| key.version)
}

fn next_key(
    engine: &Engine,
    owner: &KeyOwner,
    role: &str,
    version: u32,
    given: Option<&String>,
    fresh: &mut Vec<MadeKey>,
) -> Result<SealedKey, OfficeError> {
    if let Some(given) = given {
        let mut faults = Faults::new();
        faults.note(&format!("key {role}"), check_key(given));
        faults.into_result()?;
    }
    let secret = given.cloned().unwrap_or_else(|| made(engine, role, fresh));
    Ok(engine.vault().seal_key(owner, role, version, &secret)?)
}

/// Fingerprints of an owner's keys.
///
/// # Errors
/// It has none, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    owner: String,
) -> Result<Vec<KeyRow>, OfficeError> {
    actor.check(Permission::See)?;
    let keys = office.store().list_keys(owner.clone()).await?;
    if keys.is_empty() {
        return Err(OfficeError::with_cure(
            format!("{owner} has no keys"),
            OWNER_FORMS,
        ));
    }
    Ok(rows_of(&keys))
}

/// Makes the next version of a key, or ends the overlap with the ones before.
pub(crate) async fn rotate(
    office: &Office,
    actor: &Actor,
    owner: &KeyOwner,
    dialect_id: &DialectId,
    rotation: Rotation,
) -> Result<Rotated, OfficeError> {
    actor.check(Permission::Configure)?;
    let engine = office.engine();
    let signer = match owner {
        KeyOwner::Agent(..) => SignerKind::Agent,
        _ => SignerKind::App,
    };
    let roles = dialect_of(engine, dialect_id.as_str())?.key_roles(signer);
    let existing = office.store().list_keys(owner.name()).await?;
    let role = match (&rotation.role, &*roles) {
        (Some(role), _) => role.as_str(),
        (None, [only]) => only,
        (None, []) => {
            return Err(OfficeError::new(format!("{} has no key", owner.name())));
        }
        (None, _) => {
            return Err(OfficeError::new(format!(
                "name the key's role: {}",
                roles.join(", ")
            )));
        }
    };
    let newest = newest_of(&existing, role)
        .ok_or_else(|| OfficeError::new(format!("{} has no {role} key", owner.name())))?;
    if rotation.retire {
        return retire(office, actor, owner, &existing, newest, rotation.force).await;
    }
    let (version, mut fresh) = (newest.version + 1, Vec::new());
    let given = rotation.key.as_ref();
    let key = next_key(engine, owner, role, version, given, &mut fresh)?;
    if existing
        .iter()
        .any(|old| old.fingerprint == key.fingerprint)
    {
        return Err(OfficeError::new(format!(
            "{} has this {role} key already",
            owner.name()
        )));
    }
    let act = Act {
        action: "keys.rotate",
        subject: owner.name(),
        before: Some(json!(rows_of(&existing))),
        after: Some(json!(KeyRow::from(&key))),
    };
    let change = DirectoryChange::PutKeys(vec![key]);
    office.change(actor, change, act).await?;
    Ok(Rotated::Next {
        role: role.to_owned(),
        version,
        made: fresh,
    })
}

/// Makes the next version of the key of an owner as people write it, or ends the overlap with the
/// ones before.
///
/// # Errors The actor may not, there is no such owner or role, the key cannot be used, or nobody
/// has signed with the newest.
pub async fn rotate_named(
    office: &Office,
    actor: &Actor,
    owner: &str,
    rotation: Rotation,
) -> Result<Rotated, OfficeError> {
    let (owner, dialect_id) = parse_owner(owner)?;
    rotate(office, actor, &owner, &dialect_id, rotation).await
}

async fn retire(
    office: &Office,
    actor: &Actor,
    owner: &KeyOwner,
    existing: &[SealedKey],
    newest: &SealedKey,
    force: bool,
) -> Result<Rotated, OfficeError> {
    let SealedKey { role, version, .. } = newest;
    if !newest.is_proved && *version > 1 && !force {
        return Err(OfficeError::with_cure(
            format!("nobody has signed with version {version} of the {role} key yet"),
            "wait until the other side has it, or cut it off with --force",
        ));
    }
    let act = Act {
        action: "keys.retire",
        subject: owner.name(),
        before: Some(json!(rows_of(existing))),
        after: Some(json!(KeyRow::from(newest))),
    };
    let change = DirectoryChange::RetireKeys {
        owner: owner.name(),
        role: role.clone(),
        below_version: *version,
    };
    office.change(actor, change, act).await?;
    Ok(Rotated::Retired {
        role: role.clone(),
        version: *version,
    })
}

fn parse_owner(text: &str) -> Result<(KeyOwner, DialectId), OfficeError> {
    let malformed =
        || OfficeError::with_cure(format!("{text} names no app and no agent"), OWNER_FORMS);
    let mut parts = text.splitn(3, ':');
    let (Some(kind), Some(dialect), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(malformed());
    };
    let dialect_id = DialectId::from(dialect);
    let owner = match kind {
        "app" => KeyOwner::App(dialect_id.clone(), AppId::from(id)),
        "agent" => KeyOwner::Agent(dialect_id.clone(), AgentId::from(id)),
        _ => return Err(malformed()),
    };
    Ok((owner, dialect_id))
}
