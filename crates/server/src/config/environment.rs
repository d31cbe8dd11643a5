//! Reads the environment: every variable of ours, and none that only looks like it.

use std::ffi::OsString;

use toml::Value;

use super::elsewhere::{ELSEWHERE, OURS};
use super::nearest::nearest;
use super::option::{Origin, Slot};

/// Sets what the variables set; what is wrong with them. An empty one counts as not set.
pub(super) fn read(
    variables: impl Iterator<Item = (OsString, OsString)>,
    slots: &mut [Slot<'_>],
) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, text) in variables {
        let Some(name) = name.to_str() else { continue };
        let is_elsewhere = ELSEWHERE.iter().any(|(elsewhere, _)| *elsewhere == name);
        if name.is_empty() || text.is_empty() || is_elsewhere {
            continue;
        }
        let slot = slots.iter_mut().find(|slot| slot.option.variable == name);
        match slot {
            Some(slot) => {
                // Text that looks like a number is one where one is wanted.
                let text = text.to_str();
                let number = text.and_then(|text| text.parse().ok()).map(Value::Integer);
                let forms = number.into_iter().chain(text.map(Value::from));
                if !slot.take(forms, Origin::Environment(slot.option.variable)) {
                    problems.push(format!("{name} wants {}", slot.option.wants));
                }
            }
            None if name.starts_with(OURS) => problems.push(unknown(name, slots)),
            None => {}
        }
    }
    problems.sort();
    problems
}

/// What is said of a variable that there is not.
fn unknown(name: &str, slots: &[Slot<'_>]) -> String {
    let of_options = slots.iter().map(|slot| slot.option.variable);
    let elsewhere = ELSEWHERE.iter().map(|(name, _)| *name);
    let meant = match nearest(name, of_options.chain(elsewhere)) {
        Some(meant) => format!("did you mean {meant}? Else "),
        None => String::new(),
    };
    format!(
        "there is no variable {name}; {meant}unset it (in Kubernetes: enableServiceLinks: false)"
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;
    use crate::config::Config;

    fn given(variables: &[(&str, &str)]) -> (Config, Vec<String>) {
        let mut config = Config::default();
        let variables = variables
            .iter()
            .map(|(name, text)| (name.into(), text.into()));
        let problems = read(variables, &mut config.slots());
        (config, problems)
    }

    #[test]
    fn variables_win_and_empty_ones_count_as_not_set() {
        let (config, problems) = given(&[
            ("HELIU_LISTEN", "127.0.0.1:9"),
            ("HELIU_NODE", "7"),
            ("HELIU_DATA", "2026"),
            ("DATABASE_URL", "postgres://db"),
            ("HELIU_PUBLIC_URL", ""),
            ("HELIU_TIME_FACTOR", "20"),
            ("HELIU_CLOCK_START", "2026-01-15T02:00:00Z"),
            ("PATH", "/bin"),
            ("", "nameless"),
        ]);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(config.listeners.listen.to_string(), "127.0.0.1:9");
        let books = config.books;
        assert_eq!((books.node, books.data.to_str()), (7, Some("2026")));
        assert_eq!(books.database_url.as_deref(), Some("postgres://db"));
        assert_eq!(config.listeners.public_url, None);
        assert_eq!(config.laboratory.time_factor, Some(20));
        let start = config.laboratory.clock_start.unwrap().0;
        assert_eq!(start.beijing_spaced(), "2026-01-15 10:00:00");
    }

    #[test]
    fn variables_that_are_read_elsewhere_are_no_faults() {
        let (config, problems) = given(&[
            ("HELIU_CONFIG", "c.toml"),
            ("HELIU_OPERATOR", "li"),
            ("HELIU_ROOT_KEY", "s3cret"),
        ]);
        assert_eq!((config, problems), (Config::default(), Vec::new()));
    }

    #[test]
    fn unknown_variables_of_ours_are_refused_and_no_value_is_told() {
        let (_, problems) = given(&[
            ("HELIU_DATABSE_URL", "postgres://heliu:s3cret@db"),
            ("HELIU_PORT", "tcp://s3cret"),
            ("HELIU_NODE", "s3cret"),
            ("HELIU_LISTEN", "s3cret"),
            ("HELIU_CLOCK_START", "s3cret"),
            ("HELIUM", "s3cret"),
        ]);
        let expected = [
            "HELIU_CLOCK_START wants an instant, such as 2026-01-15T02:00:00Z",
            "HELIU_LISTEN wants an address with its port, such as \"127.0.0.1:8080\"",
            "HELIU_NODE wants a whole number, 0 to 63",
            "there is no variable HELIU_DATABSE_URL; did you mean DATABASE_URL? Else unset it (in Kubernetes: enableServiceLinks: false)",
            "there is no variable HELIU_PORT; unset it (in Kubernetes: enableServiceLinks: false)",
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let bytes = OsString::from_vec(vec![0xff]);
        let variables = [(OsString::from("HELIU_NODE"), bytes)];
        let problems = read(variables.into_iter(), &mut Config::default().slots());
        assert_eq!(problems, ["HELIU_NODE wants a whole number, 0 to 63"]);
    }
}
