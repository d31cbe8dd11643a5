//! No circle between the files of a crate: what is read first can be read alone. That a module is
//! put together of its parts, and that they use what it holds for all of them, is no circle.

use std::collections::BTreeMap;

use super::imports::{Import, imports};
use super::rings::rings;
use super::{Finding, Tree};

const RULE: &str = "circles";
const CURE: &str =
    "move what both need into a file below them, or merge the files if they are one thing";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.crates()
        .flat_map(|folder| in_crate(&imports(tree, folder)))
        .collect()
}

fn in_crate(imports: &[Import]) -> Vec<Finding> {
    let takes = imports.iter().filter(|import| !puts_together(import));
    let takes = takes.map(|import| (&*import.from, &*import.to));
    let mut findings = Vec::new();
    for ring in rings(takes) {
        let within = imports
            .iter()
            .filter(|import| ring.contains(&*import.from) && ring.contains(&*import.to));
        let mut arrows: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for import in within {
            arrows
                .entry((&import.from, &import.to))
                .or_insert(import.line);
        }
        let shown: Vec<String> = arrows
            .iter()
            .map(|((from, to), line)| format!("{from}:{line} -> {to}"))
            .collect();
        let Some(first) = ring.first() else {
            continue;
        };
        findings.push(Finding {
            file: (*first).to_owned(),
            line: arrows.values().next().copied().unwrap_or(1),
            rule: RULE,
            what: format!("files import one another in a circle: {}", shown.join(", ")),
            cure: CURE,
        });
    }
    findings
}

/// Whether a module takes something from a part of it.
fn puts_together(import: &Import) -> bool {
    let folder = ["mod.rs", "lib.rs", "main.rs"]
        .iter()
        .find_map(|name| import.from.strip_suffix(name));
    folder.is_some_and(|folder| import.to.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: (&str, &str) = ("crates/x/Cargo.toml", "");

    #[test]
    fn a_circle_of_three_files_is_found_once() {
        let tree = Tree::of(&[
            MANIFEST,
            ("crates/x/src/lib.rs", "mod a; mod b; mod c; mod d;"),
            ("crates/x/src/a.rs", "use crate::b::f;"),
            ("crates/x/src/b.rs", "use crate::c::f;"),
            ("crates/x/src/c.rs", "use crate::a::f;"),
            ("crates/x/src/d.rs", "use crate::a::f;"),
        ]);
        let findings = check(&tree);
        assert_eq!(findings.len(), 1, "{findings:?}");
        let what = &findings[0].what;
        assert!(what.contains("c.rs:1 -> crates/x/src/a.rs"), "{what}");
        assert!(!what.contains("d.rs"), "{what}");
    }

    #[test]
    fn files_of_one_module_that_need_one_another_are_found() {
        let tree = Tree::of(&[
            MANIFEST,
            ("crates/x/src/a/mod.rs", "mod one; mod two;"),
            ("crates/x/src/a/one.rs", "use super::two::f;"),
            ("crates/x/src/a/two.rs", "use super::one::f;"),
        ]);
        assert_eq!(check(&tree).len(), 1);
    }

    #[test]
    fn a_module_and_its_parts_are_no_circle() {
        let tree = Tree::of(&[
            MANIFEST,
            (
                "crates/x/src/a/mod.rs",
                "mod one; struct A; fn f() { one::g() }",
            ),
            ("crates/x/src/a/one.rs", "use super::A;"),
        ]);
        assert_eq!(check(&tree), []);
    }

    #[test]
    fn layers_pass() {
        let tree = Tree::of(&[
            MANIFEST,
            ("crates/x/src/lib.rs", "mod a; mod b; use a::A;"),
            ("crates/x/src/a.rs", "use crate::b::B;"),
            ("crates/x/src/b.rs", ""),
        ]);
        assert_eq!(check(&tree), []);
    }
}
