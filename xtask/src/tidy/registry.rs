//! The translators that the house has: those that the registries of `dialects` and `channels` list,
//! and no others.
//!
//! A registry is the function `all` of the crate's root. Each line names a folder, and each folder
//! that states an id has a line: what is not listed would be found by no other rule.

use std::collections::BTreeSet;

use super::tokens::{Kind, Token, tokens, without_tests};
use super::{File, Finding, Tree};

const RULE: &str = "registry";
const CURE_LINE: &str = "add its line to `all` in the crate's lib.rs, or remove the folder";
const CURE_ID: &str =
    "write the id as `const ID: &str = \"...\"` in the folder, so that it can be looked for";
const CURE_EMPTY: &str = "list every translator in `pub fn all()` of the crate's lib.rs";

/// The crates of translators.
pub(crate) const CRATES: [&str; 2] = ["dialects", "channels"];

/// A translator that a registry lists.
#[derive(Debug)]
pub(crate) struct Translator<'a> {
    /// Its module.
    pub(crate) module: &'a str,
    /// Its folder, with a slash at its end.
    pub(crate) folder: String,
    krate: &'a str,
    ids: BTreeSet<String>,
}

impl Translator<'_> {
    /// What nobody else may name, in lower case. A dialect is called as its folder is; a channel
    /// only by its id, since its folder is called as the wallet is.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let ids = self.ids.iter().map(|id| id.to_lowercase());
        let module = (self.krate == "dialects").then(|| self.module.to_lowercase());
        ids.chain(module).collect()
    }
}

/// The translators that the registry of a crate lists.
pub(crate) fn registered<'a>(tree: &'a Tree, krate: &'a str) -> Vec<Translator<'a>> {
    let root = format!("crates/{krate}/src/lib.rs");
    let Some(file) = tree.files.iter().find(|file| file.path == root) else {
        return Vec::new();
    };
    let modules: BTreeSet<&str> = listed(&without_tests(&tokens(&file.text))).collect();
    modules
        .into_iter()
        .map(|module| {
            let folder = format!("crates/{krate}/src/{module}/");
            let files = tree.rust().filter(|file| file.path.starts_with(&folder));
            Translator {
                module,
                ids: ids(files),
                krate,
                folder,
            }
        })
        .collect()
}

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for krate in CRATES {
        let root = format!("crates/{krate}/src/lib.rs");
        if tree.files.iter().any(|file| file.path == root) {
            findings.extend(of_crate(tree, krate, &root));
        }
    }
    findings
}

fn of_crate(tree: &Tree, krate: &str, root: &str) -> Vec<Finding> {
    let finding = |file: &str, what: String, cure| Finding {
        file: file.to_owned(),
        line: 1,
        rule: RULE,
        what,
        cure,
    };
    let listed = registered(tree, krate);
    if listed.is_empty() {
        let what = format!("the registry of `{krate}` lists nothing that can be read");
        return vec![finding(root, what, CURE_EMPTY)];
    }
    let mut findings = Vec::new();
    for translator in listed.iter().filter(|translator| translator.ids.is_empty()) {
        let what = format!("`{}` is listed and states no id", translator.module);
        findings.push(finding(&translator.folder, what, CURE_ID));
    }
    let source = format!("crates/{krate}/src/");
    let folders: BTreeSet<&str> = tree
        .rust()
        .filter_map(|file| Some(file.path.strip_prefix(&source)?.split_once('/')?.0))
        .filter(|folder| !listed.iter().any(|known| known.module == *folder))
        .collect();
    for folder in folders {
        let inside = format!("{source}{folder}/");
        let files = tree.rust().filter(|file| file.path.starts_with(&inside));
        if let Some(id) = ids(files).first() {
            let what = format!("the folder states the id `{id}` and no registry lists it");
            findings.push(finding(&inside, what, CURE_LINE));
        }
    }
    findings
}

/// The first names of the paths inside the body of `fn all`, without the library's own.
pub(super) fn listed<'a>(code: &[Token<'a>]) -> impl Iterator<Item = &'a str> {
    let begin = code
        .windows(2)
        .position(|pair| pair[0].is_word("fn") && pair[1].is_word("all"));
    let body = begin.and_then(|at| {
        let opens = at
            + code
                .get(at..)?
                .iter()
                .position(|token| token.is_mark("{"))?;
        let closes = opens
            + code
                .get(opens..)?
                .iter()
                .position(|token| token.is_mark("}"))?;
        code.get(opens..closes)
    });
    let body = body.unwrap_or_default().to_vec();
    let heads: Vec<&str> = body
        .windows(3)
        .filter(|three| three[1].kind == Kind::Word && three[2].is_mark("::"))
        .filter(|three| !three[0].is_mark("::"))
        .map(|three| three[1].text)
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect();
    heads.into_iter()
}

/// The ids that files state: constants called `ID`.
fn ids<'a>(files: impl Iterator<Item = &'a File>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files.filter(|file| !file.is_test()) {
        let code = tokens(&file.text);
        for (at, token) in code.iter().enumerate() {
            let rest = code.get(at + 1..).unwrap_or_default();
            if token.is_word("ID") && rest.first().is_some_and(|next| next.is_mark(":")) {
                let mut statement = rest.iter().take_while(|token| !token.is_mark(";"));
                let text = statement.find(|token| token.kind == Kind::Text);
                found.extend(text.map(|token| token.text.to_owned()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: (&str, &str) = (
        "crates/channels/src/lib.rs",
        "mod purse; mod form;\n\
         pub fn all() -> Vec<Arc<dyn Channel>> { vec![Arc::new(purse::PROTOCOL)] }\n\
         pub fn find(id: &str) { other::f() }",
    );
    const PURSE: (&str, &str) = (
        "crates/channels/src/purse/mod.rs",
        "const ID: &str = \"purse_partner\";",
    );

    fn what(files: &[(&str, &str)]) -> Vec<String> {
        let found = check(&Tree::of(files));
        found.into_iter().map(|found| found.what).collect()
    }

    #[test]
    fn a_registry_lists_its_translators_with_their_ids() {
        let tree = Tree::of(&[ROOT, PURSE, ("crates/channels/src/form/mod.rs", "")]);
        let listed = registered(&tree, "channels");
        assert_eq!(listed.len(), 1, "{listed:?}");
        assert_eq!(listed[0].folder, "crates/channels/src/purse/");
        assert_eq!(
            listed[0].names(),
            BTreeSet::from(["purse_partner".to_owned()])
        );
        assert_eq!(check(&tree), []);
    }

    #[test]
    fn a_translator_without_a_line_or_an_id_is_found() {
        let unlisted = (
            "crates/channels/src/bank/mod.rs",
            "const ID: &str = \"bank\";",
        );
        assert_eq!(what(&[ROOT, PURSE, unlisted]).len(), 1);
        assert_eq!(
            what(&[ROOT, ("crates/channels/src/purse/mod.rs", "")]).len(),
            1
        );
    }

    #[test]
    fn a_registry_that_lists_nothing_is_found() {
        let root = ("crates/channels/src/lib.rs", "pub fn every() {}");
        assert_eq!(what(&[root, PURSE]).len(), 1);
    }
}
