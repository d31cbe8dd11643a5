//! Who acts: a person of the list, and the user of the machine who asked for it.

use heliu_trade::person::{Person, Role};

use crate::Office;
use crate::error::{OfficeError, Told};
use crate::permission::Permission;

/// Who acts. Until people sign in, a name proves nothing: whoever can open the data folder can give
/// any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    name: String,
    system_user: String,
    standing: Standing,
}

/// What an actor may do.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    /// Everything: nobody is on the list yet, or it is the platform itself.
    Everything,
    /// What the role allows.
    Role(Role),
    /// Only look, and why.
    Looks(Told),
}

impl Actor {
    /// The actor whom somebody names: a person of the list. While nobody is on it, a user of the
    /// machine who names nobody is let do everything, under the name `system:USER`. Everybody else
    /// may look and change nothing.
    ///
    /// # Errors
    /// The books are away.
    pub async fn identify(
        office: &Office,
        named: Option<&str>,
        system_user: &str,
    ) -> Result<Self, OfficeError> {
        let people = office.store().list_people().await?;
        Ok(Self::among(&people, named, system_user))
    }

    fn among(people: &[Person], named: Option<&str>, system_user: &str) -> Self {
        let looks = |what: String, cure: &str| {
            let cure = cure.to_owned();
            Standing::Looks(Told { what, cure })
        };
        let standing = match named {
            None if people.is_empty() => Standing::Everything,
            None => looks(
                "nobody is named who does this".to_owned(),
                "name yourself with --as NAME or HELIU_OPERATOR; heliu people list shows who may",
            ),
            Some(name) => match people.iter().find(|person| person.name == name) {
                Some(person) if person.is_enabled => Standing::Role(person.role),
                Some(_) => looks(
                    format!("{name} is disabled"),
                    "somebody who may can enable them: heliu people enable",
                ),
                None if people.is_empty() => looks(
                    format!("there is no {name}: nobody is on the list of people yet"),
                    "put the first one on it without --as: heliu people add NAME --role admin",
                ),
                None => looks(
                    format!("there is no {name} on the list of people"),
                    "heliu people list shows who is",
                ),
            },
        };
        let system = || format!("system:{system_user}");
        Self {
            name: named.map_or_else(system, str::to_owned),
            system_user: system_user.to_owned(),
            standing,
        }
    }

    /// The platform itself, by the name of what it does.
    #[must_use]
    pub fn platform(what: &str) -> Self {
        Self {
            name: format!("system:{what}"),
            system_user: String::new(),
            standing: Standing::Everything,
        }
    }

    /// By which name what they do is written down.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The user of the machine who asked.
    #[must_use]
    pub fn system_user(&self) -> &str {
        &self.system_user
    }

    /// Whether they are a person of the list, and not a user of the machine or the platform.
    #[must_use]
    pub fn is_person(&self) -> bool {
        matches!(self.standing, Standing::Role(_))
    }

    /// Whether they may.
    ///
    /// # Errors
    /// They may not: why, and who may.
    pub fn check(&self, permission: Permission) -> Result<(), OfficeError> {
        match &self.standing {
            Standing::Everything => Ok(()),
            Standing::Role(role) if permission.is_of(*role) => Ok(()),
            Standing::Role(role) => Err(OfficeError::Forbidden(Told {
                what: format!(
                    "{}, {}, may not {}",
                    self.name,
                    role.as_str(),
                    permission.allows()
                ),
                cure: format!("somebody else may: {}", permission.roles()),
            })),
            Standing::Looks(_) if permission == Permission::See => Ok(()),
            Standing::Looks(told) => Err(OfficeError::Forbidden(told.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use heliu_trade::time::Timestamp;

    use super::*;
    use Permission::{Approve, Configure, Enrol, Govern, Propose, See, Serve};

    const ALL: [Permission; 7] = [See, Serve, Enrol, Propose, Approve, Configure, Govern];

    fn person(name: &str, role: Role, is_enabled: bool) -> Person {
        Person {
            name: name.to_owned(),
            role,
            is_enabled,
            created_at: Timestamp::from_ms(0),
        }
    }

    fn may(actor: &Actor) -> Vec<Permission> {
        let all = ALL.into_iter();
        all.filter(|permission| actor.check(*permission).is_ok())
            .collect()
    }

    #[test]
    fn while_nobody_is_on_the_list_the_users_of_the_machine_do_everything() {
        let actor = Actor::among(&[], None, "root");
        assert_eq!((actor.name(), may(&actor)), ("system:root", ALL.to_vec()));
        assert_eq!(may(&Actor::among(&[], Some("li"), "root")), [See]);
    }

    #[test]
    fn afterwards_a_change_takes_a_person_who_may() {
        let people = [
            person("li", Role::Admin, true),
            person("wang", Role::Operator, true),
            person("an", Role::Viewer, true),
            person("ma", Role::FinanceMaker, true),
            person("fu", Role::FinanceChecker, true),
            person("zhao", Role::Admin, false),
        ];
        for (named, expected) in [
            (Some("li"), &ALL[..]),
            (Some("wang"), &[See, Serve, Enrol]),
            (Some("an"), &[See]),
            (Some("ma"), &[See, Propose]),
            (Some("fu"), &[See, Approve]),
            (Some("zhao"), &[See]),
            (Some("nobody"), &[See]),
            (None, &[See]),
        ] {
            let actor = Actor::among(&people, named, "root");
            assert_eq!(may(&actor), expected, "{named:?}");
            assert_eq!(actor.system_user(), "root");
        }
    }
}
