//! No dialect imports another, no channel another, no part of the engine another: each can be read,
//! changed and removed alone.

use super::modules::edges;
use super::registry::{CRATES, registered};
use super::{Finding, Tree};

const RULE: &str = "siblings";
const CURE: &str =
    "give the helper that both need a module of its own beside them, named for what it does";

/// The engine's parts. What several of them need stands in its `common`.
const PARTS_OF_THE_ENGINE: [&str; 3] = ["clearing", "onboarding", "payments"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let registered = CRATES.map(|krate| {
        let found = registered(tree, krate);
        let modules: Vec<&str> = found.iter().map(|found| found.module).collect();
        (krate, modules)
    });
    let engine = ("engine", PARTS_OF_THE_ENGINE.to_vec());
    for (krate, known) in registered.into_iter().chain([engine]) {
        for edge in edges(tree, &format!("crates/{krate}")) {
            if known.contains(&&*edge.from) && known.contains(&&*edge.to) {
                findings.push(Finding {
                    file: edge.file,
                    line: edge.line,
                    rule: RULE,
                    what: format!("`{}` imports its sibling `{}`", edge.from, edge.to),
                    cure: CURE,
                });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(use_line: &str) -> Vec<Finding> {
        let purse = format!("const ID: &str = \"purse_partner\"; {use_line}");
        check(&Tree::of(&[
            (
                "crates/channels/src/lib.rs",
                "mod bank; mod purse; mod form; fn all() { vec![bank::BANK, purse::PURSE] }",
            ),
            (
                "crates/channels/src/bank/mod.rs",
                "const ID: &str = \"bank_direct\";",
            ),
            ("crates/channels/src/form.rs", ""),
            ("crates/channels/src/purse/mod.rs", &purse),
        ]))
    }

    #[test]
    fn an_imported_sibling_is_found() {
        assert_eq!(with("use crate::bank::sign;").len(), 1);
        assert_eq!(with("use super::bank;").len(), 1);
    }

    #[test]
    fn parts_of_the_engine_do_not_import_one_another() {
        let found = |imported: &str| {
            let text = format!("use crate::{imported};");
            check(&Tree::of(&[
                (
                    "crates/engine/src/lib.rs",
                    "mod common; mod onboarding; mod payments;",
                ),
                ("crates/engine/src/common.rs", ""),
                ("crates/engine/src/payments.rs", ""),
                ("crates/engine/src/onboarding/mod.rs", &text),
            ]))
        };
        assert_eq!(found("payments::pay").len(), 1);
        assert_eq!(found("common::books").len(), 0);
    }

    #[test]
    fn shared_helpers_pass() {
        assert_eq!(with("use crate::form; use self::bank;"), []);
    }
}
