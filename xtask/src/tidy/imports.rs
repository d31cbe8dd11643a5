//! Which file of a crate takes something from which other one.
//!
//! Every path that begins with `crate`, `super`, `self` or a module declared in the same file is
//! followed to the file in which it ends. A name that a module only passes on
//! (`pub use part::Name`) belongs to the part.

use std::collections::BTreeMap;

use super::tokens::{Kind, Token, tokens, without_tests};
use super::{File, Tree};

/// A file takes something from another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) line: usize,
}

/// A module: its path below the crate's root.
type Module = Vec<String>;

/// All imports between the files of the crate in `folder`, without those of tests.
pub(crate) fn imports(tree: &Tree, folder: &str) -> Vec<Import> {
    let source = format!("{folder}/src/");
    let mut files: BTreeMap<Module, &File> = BTreeMap::new();
    for file in tree.rust().filter(|file| !file.is_test()) {
        let inside = file.path.strip_prefix(&source);
        if let Some(module) = inside.and_then(module_of) {
            files.insert(module, file);
        }
    }
    let passed_on = passed_on(&files);
    let mut found = Vec::new();
    for (module, file) in &files {
        let code = tokens(&file.text);
        for (path, line) in paths(&without_tests(&code), module, &files) {
            let to = owner(&path, &files, &passed_on);
            if let Some(to) = to.filter(|to| to.path != file.path) {
                found.push(Import {
                    from: file.path.clone(),
                    to: to.path.clone(),
                    line,
                });
            }
        }
    }
    found
}

/// `a/b.rs` and `a/b/mod.rs` are `[a, b]`; `lib.rs` and `main.rs` are the root; `bin/` is no
/// module.
fn module_of(file: &str) -> Option<Module> {
    let mut path: Module = file
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    match path.as_slice() {
        [only] if only == "lib" || only == "main" => path.clear(),
        [first, ..] if first == "bin" => return None,
        [.., last] if last == "mod" => {
            path.pop();
        }
        _ => {}
    }
    Some(path)
}

/// Names that a module passes on, and where they come from.
fn passed_on(files: &BTreeMap<Module, &File>) -> BTreeMap<Module, Module> {
    let mut found = BTreeMap::new();
    for (module, file) in files {
        let code = tokens(&file.text);
        let code = without_tests(&code);
        for (at, token) in code.iter().enumerate() {
            let is_public = code
                .get(at.wrapping_sub(1))
                .is_some_and(|before| before.is_word("pub") || before.is_mark(")"));
            if !token.is_word("use") || !is_public {
                continue;
            }
            let mut leaves = Vec::new();
            expand(
                code.get(at + 1..).unwrap_or_default(),
                &mut Vec::new(),
                &mut leaves,
            );
            for (path, _) in leaves {
                if let (Some(name), Some(target)) = (path.last(), absolute(&path, module, files)) {
                    let mut exported = module.clone();
                    exported.push(name.clone());
                    found.insert(exported, target);
                }
            }
        }
    }
    found
}

/// The file in which a path ends.
fn owner<'f>(
    path: &Module,
    files: &BTreeMap<Module, &'f File>,
    passed_on: &BTreeMap<Module, Module>,
) -> Option<&'f File> {
    // A chain of modules that pass a name on is short; a ring of them is no program.
    const CHAIN_MAX: usize = 8;
    let mut path = path.clone();
    for _ in 0..CHAIN_MAX {
        let length = (0..=path.len()).rev().find(|length| {
            path.get(..*length)
                .is_some_and(|start| files.contains_key(start))
        })?;
        let named = path.get(..=length).map(<[String]>::to_vec);
        match named.and_then(|named| passed_on.get(&named)) {
            Some(target) if *target != path => path.clone_from(target),
            _ => return files.get(path.get(..length)?).copied(),
        }
    }
    None
}

/// A path as it is written, from the crate's root; `None` if it leads out of the crate.
fn absolute(path: &[String], module: &Module, files: &BTreeMap<Module, &File>) -> Option<Module> {
    let mut base = module.clone();
    let mut rest = path;
    match path.first().map(String::as_str)? {
        "crate" => {
            base.clear();
            rest = rest.get(1..)?;
        }
        "self" => rest = rest.get(1..)?,
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                base.pop()?;
                rest = rest.get(1..)?;
            }
        }
        first => {
            base.push(first.to_owned());
            if !files.contains_key(&base) {
                return None;
            }
            rest = rest.get(1..)?;
        }
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

