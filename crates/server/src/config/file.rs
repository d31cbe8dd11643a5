//! Reads the file: all that is wrong with it at once, by option and line, and never what an option
//! holds.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Spanned, Value};

use super::nearest::nearest;
use super::option::{Origin, Slot, Source};

/// Sets what the file at `path` sets; what is wrong with its `text`, each with its line.
pub(super) fn read(text: &str, path: &Path, slots: &mut [Slot<'_>]) -> Vec<String> {
    let line_of = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let given: BTreeMap<Spanned<String>, Value> = match toml::from_str(text) {
        Ok(given) => given,
        Err(cause) => {
            // The library's own words show the line, and with it perhaps a secret.
            let place = cause
                .span()
                .map(|span| format!("line {}: ", line_of(span.start)));
            let place = place.unwrap_or_default();
            return vec![format!("{place}this is no TOML: {}", cause.message())];
        }
    };
    let mut problems = Vec::new();
    for (name, value) in given {
        let line = line_of(name.span().start);
        let name = name.into_inner();
        let Some(slot) = slots.iter_mut().find(|slot| slot.option.is_named(&name)) else {
            problems.push((line, format!("line {line}: {}", unknown(&name, slots))));
            continue;
        };
        if !slot.take([value], Origin::File(path.to_owned())) {
            let wants = slot.option.wants;
            problems.push((line, format!("line {line}: {name} wants {wants}")));
        }
    }
    problems.sort();
    problems.into_iter().map(|(_, problem)| problem).collect()
}

/// What is said of an option that there is not.
fn unknown(name: &str, slots: &[Slot<'_>]) -> String {
    let options = slots.iter().map(|slot| slot.option);
    let of_file = options.filter(|option| option.source == Source::FileAndEnvironment);
    let meant = match nearest(name, of_file.map(|option| option.name)) {
        Some(meant) => format!("did you mean {meant}? "),
        None => String::new(),
    };
    format!("there is no option {name}; {meant}config.example.toml has all of them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn faults(text: &str) -> Vec<String> {
        read(text, Path::new("c.toml"), &mut Config::default().slots())
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_and_no_value_with_it() {
        let text = "# comment\n\
                    databse_url = \"postgres://heliu:s3cret@db/heliu\"\n\
                    node = \"s3cret\"\n\
                    \n\
                    connections_max = -1\n\
                    trusted_proxies = [\"s3cret\", 1]\n\
                    listen = \"s3cret\"\n\
                    code_prefixes = [{ prefix = \"10\", s3cret = 1 }]\n\
                    time_factor = 20\n\
                    [sms]\n\
                    token = \"s3cret\"\n\
                    data = \"elsewhere\"\n";
        let expected = [
            "line 2: there is no option databse_url; did you mean database_url? config.example.toml has all of them",
            "line 3: node wants a whole number, 0 to 63",
            "line 5: connections_max wants a whole number, such as 10000",
            "line 6: trusted_proxies wants a list of addresses and networks, such as [\"10.0.0.0/24\"]",
            "line 7: listen wants an address with its port, such as \"127.0.0.1:8080\"",
            "line 8: code_prefixes wants a list of { prefix = \"10\", length_min = 18, length_max = 18, wallet = \"wechat\" }",
            "line 9: there is no option time_factor; config.example.toml has all of them",
            "line 10: there is no option sms; config.example.toml has all of them",
        ];
        assert_eq!(faults(text), expected);
    }

    #[test]
    fn what_is_no_toml_is_told_by_line_and_without_it() {
        for text in [
            "node = 1\ndatabase_url = postgres://heliu:s3cret@db\n",
            "node = 1\ndatabase_url = \"postgres://heliu:s3cret@db\n",
            "node = 1\npostgres://heliu:s3cret@db\n",
            "node = 1\nnode = 's3cret'\n",
        ] {
            let problems = faults(text);
            let [problem] = problems.as_slice() else {
                panic!("{problems:?}");
            };
            assert!(
                problem.starts_with("line 2: this is no TOML: "),
                "{problem}"
            );
            assert!(!problem.contains("s3cret"), "{problem}");
        }
    }
}
