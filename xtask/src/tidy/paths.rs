//! A place that a page names is there. Code moves, and a map of where it was leads nowhere.

use super::{File, Finding, Tree};

const RULE: &str = "paths";
const CURE: &str = "name where it stands now; if it is gone, say what took its place";

/// Where the paths begin that are looked up.
const BEGINNINGS: [&str; 4] = ["attack/", "bench/", "crates/", "xtask/"];
/// What stands for something else: a part that the reader chooses.
const PLACEHOLDERS: [char; 4] = ['<', '*', '{', '…'];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let pages = tree.files.iter().filter(|file| file.path.ends_with(".md"));
    let found = pages.flat_map(|page| {
        let named = named(page).into_iter();
        named
            .filter(|(_, path)| !is_there(tree, path))
            .map(|(line, path)| Finding {
                file: page.path.clone(),
                line,
                rule: RULE,
                what: format!("`{path}` is not there"),
                cure: CURE,
            })
    });
    found.collect()
}

/// Paths between backticks that a tree can tell, each with its line.
fn named(page: &File) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (index, line) in page.text.lines().enumerate() {
        let quoted = line.split('`').skip(1).step_by(2);
        for path in quoted.map(|path| path.trim_end_matches('/')) {
            let is_path = BEGINNINGS.iter().any(|begin| path.starts_with(begin));
            if is_path && !path.contains(PLACEHOLDERS) && !path.contains(' ') && is_told(path) {
                found.push((index + 1, path));
            }
        }
    }
    found
}

/// Whether the tree holds files of its kind: sources and pages, or a folder of them.
fn is_told(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_none_or(|ending| ["rs", "md", "sql", "toml"].contains(&ending))
}

fn is_there(tree: &Tree, path: &str) -> bool {
    tree.files.iter().any(|file| {
        let behind = file.path.strip_prefix(path);
        behind.is_some_and(|behind| behind.is_empty() || behind.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(page: &str) -> Vec<String> {
        let tree = Tree::of(&[("crates/a/src/lib.rs", ""), ("docs/map.md", page)]);
        let findings = check(&tree).into_iter();
        findings.map(|finding| finding.what).collect()
    }

    #[test]
    fn a_file_or_folder_that_has_moved_is_found() {
        assert_eq!(
            found("see `crates/a/src/gone.rs` and `crates/b/`"),
            [
                "`crates/a/src/gone.rs` is not there",
                "`crates/b` is not there"
            ]
        );
    }

    #[test]
    fn what_is_there_and_what_stands_for_something_else_passes() {
        for page in [
            "`crates/a/src/lib.rs`, `crates/a/`, `crates/a/src`",
            "`crates/<name>/src`, `cargo test -p crates/b`, crates/b in prose",
            "`crates/b/some.json` is a kind of file that no rule reads",
        ] {
            assert!(found(page).is_empty(), "{page}");
        }
    }
}
