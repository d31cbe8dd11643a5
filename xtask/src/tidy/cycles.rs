//! No cycle between the top-level modules of a crate (between crates the compiler sees to it).

use super::modules::{Edge, edges};
use super::rings::rings;
use super::{Finding, Tree};

const RULE: &str = "cycles";
const CURE: &str =
    "move what both need into a module below them, or merge the modules if they are one thing";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.crates()
        .flat_map(|folder| in_crate(&edges(tree, folder)))
        .collect()
}

fn in_crate(edges: &[Edge]) -> Vec<Finding> {
    let arrows = edges.iter().map(|edge| (&*edge.from, &*edge.to));
    let mut findings = Vec::new();
    for ring in rings(arrows) {
        let within: Vec<&Edge> = edges
            .iter()
            .filter(|edge| ring.contains(&*edge.from) && ring.contains(&*edge.to))
            .collect();
        let Some(first) = within.first() else {
            continue;
        };
        let mut arrows: Vec<String> = Vec::new();
        for edge in &within {
            let arrow = format!("{} -> {} ", edge.from, edge.to);
            if !arrows.iter().any(|known| known.starts_with(&arrow)) {
                arrows.push(format!("{arrow}({}:{})", edge.file, edge.line));
            }
        }
        findings.push(Finding {
            file: first.file.clone(),
            line: first.line,
            rule: RULE,
            what: format!(
                "modules import one another in a ring: {}",
                arrows.join(", ")
            ),
            cure: CURE,
        });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: (&str, &str) = ("crates/x/Cargo.toml", "");

    #[test]
    fn a_ring_of_three_modules_is_found_once() {
        let tree = Tree::of(&[
            MANIFEST,
            ("crates/x/src/lib.rs", "mod a; mod b; mod c; mod d;"),
            ("crates/x/src/a.rs", "use crate::b;"),
            ("crates/x/src/b.rs", "use crate::c;"),
            ("crates/x/src/c.rs", "use crate::a;"),
            ("crates/x/src/d.rs", "use crate::a;"),
        ]);
        let findings = check(&tree);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(
            findings[0].what.contains("c -> a (crates/x/src/c.rs:1)"),
            "{}",
            findings[0].what
        );
        assert!(!findings[0].what.contains("d ->"));
    }

    #[test]
    fn two_rings_are_two_findings() {
        let tree = Tree::of(&[
            MANIFEST,
            ("crates/x/src/a.rs", "use crate::b;"),
            ("crates/x/src/b.rs", "use crate::a; use crate::c;"),
            ("crates/x/src/c.rs", "use crate::d;"),
            ("crates/x/src/d.rs", "use crate::c;"),
        ]);
        assert_eq!(check(&tree).len(), 2);
    }

    #[test]
    fn layers_pass() {
        let tree = Tree::of(&[
            MANIFEST,
            (
                "crates/x/src/lib.rs",
                "mod a; mod b; mod c; use a::A; use c::C;",
            ),
            ("crates/x/src/a.rs", "use crate::b; use crate::c;"),
            ("crates/x/src/b.rs", "use crate::c;"),
            ("crates/x/src/c.rs", ""),
        ]);
        assert_eq!(check(&tree), []);
    }
}
