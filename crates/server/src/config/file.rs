//! Reads the file: all that is wrong with it at once, by option and line, and never what an option
//! holds.

use std::collections::BTreeMap;

use toml::{Spanned, Value};

use super::Config;
use super::options::ALL;

/// Sets what the file sets; what is wrong with it, each with its line.
pub(super) fn read(text: &str, config: &mut Config) -> Vec<String> {
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
        let Some(choice) = ALL.iter().find(|choice| choice.name == name) else {
            let cure = "config.example.toml has all of them";
            problems.push((
                line,
                format!("line {line}: there is no option {name}; {cure}"),
            ));
            continue;
        };
        if !(choice.set)(config, value) {
            let wants = choice.wants;
            problems.push((line, format!("line {line}: {name} wants {wants}")));
        }
    }
    problems.sort();
    problems.into_iter().map(|(_, problem)| problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
                    [sms]\n\
                    token = \"s3cret\"\n\
                    data = \"elsewhere\"\n";
        let mut config = Config::default();
        let problems = read(text, &mut config);
        let expected = [
            "line 2: there is no option databse_url; config.example.toml has all of them",
            "line 3: node wants a whole number, 0 to 63",
            "line 5: connections_max wants a whole number, such as 10000",
            "line 6: trusted_proxies wants a list of addresses and networks, such as [\"10.0.0.0/24\"]",
            "line 7: listen wants an address with its port, such as \"127.0.0.1:8080\"",
            "line 8: code_prefixes wants a list of { prefix = \"10\", length_min = 18, length_max = 18, wallet = \"wechat\" }",
            "line 9: there is no option sms; config.example.toml has all of them",
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn what_is_no_toml_is_told_by_line_and_without_it() {
        for text in [
            "node = 1\ndatabase_url = postgres://heliu:s3cret@db\n",
            "node = 1\ndatabase_url = \"postgres://heliu:s3cret@db\n",
            "node = 1\npostgres://heliu:s3cret@db\n",
            "node = 1\nnode = 's3cret'\n",
        ] {
            let problems = read(text, &mut Config::default());
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
