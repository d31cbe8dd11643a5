//! Keys of apps and agents: made, listed, taking turns.

use std::collections::BTreeMap;
use std::sync::Arc;

use heliu_engine::Engine;
use heliu_engine::enrolment::keys::check_key;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::dialect::Dialect;
use heliu_ports::keys::{KeyError, KeyOwner, SealedKey};
use heliu_ports::store::DirectoryChange;
use heliu_trade::id::{AgentId, AppId, DialectId};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Length of a key that we make: what the wires' examples have.
const KEY_LENGTH: usize = 32;
const OWNER_FORMS: &str = "owners are written app:DIALECT:APP, agent:DIALECT:AGENT, channel_account:ID or \
    contract:ACCOUNT:NUMBER:MERCHANT";

/// The next version of a key, or the end of the ones before.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Rotation {
    /// Which role; may be absent if there is one only.
    pub(crate) role: Option<String>,
    /// The next key; made if absent.
    pub(crate) key: Option<String>,
    /// Ends the overlap: only the newest key holds.
    pub(crate) retire: bool,
    /// Ends it also if nobody has signed with the newest key yet.
    pub(crate) force: bool,
}

pub(crate) fn dialect_of<'e>(
    engine: &'e Engine,
    id: &str,
) -> Result<&'e Arc<dyn Dialect>, Failure> {
    let mut dialects = engine.dialects().iter();
    let found = dialects.find(|dialect| dialect.descriptor().id == id);
    found.ok_or_else(|| {
        let known = engine.dialects().iter().map(|d| d.descriptor().id);
        let known: Vec<_> = known.collect();
        Failure::new(format!(
            "there is no dialect {id}; there are {}",
            known.join(", ")
        ))
    })
}

/// Keys for a new owner: those that are given, and fresh ones for roles that have none. The lines show what was made.
pub(super) fn first_keys(
    engine: &Engine,
    owner: &KeyOwner,
    roles: &[&str],
    given: &BTreeMap<String, String>,
    faults: &mut Faults,
) -> (Vec<SealedKey>, Vec<String>) {
    let (mut keys, mut shown) = (Vec::new(), Vec::new());
    for role in roles {
        let secret = given.get(*role).cloned();
        let secret = secret.unwrap_or_else(|| made(engine, role, &mut shown));
        let field = format!("key {role}");
        keys.extend(sealed(engine, owner, role, 1, &secret, &field, faults));
    }
    (keys, shown)
}

/// A key for the books, if it has the form that its role needs.
pub(super) fn sealed(
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

/// A fresh key, which is shown.
fn made(engine: &Engine, role: &str, shown: &mut Vec<String>) -> String {
    let made = engine.vault().nonce(KEY_LENGTH);
    shown.push(format!("{role} key, shown only now: {made}"));
    made
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
    shown: &mut Vec<String>,
) -> Result<SealedKey, Failure> {
    if let Some(given) = given {
        let mut faults = Faults::new();
        faults.note(&format!("key {role}"), check_key(given));
        faults.into_result()?;
    }
    let secret = given.cloned().unwrap_or_else(|| made(engine, role, shown));
    Ok(engine.vault().seal_key(owner, role, version, &secret)?)
}

pub(super) fn key_lines(keys: &[SealedKey]) -> Vec<String> {
    let line = |key: &SealedKey| {
        let proof = if key.is_proved { ", in use" } else { "" };
        format!(
            "  {} key, version {}, fingerprint {}{proof}",
            key.role, key.version, key.fingerprint
        )
    };
    keys.iter().map(line).collect()
}

pub(super) async fn list(engine: &Engine, owner: String) -> Result<String, Failure> {
    let keys = engine.store().list_keys(owner.clone()).await?;
    if keys.is_empty() {
        return Err(Failure::with_cure(
            format!("{owner} has no keys"),
            OWNER_FORMS,
        ));
    }
    Ok(key_lines(&keys).join("\n"))
}

/// Makes the next version of a key, or ends the overlap with the ones before.
pub(super) async fn rotate(
    engine: &Engine,
    owner: &KeyOwner,
    dialect_id: &DialectId,
    rotation: Rotation,
) -> Result<String, Failure> {
    let roles = dialect_of(engine, dialect_id.as_str())?
        .descriptor()
        .key_roles;
    let existing = engine.store().list_keys(owner.name()).await?;
    let role = match (&rotation.role, roles) {
        (Some(role), _) => role.as_str(),
        (None, [only]) => only,
        (None, _) => {
            return Err(Failure::new(format!(
                "name the key's role: {}",
                roles.join(", ")
            )));
        }
    };
    let newest = newest_of(&existing, role)
        .ok_or_else(|| Failure::new(format!("{} has no {role} key", owner.name())))?;
    if rotation.retire {
        return retire(engine, owner, newest, rotation.force).await;
    }
    let (version, mut shown) = (newest.version + 1, Vec::new());
    let given = rotation.key.as_ref();
    let key = next_key(engine, owner, role, version, given, &mut shown)?;
    if existing
        .iter()
        .any(|old| old.fingerprint == key.fingerprint)
    {
        return Err(Failure::new(format!(
            "{} has this {role} key already",
            owner.name()
        )));
    }
    let change = DirectoryChange::PutKeys(vec![key]);
    engine.change_directory(change).await?;
    let mut lines = vec![format!(
        "{role} key, version {version}, and the ones before hold; notifications are signed with the new one \
         once a request was. End the overlap with --retire"
    )];
    lines.extend(shown);
    Ok(lines.join("\n"))
}

/// The same for the owner that a text names.
pub(super) async fn rotate_named(
    engine: &Engine,
    owner: &str,
    rotation: Rotation,
) -> Result<String, Failure> {
    let (owner, dialect_id) = parse_owner(owner)?;
    rotate(engine, &owner, &dialect_id, rotation).await
}

async fn retire(
    engine: &Engine,
    owner: &KeyOwner,
    newest: &SealedKey,
    force: bool,
) -> Result<String, Failure> {
    let SealedKey { role, version, .. } = newest;
    if !newest.is_proved && *version > 1 && !force {
        return Err(Failure::with_cure(
            format!("nobody has signed with version {version} of the {role} key yet"),
            "wait until the other side has it, or cut it off with --force",
        ));
    }
    let change = DirectoryChange::RetireKeys {
        owner: owner.name(),
        role: role.clone(),
        below_version: *version,
    };
    engine.change_directory(change).await?;
    Ok(format!("only version {version} of the {role} key holds"))
}

fn parse_owner(text: &str) -> Result<(KeyOwner, DialectId), Failure> {
    let malformed = || Failure::with_cure(format!("{text} names no app and no agent"), OWNER_FORMS);
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
