//! The core is plain values and pure functions: no waiting, no clock, no runtime.

use super::tokens::tokens;
use super::{Finding, Tree};

const RULE: &str = "purity";
const CURE: &str = "take the instant as an argument and hand back what is to be done; waiting belongs to engine, \
                    clocks to ports";

const CORE: &str = "crates/trade/src/";
const WORDS: [&str; 3] = ["async", "await", "tokio"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| file.path.starts_with(CORE)) {
        let code = tokens(&file.text);
        for (index, token) in code.iter().enumerate() {
            let clock = token.is_word("std")
                && code.get(index + 1).is_some_and(|next| next.is_mark("::"))
                && names_time(code.get(index + 2..).unwrap_or_default());
            let word = WORDS.iter().find(|word| token.is_word(word));
            if let Some(what) = word.copied().or(clock.then_some("std::time")) {
                findings.push(Finding {
                    file: file.path.clone(),
                    line: token.line,
                    rule: RULE,
                    what: format!("`{what}` in the core"),
                    cure: CURE,
                });
            }
        }
    }
    findings
}

/// Whether `time` comes next, alone or as a branch of a group: `std::{fmt, time::Instant}`.
fn names_time(after: &[super::tokens::Token<'_>]) -> bool {
    if !after.first().is_some_and(|token| token.is_mark("{")) {
        return after.first().is_some_and(|token| token.is_word("time"));
    }
    let mut depth = 0_usize;
    let mut fresh = false;
    for token in after {
        match token.text {
            "{" => {
                depth += 1;
                fresh = depth == 1;
            }
            "}" if depth <= 1 => return false,
            "}" => depth -= 1,
            "," => fresh = depth == 1,
            _ => {
                if fresh && token.is_word("time") {
                    return true;
                }
                fresh = false;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn waiting_and_clocks_in_the_core_are_found() {
        assert_eq!(
            found("crates/trade/src/a.rs", "async fn f() { g().await }"),
            2
        );
        assert_eq!(found("crates/trade/src/a.rs", "use std::time::Instant;"), 1);
        assert_eq!(
            found(
                "crates/trade/src/a.rs",
                "use std::{fmt::{self, Debug}, time::Duration};"
            ),
            1
        );
    }

    #[test]
    fn a_module_of_its_own_called_time_passes_and_other_crates_may_wait() {
        assert_eq!(
            found(
                "crates/trade/src/a.rs",
                "use crate::time::Instant; use std::{fmt, io::{time}};"
            ),
            0
        );
        assert_eq!(found("crates/engine/src/a.rs", "async fn f() {}"), 0);
    }
}
