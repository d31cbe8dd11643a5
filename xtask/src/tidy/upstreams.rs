//! The sandbox's own registry: an upstream is named in its folder, in its wallet's file, on its
//! line of the registry, and where its module is declared. Nothing else of the sandbox knows it, so
//! that one more is a folder and a line.

use super::names::names;
use super::registry::listed;
use super::tokens::{tokens, without_tests};
use super::{Finding, Tree};

const RULE: &str = "upstreams";
const CURE: &str = "state it in the upstream's own table, a value of `upstream::Upstream`";
const CURE_LINE: &str = "list each folder of `upstreams` once in `all` of its mod.rs";

const SOURCE: &str = "crates/sandbox/src/";
const REGISTRY: &str = "crates/sandbox/src/upstreams/mod.rs";
const FOLDERS: &str = "crates/sandbox/src/upstreams/";
const WALLETS: &str = "crates/sandbox/src/wallets/";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(registry) = tree.files.iter().find(|file| file.path == REGISTRY) else {
        return Vec::new();
    };
    let code = without_tests(&tokens(&registry.text));
    let listed: Vec<&str> = listed(&code).collect();
    let mut findings = unlisted(tree, &listed);
    for file in tree.rust().filter(|file| file.path.starts_with(SOURCE)) {
        for (index, line) in file.text.lines().enumerate() {
            let mut upstreams = listed.iter().filter(|name| names(line, name));
            let stranger = upstreams.find(|name| !may_name(&file.path, line, name));
            if let Some(name) = stranger {
                let what =
                    format!("names the upstream `{name}`, which belongs to {FOLDERS}{name}/");
                findings.push(finding(&file.path, index + 1, what, CURE));
            }
        }
    }
    findings
}

/// Folders without a line or with several, and a registry without any.
fn unlisted(tree: &Tree, listed: &[&str]) -> Vec<Finding> {
    let folders = tree.rust().filter_map(|file| {
        let (folder, _) = file.path.strip_prefix(FOLDERS)?.split_once('/')?;
        Some(folder)
    });
    let mut folders: Vec<&str> = folders.collect();
    folders.dedup();
    let mut findings = Vec::new();
    if listed.is_empty() {
        let what = "the registry lists no upstream that can be read".to_owned();
        findings.push(finding(REGISTRY, 1, what, CURE_LINE));
    }
    for folder in folders {
        let lines = listed.iter().filter(|name| **name == folder).count();
        if lines != 1 {
            let what = format!("`{folder}` is listed {lines} times");
            findings.push(finding(REGISTRY, 1, what, CURE_LINE));
        }
    }
    findings
}

fn may_name(path: &str, line: &str, name: &str) -> bool {
    let is_own = |folder: &str| {
        path.strip_prefix(folder)
            .and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
    };
    let is_declared = line.trim().ends_with(&format!("mod {name};"));
    let is_line = line.contains(&format!("{name}::")) && line.matches("::").count() == 1;
    match path {
        REGISTRY => is_declared || is_line,
        _ if path.strip_prefix(WALLETS) == Some("mod.rs") => is_declared,
        _ => is_own(FOLDERS) || is_own(WALLETS),
    }
}

fn finding(file: &str, line: usize, what: String, cure: &'static str) -> Finding {
    Finding {
        file: file.to_owned(),
        line,
        rule: RULE,
        what,
        cure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "pub mod bank;\npub mod purse;\n\
        fn all() -> [&'static Served; 2] {\n[\n&bank::UPSTREAM,\n&purse::UPSTREAM,\n]\n}";

    fn with(path: &str, text: &str) -> Vec<(usize, String)> {
        let files = [
            (REGISTRY, ALL),
            ("crates/sandbox/src/upstreams/bank/mod.rs", "//! The bank."),
            (
                "crates/sandbox/src/upstreams/purse/mod.rs",
                "//! The purse.",
            ),
            ("crates/sandbox/src/wallets/purse.rs", "//! The purse."),
            ("crates/sandbox/src/wallets/mod.rs", "pub(crate) mod purse;"),
        ];
        let mut files: Vec<_> = files.into_iter().filter(|(own, _)| *own != path).collect();
        files.push((path, text));
        let found = check(&Tree::of(&files)).into_iter();
        found.map(|found| (found.line, found.file)).collect()
    }

    #[test]
    fn folders_wallets_and_the_registry_may_name_an_upstream() {
        assert_eq!(with("crates/sandbox/tests/a.rs", "the purse"), []);
        assert_eq!(with("crates/engine/src/a.rs", "the purse"), []);
        assert_eq!(with(REGISTRY, ALL), []);
    }

    #[test]
    fn shared_code_siblings_and_other_lines_of_the_registry_may_not() {
        for (path, text) in [
            (
                "crates/sandbox/src/control/pay.rs",
                "\nif id == \"purse\" {",
            ),
            ("crates/sandbox/src/book/order.rs", "\n// as Purse wants it"),
            (
                "crates/sandbox/src/upstreams/bank/mod.rs",
                "\nuse super::purse;",
            ),
            (
                "crates/sandbox/src/wallets/bank.rs",
                "\n// not as the purse",
            ),
            (
                "crates/sandbox/src/wallets/mod.rs",
                "pub(crate) mod purse;\n// purse",
            ),
        ] {
            assert_eq!(with(path, text), [(2, path.to_owned())], "{path}");
        }
        let text = format!("{ALL}\nfn first() -> &str {{ \"purse\" }}");
        assert_eq!(with(REGISTRY, &text), [(9, REGISTRY.to_owned())]);
    }

    #[test]
    fn a_line_is_of_one_upstream() {
        let text = "fn all() -> [&Served; 2] {\n[&bank::UPSTREAM, &purse::UPSTREAM]\n}";
        assert_eq!(with(REGISTRY, text), [(2, REGISTRY.to_owned())]);
    }

    #[test]
    fn a_folder_without_a_line_and_an_empty_registry_are_found() {
        let text = "fn all() -> [&Served; 1] {\n[&bank::UPSTREAM]\n}";
        assert_eq!(with(REGISTRY, text).len(), 1);
        assert_eq!(with(REGISTRY, "fn every() {}").len(), 3);
    }
}
