//! The name of a dialect or a channel occurs only in its own folder, in the registry that lists it,
//! in the demo's seed and in tests. The names are taken from the registries, so a new one is
//! checked by itself.

use super::registry::{CRATES, registered};
use super::{File, Finding, Tree};

const RULE: &str = "names";
const CURE: &str = "say what the code needs as canonical data or a capability in ports, and let the dialect or \
                    channel answer it";

/// Files that may name dialects and channels although they are not theirs.
const MAY_NAME: [&str; 7] = [
    "crates/dialects/src/lib.rs",
    "crates/channels/src/lib.rs",
    "crates/server/src/demo.rs",
    "crates/server/src/demo/",
    "crates/testkit/",
    "bench/",
    "attack/",
];
const MAY_NAME_ROOT: [&str; 1] = ["config.example.toml"];

/// Whether the name stands in the line, in any spelling, at the beginning of a word: `acme`,
/// `ACME`, `AcmeOrder`, `newAcme`, but not within another word.
pub(super) fn names(line: &str, name: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let plain = name.replace('_', "");
    [name, plain.as_str()].iter().any(|spelling| {
        lower.match_indices(spelling).any(|(at, _)| {
            let before = line.get(..at).and_then(|before| before.chars().next_back());
            let first = line.get(at..).and_then(|rest| rest.chars().next());
            let hump = first.is_some_and(char::is_uppercase);
            before.is_none_or(|c| !c.is_alphanumeric() || (hump && c.is_lowercase()))
        })
    })
}

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A name in lower case, and the folder it belongs to.
    let mut owners: Vec<(String, String)> = Vec::new();
    for translator in CRATES.iter().flat_map(|krate| registered(tree, krate)) {
        let names = translator.names();
        owners.extend(
            names
                .into_iter()
                .map(|name| (name, translator.folder.clone())),
        );
    }
    for file in tree.files.iter().filter(|file| looked_at(file)) {
        for (index, line) in file.text.lines().enumerate() {
            let named = owners.iter().find(|(name, folder)| {
                let own = file.path.starts_with(folder)
                    || file.path == format!("{}.rs", folder.trim_end_matches('/'));
                !own && names(line, name)
            });
            if let Some((name, folder)) = named {
                findings.push(Finding {
                    file: file.path.clone(),
                    line: index + 1,
                    rule: RULE,
                    what: format!("names `{name}`, which belongs to {folder}"),
                    cure: CURE,
                });
            }
        }
    }
    findings
}

fn looked_at(file: &File) -> bool {
    !file.path.ends_with(".md")
        && !file.path.split('/').any(|part| part == "tests")
        && !MAY_NAME
            .iter()
            .any(|allowed| file.path.starts_with(allowed))
        && !MAY_NAME_ROOT.contains(&file.path.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALECTS: [(&str, &str); 2] = [
        (
            "crates/dialects/src/lib.rs",
            "fn all() -> Vec<Arc<dyn Dialect>> { vec![Arc::new(acme::Acme)] }",
        ),
        (
            "crates/dialects/src/acme/mod.rs",
            "//! Acme.\nconst ID: &str = \"acme\";",
        ),
    ];
    const CHANNELS: [(&str, &str); 2] = [
        (
            "crates/channels/src/lib.rs",
            "fn all() -> Vec<Arc<dyn Channel>> { vec![Arc::new(purse::PROTOCOL)] }",
        ),
        (
            "crates/channels/src/purse/mod.rs",
            "const ID: &str = \"purse_partner\";",
        ),
    ];

    fn with(path: &str, text: &str) -> Vec<Finding> {
        let mut files = [DIALECTS, CHANNELS].concat();
        files.retain(|(known, _)| *known != path);
        files.push((path, text));
        check(&Tree::of(&files))
    }

    #[test]
    fn a_dialect_named_elsewhere_is_found_in_any_spelling() {
        assert_eq!(
            with("crates/engine/src/pay.rs", "// as acme wants it").len(),
            1
        );
        assert_eq!(
            with("crates/store/src/schema.sql", "\n-- ACME only")
                .first()
                .map(|found| found.line),
            Some(2)
        );
    }

    #[test]
    fn a_channel_named_elsewhere_is_found_but_the_name_of_its_wallet_is_not() {
        assert_eq!(
            with("crates/engine/src/pay.rs", "\"purse_partner\"").len(),
            1
        );
        assert_eq!(
            with("crates/engine/src/pay.rs", "PursePartner::new()").len(),
            1
        );
        assert_eq!(with("crates/engine/src/pay.rs", "Wallet::Purse"), []);
    }

    #[test]
    fn registries_demo_tests_and_documents_may_name_them() {
        for path in [
            "crates/server/src/demo/seed.rs",
            "crates/server/tests/a.rs",
            "README.md",
        ] {
            assert_eq!(with(path, "acme purse_partner"), [], "{path}");
        }
    }

    #[test]
    fn folders_of_helpers_are_no_dialects() {
        assert_eq!(with("crates/dialects/src/wire/mod.rs", "// wire"), []);
        assert_eq!(with("crates/engine/src/pay.rs", "// wire"), []);
    }

    #[test]
    fn a_name_begins_a_word() {
        for line in ["acme", "x_acme", "newAcme()", "ACME_KEY", "\"acme/1\""] {
            assert!(names(line, "acme"), "{line}");
        }
        for line in ["wx0000acmedemo", "pacme", "acne"] {
            assert!(!names(line, "acme"), "{line}");
        }
    }
}
