//! Reads the environment: every variable of ours, and none that only looks like it.

use std::ffi::OsString;

use heliu_trade::time::Timestamp;
use toml::Value;

use super::Config;
use super::options::ALL;

/// Variables that others read: the command line, and whoever reads the root key.
const READ_ELSEWHERE: [&str; 2] = ["HELIU_CONFIG", "HELIU_ROOT_KEY"];
const OURS: &str = "HELIU_";

/// Sets what the variables set; what is wrong with them. An empty one counts as not set.
pub(super) fn read(
    variables: impl Iterator<Item = (OsString, OsString)>,
    config: &mut Config,
) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, text) in variables {
        let Some(name) = name.to_str() else { continue };
        if text.is_empty() || READ_ELSEWHERE.contains(&name) {
            continue;
        }
        let text = text.to_str();
        match take(name, text, config) {
            Taken::Read => {}
            Taken::Malformed(wants) => problems.push(format!("{name} wants {wants}")),
            Taken::Unknown if name.starts_with(OURS) => problems.push(format!(
                "there is no variable {name}; unset it (in Kubernetes: enableServiceLinks: false)"
            )),
            Taken::Unknown => {}
        }
    }
    problems.sort();
    problems
}

enum Taken {
    Read,
    Malformed(&'static str),
    Unknown,
}

fn take(name: &str, text: Option<&str>, config: &mut Config) -> Taken {
    let laboratory = &mut config.laboratory;
    let (is_read, wants) = match name {
        "HELIU_TIME_FACTOR" => {
            laboratory.time_factor = text.and_then(|text| text.parse().ok());
            (laboratory.time_factor.is_some(), "a whole number")
        }
        "HELIU_CRASH_AT" => {
            laboratory.crash_at = text.and_then(|text| text.parse().ok());
            (laboratory.crash_at.is_some(), "a whole number")
        }
        "HELIU_CLOCK_START" => {
            laboratory.clock_start = text.and_then(Timestamp::parse_rfc3339);
            let wants = "an instant, such as 2026-01-15T02:00:00Z";
            (laboratory.clock_start.is_some(), wants)
        }
        _ => {
            let Some(choice) = ALL.iter().find(|choice| choice.variable == name) else {
                return Taken::Unknown;
            };
            let number = text.and_then(|text| text.parse().ok()).map(Value::Integer);
            let mut forms = number.into_iter().chain(text.map(Value::from));
            let is_read = forms.any(|value| (choice.set)(config, value));
            (is_read, choice.wants)
        }
    };
    if is_read {
        Taken::Read
    } else {
        Taken::Malformed(wants)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    fn given(variables: &[(&str, &str)]) -> (Config, Vec<String>) {
        let mut config = Config::default();
        let variables = variables
            .iter()
            .map(|(name, text)| (name.into(), text.into()));
        let problems = read(variables, &mut config);
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
            ("HELIU_CONFIG", "c.toml"),
            ("PATH", "/bin"),
        ]);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(config.listen.to_string(), "127.0.0.1:9");
        assert_eq!((config.node, config.data.to_str()), (7, Some("2026")));
        assert_eq!(config.database_url.as_deref(), Some("postgres://db"));
        assert_eq!(config.public_url, None);
        assert_eq!(config.laboratory.time_factor, Some(20));
        assert!(config.laboratory.clock_start.is_some());
    }

    #[test]
    fn unknown_variables_of_ours_are_refused_and_no_value_is_told() {
        let (_, problems) = given(&[
            ("HELIU_DATABSE_URL", "postgres://heliu:s3cret@db"),
            ("HELIU_NODE", "s3cret"),
            ("HELIU_LISTEN", "s3cret"),
            ("HELIU_CLOCK_START", "s3cret"),
            ("HELIUM", "s3cret"),
        ]);
        let expected = [
            "HELIU_CLOCK_START wants an instant, such as 2026-01-15T02:00:00Z",
            "HELIU_LISTEN wants an address with its port, such as \"127.0.0.1:8080\"",
            "HELIU_NODE wants a whole number, 0 to 63",
            "there is no variable HELIU_DATABSE_URL; unset it (in Kubernetes: enableServiceLinks: false)",
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let bytes = OsString::from_vec(vec![0xff]);
        let variables = [(OsString::from("HELIU_NODE"), bytes)];
        let problems = read(variables.into_iter(), &mut Config::default());
        assert_eq!(problems, ["HELIU_NODE wants a whole number, 0 to 63"]);
    }
}