/// Every path of a file that leads to a module of the crate. Inside a module within the file
/// nothing is looked at: `super` means the file there.
fn paths(
    code: &[Token<'_>],
    module: &Module,
    files: &BTreeMap<Module, &File>,
) -> Vec<(Module, usize)> {
    let mut found = Vec::new();
    for (at, token) in code.iter().enumerate() {
        let before = code.get(at.wrapping_sub(1));
        let begins = token.kind == Kind::Word
            && before.is_none_or(|before| !before.is_mark("::"))
            && code.get(at + 1).is_some_and(|next| next.is_mark("::"));
        if !begins {
            continue;
        }
        let mut leaves = Vec::new();
        expand(
            code.get(at..).unwrap_or_default(),
            &mut Vec::new(),
            &mut leaves,
        );
        for (path, line) in leaves {
            found.extend(absolute(&path, module, files).map(|path| (path, line)));
        }
    }
    found
}

/// The paths of a tree such as `a::{b, c::{d, e}}`; how many tokens it has.
fn expand(
    code: &[Token<'_>],
    prefix: &mut Vec<String>,
    leaves: &mut Vec<(Module, usize)>,
) -> usize {
    let depth = prefix.len();
    let mut at = 0;
    while let Some(token) = code.get(at).filter(|token| token.kind == Kind::Word) {
        prefix.push(token.text.to_owned());
        at += 1;
        if !code.get(at).is_some_and(|next| next.is_mark("::")) {
            leaves.push((prefix.clone(), token.line));
            break;
        }
        at += 1;
        if code.get(at).is_some_and(|next| next.is_mark("{")) {
            at += 1;
            while let Some(next) = code.get(at) {
                if next.is_mark("}") {
                    at += 1;
                    break;
                }
                at += if next.is_mark(",") || next.kind != Kind::Word {
                    1
                } else {
                    expand(code.get(at..).unwrap_or_default(), prefix, leaves).max(1)
                };
            }
            break;
        }
        if code.get(at).is_none_or(|next| next.kind != Kind::Word) {
            // `a::<T>` and `a::*` end in what stands before.
            leaves.push((prefix.clone(), token.line));
            break;
        }
    }
    // `as Name` renames; what it comes from counts.
    if code.get(at).is_some_and(|next| next.is_word("as")) {
        at += 2;
    }
    prefix.truncate(depth);
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrows(files: &[(&str, &str)]) -> Vec<String> {
        let tree = Tree::of(files);
        let short = |path: &str| path.trim_start_matches("crates/x/src/").to_owned();
        imports(&tree, "crates/x")
            .iter()
            .map(|import| {
                format!(
                    "{}>{}:{}",
                    short(&import.from),
                    short(&import.to),
                    import.line
                )
            })
            .collect()
    }

    #[test]
    fn paths_and_groups_lead_to_the_file_in_which_they_end() {
        let found = arrows(&[
            ("crates/x/src/lib.rs", "mod a; mod b;"),
            (
                "crates/x/src/a.rs",
                "use crate::b::{Deep, deep::{One, Two}};\nfn f() { super::b::deep::g::<u8>() }",
            ),
            ("crates/x/src/b/mod.rs", "mod deep; mod own;"),
            (
                "crates/x/src/b/deep.rs",
                "use super::own;\nuse super::super::a::f;",
            ),
            ("crates/x/src/b/own.rs", ""),
        ]);
        assert_eq!(
            found,
            [
                "a.rs>b/mod.rs:1",
                "a.rs>b/deep.rs:1",
                "a.rs>b/deep.rs:1",
                "a.rs>b/deep.rs:2",
                "b/deep.rs>b/own.rs:1",
                "b/deep.rs>a.rs:2",
            ]
        );
    }

    #[test]
    fn a_name_that_is_passed_on_belongs_to_the_part_that_has_it() {
        let found = arrows(&[
            ("crates/x/src/lib.rs", "mod a; mod b;"),
            ("crates/x/src/a.rs", "use crate::b::{Deep, Own};"),
            (
                "crates/x/src/b/mod.rs",
                "mod deep; pub(crate) use deep::Deep; pub(crate) struct Own;",
            ),
            ("crates/x/src/b/deep.rs", "pub(crate) struct Deep;"),
        ]);
        assert_eq!(
            found,
            [
                "a.rs>b/deep.rs:1",
                "a.rs>b/mod.rs:1",
                "b/mod.rs>b/deep.rs:1"
            ]
        );
    }

    #[test]
    fn a_module_takes_from_its_parts_what_it_names() {
        let found = arrows(&[
            (
                "crates/x/src/b/mod.rs",
                "mod deep; mod other; fn f() { deep::g() }",
            ),
            ("crates/x/src/b/deep.rs", "use std::fmt; use serde::de;"),
            ("crates/x/src/b/other.rs", ""),
        ]);
        assert_eq!(found, ["b/mod.rs>b/deep.rs:1"]);
    }

    #[test]
    fn what_is_compiled_for_tests_does_not_count() {
        let found = arrows(&[
            (
                "crates/x/src/a.rs",
                "#[cfg(test)] mod tests { use crate::b::f; }",
            ),
            ("crates/x/src/b.rs", ""),
            ("crates/x/src/b/tests.rs", "use crate::a::f;"),
        ]);
        assert_eq!(found, Vec::<String>::new());
    }
}
