//! The name of a dialect or a channel occurs only in its own folder, in the registry that lists it, in
//! the demo's seed and in tests. The names are taken from the folders, so a new one is checked by itself.

use std::collections::BTreeSet;

use super::tokens::{Kind, Token, tokens};
use super::{File, Finding, Tree};

const RULE: &str = "names";
const CURE: &str = "say what the code needs as canonical data or a capability in ports, and let the dialect or \
                    channel answer it";
const CURE_ID: &str = "write the id as a text in its `ChannelDescriptor { id: \"...\" }` (or as \
                       `const ID: &str`), so that it can be looked for";

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

/// A folder below `crates/dialects/src` or `crates/channels/src` that implements the crate's trait.
pub(crate) struct Translator<'a> {
    pub(crate) module: &'a str,
    folder: String,
    ids: BTreeSet<String>,
}

/// The folders of `krate` that hold an implementation of `port`; helpers are not among them.
pub(crate) fn translators<'a>(tree: &'a Tree, krate: &str, port: &str) -> Vec<Translator<'a>> {
    let source = format!("crates/{krate}/src/");
    let inner = |file: &'a File| {
        file.path
            .strip_prefix(&source)?
            .split_once('/')
            .map(|(module, _)| module)
    };
    let modules: BTreeSet<&str> = tree.rust().filter_map(inner).collect();
    let mut found = Vec::new();
    for module in modules {
        let folder = format!("{source}{module}/");
        let (inside, single) = (folder.clone(), format!("{source}{module}.rs"));
        let files = tree
            .rust()
            .filter(|file| file.path.starts_with(&inside) || file.path == single);
        let (mut implements, mut ids) = (false, BTreeSet::new());
        for file in files {
            let code = tokens(&file.text);
            implements |= code
                .windows(2)
                .any(|pair| pair[0].is_word(port) && pair[1].is_word("for"));
            ids.extend(stated_ids(&code));
        }
        if implements {
            found.push(Translator {
                module,
                folder,
                ids,
            });
        }
    }
    found
}

/// The ids that a folder states: of its descriptor (`ChannelDescriptor { id: "..." }`) and of constants
/// called `ID`.
fn stated_ids(code: &[Token<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    let text_in = |tokens: &[Token<'_>]| {
        tokens
            .iter()
            .find(|token| token.kind == Kind::Text)
            .map(|token| token.text.to_owned())
    };
    for (at, token) in code.iter().enumerate() {
        let rest = code.get(at + 1..).unwrap_or_default();
        let until = |mark: &str| {
            rest.iter()
                .position(|token| token.is_mark(mark))
                .unwrap_or(0)
        };
        if token.is_word("ID") && rest.first().is_some_and(|next| next.is_mark(":")) {
            found.extend(text_in(rest.get(..until(";")).unwrap_or_default()));
        }
        let opens = rest.first().is_some_and(|next| next.is_mark("{"));
        if token.kind == Kind::Word && token.text.ends_with("Descriptor") && opens {
            let fields = rest.get(..until("}")).unwrap_or_default();
            let id = fields
                .windows(3)
                .find(|three| three[0].is_word("id") && three[1].is_mark(":"));
            found.extend(id.and_then(text_in));
        }
    }
    found
}

/// Whether the name stands in the line, in any spelling, at the beginning of a word: `acme`, `ACME`,
/// `AcmeOrder`, `newAcme`, but not within another word.
fn names(line: &str, name: &str) -> bool {
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
    let mut owners: Vec<(String, String)> = Vec::new(); // name in lower case, the folder it belongs to
    for dialect in translators(tree, "dialects", "Dialect") {
        owners.push((dialect.module.to_lowercase(), dialect.folder));
    }
    for channel in translators(tree, "channels", "Channel") {
        if channel.ids.is_empty() {
            findings.push(Finding {
                file: channel.folder.clone(),
                line: 1,
                rule: RULE,
                what: format!("the channel `{}` does not say its id", channel.module),
                cure: CURE_ID,
            });
        }
        owners.extend(
            channel
                .ids
                .iter()
                .map(|id| (id.to_lowercase(), channel.folder.clone())),
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

    const DIALECT: (&str, &str) = (
        "crates/dialects/src/acme/mod.rs",
        "//! Acme.\nimpl Dialect for Acme {}",
    );
    const CHANNEL: (&str, &str) = (
        "crates/channels/src/purse/mod.rs",
        "const ID: &str = \"purse_partner\"; impl ports::Channel for Purse {}",
    );

    fn with(path: &str, text: &str) -> Vec<Finding> {
        check(&Tree::of(&[DIALECT, CHANNEL, (path, text)]))
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
            "crates/dialects/src/lib.rs",
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
    fn a_descriptor_states_the_id() {
        let code =
            tokens("static D: ChannelDescriptor = ChannelDescriptor { name: \"P\", id: \"p_q\" };");
        assert_eq!(stated_ids(&code), ["p_q"]);
        assert_eq!(
            stated_ids(&tokens("Account { id: \"a\" }")),
            Vec::<String>::new()
        );
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

    #[test]
    fn a_channel_must_say_its_id() {
        let tree = Tree::of(&[(
            "crates/channels/src/purse/mod.rs",
            "impl Channel for Purse {}",
        )]);
        assert_eq!(check(&tree).len(), 1);
    }
}
