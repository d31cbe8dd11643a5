//! Arrows point down: which crates of the house a crate may build on.

use super::manifest::dependencies;
use super::{Finding, Tree};

const RULE: &str = "floors";
const CURE: &str = "put what both need on a lower floor (ports for traits and data, trade for rules), \
                    or let the server put the parts together";
const CURE_UNKNOWN: &str =
    "give the crate its floor in xtask/src/tidy/floors.rs and in ARCHITECTURE.md";

const EVERYTHING: &[&str] = &[
    "trade", "ports", "engine", "office", "store", "vault", "outbound", "dialects", "channels",
    "gateway", "cashier", "console", "sandbox", "testkit",
];
const EDGE: &[&str] = &["trade", "ports"];
const SURFACE: &[&str] = &["trade", "ports", "engine"];
const USE_CASES: &[&str] = &["trade", "ports", "engine"];

/// Each crate and the crates it may name under `[dependencies]` (those for tests only are free).
const FLOORS: [(&str, &[&str]); 19] = [
    ("trade", &[]),
    ("ports", &["trade"]),
    ("engine", EDGE),
    ("store", EDGE),
    ("vault", EDGE),
    ("outbound", EDGE),
    ("dialects", EDGE),
    ("channels", EDGE),
    ("office", USE_CASES),
    ("gateway", SURFACE),
    ("cashier", SURFACE),
    ("console", SURFACE),
    ("sandbox", &[]),
    (
        "testkit",
        &[
            "trade", "ports", "engine", "store", "vault", "outbound", "dialects", "channels",
            "gateway",
        ],
    ),
    ("server", EVERYTHING),
    ("bench", EVERYTHING),
    // From outside, with nothing of the house.
    ("attack", &[]),
    ("fuzz", EVERYTHING),
    ("xtask", &[]),
];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.manifests() {
        let folder = file.path.trim_end_matches("/Cargo.toml");
        let name = folder.rsplit('/').next().unwrap_or(folder);
        let Some((_, allowed)) = FLOORS.iter().find(|(crate_name, _)| *crate_name == name) else {
            findings.push(Finding {
                file: file.path.clone(),
                line: 1,
                rule: RULE,
                what: format!("the crate `{name}` stands on no known floor"),
                cure: CURE_UNKNOWN,
            });
            continue;
        };
        for dependency in dependencies(&file.text) {
            let Some(below) = dependency.name.strip_prefix("heliu-") else {
                continue;
            };
            let counts = !dependency.section.ends_with("dev-dependencies");
            if counts && !allowed.contains(&below) {
                findings.push(Finding {
                    file: file.path.clone(),
                    line: dependency.line,
                    rule: RULE,
                    what: format!("`{name}` may not build on `{below}`"),
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

    #[test]
    fn an_arrow_that_points_up_is_found() {
        let tree = Tree::of(&[(
            "crates/engine/Cargo.toml",
            "[dependencies]\nheliu-trade.workspace = true\nheliu-store.workspace = true\n",
        )]);
        let findings = check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].line, 3);
        assert!(
            findings[0]
                .what
                .contains("`engine` may not build on `store`")
        );
    }

    #[test]
    fn the_sandbox_shares_nothing() {
        let tree = Tree::of(&[(
            "crates/sandbox/Cargo.toml",
            "[dependencies]\nheliu-trade = \"1\"\n",
        )]);
        assert_eq!(check(&tree).len(), 1);
    }

    #[test]
    fn arrows_down_and_those_of_tests_pass() {
        let tree = Tree::of(&[(
            "crates/engine/Cargo.toml",
            "[dependencies]\nheliu-ports.workspace = true\n[dev-dependencies]\nheliu-testkit.workspace = true\n",
        )]);
        assert_eq!(check(&tree), []);
    }

    #[test]
    fn a_crate_without_a_floor_is_found() {
        let tree = Tree::of(&[("crates/attic/Cargo.toml", "[dependencies]\n")]);
        assert_eq!(check(&tree).len(), 1);
    }
}
