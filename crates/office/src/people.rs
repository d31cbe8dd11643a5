//! People of the office: who may do what.

use heliu_engine::enrolment::names::check_name;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::store::{DirectoryChange, Newcomer};
use heliu_trade::person::{Person, Role};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};
use crate::{Act, Office};

/// Names that begin so are not people's.
const SYSTEM: &str = "system:";

/// What becomes of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Role(Role),
    Enabled(bool),
}

fn role_of(word: &str, faults: &mut Faults) -> Role {
    let role = Role::parse(word);
    if role.is_none() {
        let known = Role::ALL.map(|role| role.as_str().to_owned());
        faults.add("role", Problem::NotOneOf(known.into()));
    }
    role.unwrap_or(Role::Viewer)
}

/// Puts a person on the list. The first one is an admin, or nobody could add the second.
///
/// # Errors
/// The actor may not, the name or role is none, or the name is on the list.
pub async fn add(
    office: &Office,
    actor: &Actor,
    name: String,
    role: &str,
) -> Result<Person, OfficeError> {
    actor.check(Permission::Govern)?;
    let mut faults = Faults::new();
    faults.note("name", check_name(&name));
    if name.starts_with(SYSTEM) {
        let why = format!("begins with {SYSTEM}, which names users of the machine");
        faults.add("name", Problem::unfit(why, ""));
    }
    let role = role_of(role, &mut faults);
    faults.into_result()?;
    let is_first = office.store().list_people().await?.is_empty();
    if is_first && role != Role::Admin {
        return Err(OfficeError::with_cure(
            "the first person must be an admin, or nobody could add the next",
            format!("heliu people add {name} --role admin"),
        ));
    }
    let person = Person {
        name,
        role,
        is_enabled: true,
        created_at: office.engine().clock().now(),
    };
    let act = Act {
        action: "people.add",
        subject: subject(&person.name),
        before: None,
        after: Some(json!(person)),
    };
    let newcomer = Newcomer::Person(person.clone());
    if !office.admit(actor, newcomer, act).await? {
        return Err(OfficeError::with_cure(
            format!(
                "{} is on the list already; nothing was changed",
                person.name
            ),
            "change them: heliu people set-role, heliu people enable",
        ));
    }
    Ok(person)
}

/// Who is on the list, by name.
///
/// # Errors
/// The books are away.
pub async fn list(office: &Office, actor: &Actor) -> Result<Vec<Person>, OfficeError> {
    actor.check(Permission::See)?;
    Ok(office.store().list_people().await?)
}

/// Gives a person another role.
///
/// # Errors
/// The actor may not, there is no such person or role, or no enabled admin would be left.
pub async fn set_role(
    office: &Office,
    actor: &Actor,
    name: &str,
    role: &str,
) -> Result<Person, OfficeError> {
    let mut faults = Faults::new();
    let role = role_of(role, &mut faults);
    faults.into_result()?;
    change(office, actor, name, Change::Role(role)).await
}

/// Lets a person act, or no more.
///
/// # Errors
/// The actor may not, there is no such person, or no enabled admin would be left.
pub async fn set_enabled(
    office: &Office,
    actor: &Actor,
    name: &str,
    is_enabled: bool,
) -> Result<Person, OfficeError> {
    change(office, actor, name, Change::Enabled(is_enabled)).await
}

async fn change(
    office: &Office,
    actor: &Actor,
    name: &str,
    change: Change,
) -> Result<Person, OfficeError> {
    actor.check(Permission::Govern)?;
    let people = office.store().list_people().await?;
    let found = people.iter().find(|person| person.name == name);
    let standing = found.ok_or_else(|| {
        OfficeError::with_cure(
            format!("there is no {name} on the list of people"),
            "heliu people list shows who is",
        )
    })?;
    let mut person = standing.clone();
    let action = match change {
        Change::Role(role) => {
            person.role = role;
            "people.set_role"
        }
        Change::Enabled(is_enabled) => {
            person.is_enabled = is_enabled;
            if is_enabled {
                "people.enable"
            } else {
                "people.disable"
            }
        }
    };
    let governs = |person: &Person| person.is_enabled && Permission::Govern.is_of(person.role);
    let others = people.iter().filter(|other| other.name != name);
    if !governs(&person) && !others.clone().any(governs) {
        return Err(OfficeError::with_cure(
            format!("{name} is the last one who may change people; nothing was changed"),
            "give another person the role first: heliu people set-role NAME admin",
        ));
    }
    let act = Act {
        action,
        subject: subject(name),
        before: Some(json!(standing)),
        after: Some(json!(person)),
    };
    let writing = match change {
        Change::Role(_) => DirectoryChange::PutPerson(person.clone()),
        Change::Enabled(is_enabled) => DirectoryChange::SetPersonEnabled {
            name: person.name.clone(),
            is_enabled,
        },
    };
    office.change(actor, writing, act).await?;
    Ok(person)
}

fn subject(name: &str) -> String {
    format!("person {name}")
}

impl Row for Person {
    const COLUMNS: &'static [Column] = &["name", "role", "is_enabled", "since"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(self.name.as_str()),
            Cell::text(self.role.as_str()),
            Cell::Flag(self.is_enabled),
            Cell::At(self.created_at),
        ]
    }
}
