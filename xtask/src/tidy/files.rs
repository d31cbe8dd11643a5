//! Files open with what they are for and stay short; crates are named for what they do.

use super::tokens::{starts_test, tokens};
use super::{File, Finding, Tree};

const RULE: &str = "files";
const CURE_OPENING: &str = "begin the file with a `//!` line that says what it is for";
const CURE_LENGTH: &str = "split it by what its parts do; tests may move to a file of their own";
const CURE_CRATE: &str = "name the crate for what it does; a helper lives with its user";

const LINES: usize = 700;
const LINES_WITH_TESTS: usize = 1000;
const NAMES_THAT_SAY_NOTHING: [&str; 6] = ["common", "utils", "util", "helpers", "helper", "misc"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let mut found = |line, what, cure| {
            findings.push(Finding {
                file: file.path.clone(),
                line,
                rule: RULE,
                what,
                cure,
            });
        };
        if !file.text.starts_with("//!") {
            found(
                1,
                "does not open with a `//!` line".to_owned(),
                CURE_OPENING,
            );
        }
        let (code, all) = (lines_of_code(file), file.text.lines().count());
        if all > LINES_WITH_TESTS {
            found(
                LINES_WITH_TESTS + 1,
                format!("{all} lines, tests included; {LINES_WITH_TESTS} are allowed"),
                CURE_LENGTH,
            );
        } else if code > LINES {
            found(
                LINES + 1,
                format!("{code} lines before the tests; {LINES} are allowed"),
                CURE_LENGTH,
            );
        }
    }
    for folder in tree.crates() {
        let name = folder.rsplit('/').next().unwrap_or(folder);
        if NAMES_THAT_SAY_NOTHING.contains(&name) {
            let what = format!("a crate called `{name}`");
            findings.push(Finding {
                file: format!("{folder}/Cargo.toml"),
                line: 1,
                rule: RULE,
                what,
                cure: CURE_CRATE,
            });
        }
    }
    findings
}

/// The lines before the first `#[cfg(test)] mod`; none where the whole file is a test.
fn lines_of_code(file: &File) -> usize {
    if file.is_test() {
        return 0;
    }
    let code = tokens(&file.text);
    let is_module = |at: usize| code.get(at + 7).is_some_and(|token| token.is_word("mod"));
    let tests = (0..code.len())
        .find(|at| starts_test(code.get(*at..).unwrap_or_default()) && is_module(*at));
    match tests.and_then(|at| code.get(at)) {
        Some(mark) => mark.line - 1,
        None => file.text.lines().count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of(&[(path, text)]))
            .into_iter()
            .map(|found| found.what)
            .collect()
    }

    #[test]
    fn a_file_that_does_not_say_what_it_is_for_is_found() {
        assert_eq!(of("crates/x/src/lib.rs", "fn f() {}").len(), 1);
        assert_eq!(
            of("crates/x/src/lib.rs", "//! X.\nfn f() {}"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn long_files_are_found_and_tests_may_add_to_the_length() {
        let code = |lines| format!("//! X.\n{}", "fn f() {}\n".repeat(lines));
        let tests = |lines| {
            format!(
                "#[cfg(test)]\nmod tests {{\n{}}}\n",
                "fn f() {}\n".repeat(lines)
            )
        };
        assert_eq!(of("crates/x/src/a.rs", &code(699)).len(), 0);
        assert_eq!(of("crates/x/src/a.rs", &code(700)).len(), 1);
        assert_eq!(of("crates/x/src/a.rs", &(code(650) + &tests(300))).len(), 0);
        assert_eq!(of("crates/x/src/a.rs", &(code(650) + &tests(400))).len(), 1);
        assert_eq!(of("crates/x/tests/a.rs", &code(900)).len(), 0);
        assert_eq!(of("crates/x/tests/a.rs", &code(1000)).len(), 1);
    }

    #[test]
    fn a_crate_for_everything_is_found() {
        assert_eq!(of("crates/utils/Cargo.toml", "").len(), 1);
        assert_eq!(of("crates/trade/Cargo.toml", "").len(), 0);
    }
}
