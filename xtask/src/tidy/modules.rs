//! Who imports whom among the top-level modules of a crate.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{Kind, Token, tokens, without_tests};
use super::{File, Tree};

/// A path in one top-level module that leads into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) file: String,
    pub(crate) line: usize,
}

/// All edges between the top-level modules of the crate in `folder`; what is compiled for tests
/// only does not count, nor does the root, which may name everybody.
pub(crate) fn edges(tree: &Tree, folder: &str) -> Vec<Edge> {
    let source = format!("{folder}/src/");
    let mut found = Vec::new();
    let sources: Vec<(Vec<&str>, &File)> = tree
        .rust()
        .filter(|file| !file.is_test())
        .filter_map(|file| Some((module_path(file.path.strip_prefix(&source)?)?, file)))
        .collect();
    let tops: BTreeSet<&str> = sources
        .iter()
        .filter_map(|(path, _)| path.first().copied())
        .collect();
    let mut exports = BTreeMap::new();
    for (_, file) in sources.iter().filter(|(path, _)| path.is_empty()) {
        root_exports(&without_tests(&tokens(&file.text)), &tops, &mut exports);
    }
    for (path, file) in &sources {
        let Some(own) = path.first() else { continue };
        let code = tokens(&file.text);
        for (head, line) in heads(&without_tests(&code), path.len()) {
            let to = tops
                .get(head)
                .map(|top| (*top).to_owned())
                .or_else(|| exports.get(head).cloned());
            if let Some(to) = to.filter(|to| to != own) {
                found.push(Edge {
                    from: (*own).to_owned(),
                    to,
                    file: file.path.clone(),
                    line,
                });
            }
        }
    }
    found
}

/// `a/b.rs` and `a/b/mod.rs` are `[a, b]`; `lib.rs` and `main.rs` are the root; `bin/` is no
/// module.
fn module_path(file: &str) -> Option<Vec<&str>> {
    let mut path: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    match path.as_slice() {
        ["lib" | "main"] => path.clear(),
        ["bin", ..] => return None,
        [.., "mod"] => {
            path.pop();
        }
        _ => {}
    }
    Some(path)
}

/// The first names below the root of the crate in every `crate::` path, and in every `super::` path
/// that climbs up to the root. `depth` is how deep the file's own module lies.
fn heads<'a>(code: &[Token<'a>], depth: usize) -> Vec<(&'a str, usize)> {
    let mut found = Vec::new();
    let mut inner = Vec::new(); // the brace depths at which modules within the file began
    let mut braces = 0_usize;
    let mut at = 0;
    while let Some(token) = code.get(at) {
        if token.is_mark("{") {
            braces += 1;
            let is_module = at >= 2 && code.get(at - 2).is_some_and(|word| word.is_word("mod"));
            if is_module {
                inner.push(braces);
            }
        } else if token.is_mark("}") {
            if inner.last() == Some(&braces) {
                inner.pop();
            }
            braces = braces.saturating_sub(1);
        }
        let follows_path = at > 0 && code.get(at - 1).is_some_and(|before| before.is_mark("::"));
        let mut climbed = None;
        if token.is_word("crate") && !follows_path {
            climbed = Some(1);
        } else if token.is_word("super") && !follows_path {
            let mut supers = 1;
            while code
                .get(at + 2 * supers)
                .is_some_and(|next| next.is_word("super"))
            {
                supers += 1;
            }
            if supers >= depth + inner.len() {
                climbed = Some(2 * supers - 1);
            }
        }
        if let Some(length) = climbed
            && code.get(at + length).is_some_and(|next| next.is_mark("::"))
        {
            collect(code.get(at + length + 1..).unwrap_or_default(), &mut found);
        }
        at += 1;
    }
    found
}

/// The name that stands here, or the first names of each branch of the group that stands here.
fn collect<'a>(code: &[Token<'a>], found: &mut Vec<(&'a str, usize)>) {
    let mut depth = 0_usize;
    let mut fresh = true;
    for token in code {
        match (token.kind, token.text) {
            (Kind::Mark, "{") => depth += 1,
            (Kind::Mark, "}") => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return;
                }
            }
            (Kind::Mark, ",") if depth == 1 => fresh = true,
            (Kind::Word, name) if fresh && depth <= 1 => {
                found.push((name, token.line));
                fresh = false;
            }
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

/// Which names the root re-exports from which of its modules: `pub use money::{Fen, Rate as R};`.
fn root_exports(code: &[Token<'_>], tops: &BTreeSet<&str>, exports: &mut BTreeMap<String, String>) {
    for (at, _) in code
        .iter()
        .enumerate()
        .filter(|(_, token)| token.is_word("use"))
    {
        let statement: Vec<&Token<'_>> = code
            .iter()
            .skip(at + 1)
            .take_while(|token| !token.is_mark(";"))
            .collect();
        let mut head = statement
            .iter()
            .filter(|token| token.kind == Kind::Word && !["crate", "self"].contains(&token.text));
        let Some(module) = head.next().filter(|word| tops.contains(word.text)) else {
            continue;
        };
        for (index, token) in statement.iter().enumerate() {
            let next = statement.get(index + 1);
            let is_leaf = next.is_none_or(|next| next.is_mark(",") || next.is_mark("}"));
            if token.kind == Kind::Word && is_leaf && token.text != module.text {
                exports.insert(token.text.to_owned(), module.text.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrows(files: &[(&str, &str)]) -> Vec<String> {
        let tree = Tree::of(files);
        edges(&tree, "crates/x")
            .iter()
            .map(|edge| format!("{}>{}:{}", edge.from, edge.to, edge.line))
            .collect()
    }

    #[test]
    fn paths_groups_and_climbing_lead_to_other_modules() {
        let found = arrows(&[
            ("crates/x/src/lib.rs", "mod a; mod b; mod c;"),
            (
                "crates/x/src/a.rs",
                "use crate::{b::{Deep, c}, c};\nfn f() { super::b::g() }",
            ),
            ("crates/x/src/b/mod.rs", "use super::c;"),
            (
                "crates/x/src/b/deep.rs",
                "use super::own;\nuse super::super::a;",
            ),
            ("crates/x/src/c.rs", "pub(crate) fn f() {} // crate::a"),
        ]);
        assert_eq!(found, ["a>b:1", "a>c:1", "a>b:2", "b>c:1", "b>a:2"]);
    }

    #[test]
    fn what_the_root_passes_on_counts_for_the_module_it_comes_from() {
        let found = arrows(&[
            (
                "crates/x/src/lib.rs",
                "mod a; mod b; pub use a::{Fen, Rate as R};",
            ),
            ("crates/x/src/a.rs", ""),
            ("crates/x/src/b.rs", "use crate::R;\nuse crate::Unknown;"),
        ]);
        assert_eq!(found, ["b>a:1"]);
    }

    #[test]
    fn tests_and_modules_within_a_file_do_not_mislead() {
        let found = arrows(&[
            ("crates/x/src/lib.rs", "mod a; mod b;"),
            (
                "crates/x/src/a.rs",
                "mod inner { use super::b; } #[cfg(test)] mod tests { use crate::b; }",
            ),
            ("crates/x/src/b.rs", ""),
            ("crates/x/src/b/tests.rs", "use crate::a;"),
        ]);
        assert_eq!(found, Vec::<String>::new());
    }
}
