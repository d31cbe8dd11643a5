//! No cycle between the top-level modules of a crate (between crates the compiler sees to it).

use std::collections::{BTreeMap, BTreeSet};

use super::modules::{Edge, edges};
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
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in edges {
        next.entry(&edge.from).or_default().insert(&edge.to);
    }
    let reach: BTreeMap<&str, BTreeSet<&str>> = next
        .keys()
        .map(|module| (*module, reachable(module, &next)))
        .collect();
    let reaches = |from: &str, to: &str| reach.get(from).is_some_and(|found| found.contains(to));
    let mut findings = Vec::new();
    let mut told = BTreeSet::new();
    for module in next.keys().filter(|module| reaches(module, module)) {
        if !told.insert(*module) {
            continue;
        }
        let ring: BTreeSet<&str> = next
            .keys()
            .copied()
            .filter(|other| reaches(module, other) && reaches(other, module))
            .collect();
        told.extend(&ring);
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

fn reachable<'a>(from: &str, next: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&'a str> = next.get(from).into_iter().flatten().copied().collect();
    while let Some(module) = open.pop() {
        if found.insert(module) {
            open.extend(next.get(module).into_iter().flatten());
        }
    }
    found
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
