//! Keys of apps and agents, as they are given.

use std::collections::BTreeMap;

use super::{Faults, Problem};

/// Fewest characters of a key that signs: a shorter one is found by trying.
const KEY_CHARS_MIN: usize = 16;

/// The keys of an owner whose wire has these roles. A role without a key is none of its faults: one
/// is made.
#[must_use]
pub fn faults_of_keys(roles: &[&str], given: &BTreeMap<String, String>) -> Faults {
    let mut faults = Faults::new();
    for (role, key) in given {
        let field = format!("key {role}");
        if !roles.contains(&role.as_str()) {
            let known = roles.iter().map(|role| (*role).to_owned()).collect();
            faults.add(field, Problem::NotOneOf(known));
        } else {
            faults.note(&field, check_key(key));
        }
    }
    faults
}

/// A key that both sides of a wire have.
///
/// # Errors
/// What it must be.
pub fn check_key(key: &str) -> Result<(), Problem> {
    if key.chars().count() >= KEY_CHARS_MIN {
        return Ok(());
    }
    Err(Problem::Malformed(format!(
        "{KEY_CHARS_MIN} characters or more, since a shorter one is found by trying"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_other_roles_and_short_ones_are_told_together_and_not_shown() {
        let given = [
            ("trade", "k"),
            ("nonsense", "0123456789abcdef"),
            ("notify", "0123456789abcdef"),
        ];
        let given = given
            .map(|(role, key)| (role.to_owned(), key.to_owned()))
            .into();
        let faults = faults_of_keys(&["trade", "notify"], &given);
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["key nonsense", "key trade"]);
        assert!(!faults.to_string().contains("0123456789abcdef"), "{faults}");
        assert_eq!(
            faults_of_keys(&["trade"], &BTreeMap::new()).into_result(),
            Ok(())
        );
    }
}
