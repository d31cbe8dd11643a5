//! One owner for each library: who else needs what it does asks the owner.

use super::manifest::dependencies;
use super::tokens::{Token, tokens};
use super::{File, Finding, Tree};

const RULE: &str = "owners";

/// A library as code names it, as manifests name it, who may use it, and what to do instead.
struct Owned {
    library: &'static str,
    package: &'static str,
    owners: &'static [&'static str],
    cure: &'static str,
}

const OWNED: [Owned; 6] = [
    Owned {
        library: "rusqlite",
        package: "rusqlite",
        owners: &["crates/store/", "crates/sandbox/"],
        cure: "say what is to be committed or read as a command of ports::store; SQL lives in crates/store",
    },
    Owned {
        library: "tokio_postgres",
        package: "tokio-postgres",
        owners: &["crates/store/"],
        cure: "say what is to be committed or read as a command of ports::store; SQL lives in crates/store",
    },
    Owned {
        library: "reqwest",
        package: "reqwest",
        owners: &["crates/outbound/", "crates/sandbox/", "tests/", "bench/"],
        cure: "call out through the transport of ports, which crates/outbound implements with filter and limits",
    },
    Owned {
        library: "jiff",
        package: "jiff",
        owners: &["crates/trade/", "crates/sandbox/"],
        cure: "use trade::time, which owns calendar and zones",
    },
    Owned {
        library: "aws_lc_rs",
        package: "aws-lc-rs",
        owners: &["crates/vault/", "crates/sandbox/", "tests/", "bench/"],
        cure: "describe the signature as data and let crates/vault compute it",
    },
    Owned {
        library: "md5",
        package: "md-5",
        owners: &[
            "crates/vault/",
            "crates/sandbox/",
            "tests/",
            "bench/",
            "attack/",
        ],
        cure: "describe the signature as data and let crates/vault compute it",
    },
];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for owned in &OWNED {
        for file in tree.files.iter().filter(|file| !may_use(owned, file)) {
            for line in uses(owned, file) {
                findings.push(Finding {
                    file: file.path.clone(),
                    line,
                    rule: RULE,
                    what: format!("`{}` belongs to {}", owned.package, owned.owners.join(", ")),
                    cure: owned.cure,
                });
            }
        }
    }
    findings
}

fn may_use(owned: &Owned, file: &File) -> bool {
    let by_tests =
        owned.owners.contains(&"tests/") && file.path.split('/').any(|part| part == "tests");
    by_tests
        || owned
            .owners
            .iter()
            .any(|owner| file.path.starts_with(owner))
}

/// The lines on which the file uses the library, once per line.
fn uses(owned: &Owned, file: &File) -> Vec<usize> {
    let mut lines: Vec<usize> = if file.is_rust() {
        named_in(&tokens(&file.text), owned.library)
    } else if file.path.ends_with("/Cargo.toml") {
        let for_tests = owned.owners.contains(&"tests/");
        dependencies(&file.text)
            .iter()
            .filter(|found| found.name == owned.package)
            .filter(|found| !(for_tests && found.section.ends_with("dev-dependencies")))
            .map(|found| found.line)
            .collect()
    } else {
        Vec::new()
    };
    lines.dedup();
    lines
}

/// Where the name stands as the name of a crate: `use x`, `x::y`, `::x::y`; not `crate::x`, `a.x`,
/// `x()`.
fn named_in(code: &[Token<'_>], library: &str) -> Vec<usize> {
    let at = |index: Option<usize>| index.and_then(|index| code.get(index));
    let mut lines = Vec::new();
    for (index, token) in code
        .iter()
        .enumerate()
        .filter(|(_, token)| token.is_word(library))
    {
        let before = at(index.checked_sub(1));
        let within_path = before.is_some_and(|before| before.is_mark("::"))
            && at(index.checked_sub(2)).is_some_and(|first| {
                first.kind == super::tokens::Kind::Word && !first.is_word("use")
            });
        let leads_path = at(Some(index + 1)).is_some_and(|next| next.is_mark("::"));
        let is_used = before.is_some_and(|before| before.is_word("use") || before.is_word("crate"));
        let is_field = before.is_some_and(|before| before.is_mark("."));
        if !within_path && !is_field && (leads_path || is_used) {
            lines.push(token.line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::of(&[(path, text)]))
            .iter()
            .map(|found| found.line)
            .collect()
    }

    #[test]
    fn a_library_in_foreign_hands_is_found() {
        assert_eq!(
            lines("crates/engine/src/pay.rs", "\nuse rusqlite::Connection;"),
            [2]
        );
        assert_eq!(
            lines("crates/engine/src/pay.rs", "fn f() { ::reqwest::get() }"),
            [1]
        );
        assert_eq!(lines("crates/engine/src/pay.rs", "extern crate jiff;"), [1]);
        assert_eq!(
            lines("crates/dialects/src/a.rs", "use md5::{Digest, Md5};"),
            [1]
        );
        assert_eq!(
            lines(
                "crates/engine/Cargo.toml",
                "[dependencies]\nrusqlite.workspace = true"
            ),
            [2]
        );
    }

    #[test]
    fn owners_and_tests_pass() {
        assert_eq!(
            lines("crates/store/src/sqlite.rs", "use rusqlite::Connection;"),
            []
        );
        assert_eq!(
            lines("crates/server/tests/harness/mod.rs", "use reqwest::Client;"),
            []
        );
        assert_eq!(
            lines(
                "crates/server/Cargo.toml",
                "[dev-dependencies]\nreqwest.workspace = true"
            ),
            []
        );
    }

    #[test]
    fn sql_is_not_for_tests_either() {
        assert_eq!(
            lines("crates/server/tests/a.rs", "use rusqlite::Connection;"),
            [1]
        );
        assert_eq!(
            lines(
                "crates/server/Cargo.toml",
                "[dev-dependencies]\nrusqlite.workspace = true"
            ),
            [2]
        );
    }

    #[test]
    fn the_same_word_for_something_else_passes() {
        assert_eq!(
            lines(
                "crates/channels/src/a.rs",
                "// reqwest::get\nlet md5 = 1; crate::md5::f(); a.md5(\"md5::\")"
            ),
            []
        );
    }
}
