//! The house rules, one file each. A rule looks at the tree of files and says what it found, where,
//! and what to do instead.

mod circles;
mod citations;
mod cycles;
mod files;
mod floors;
mod imports;
mod lines;
mod manifest;
mod modules;
mod names;
mod owners;
mod paths;
mod purity;
mod registry;
mod rings;
mod siblings;
mod tokens;
mod upstreams;
mod words;

use std::fmt;
use std::io;
use std::path::Path;

/// What a rule found.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) rule: &'static str,
    pub(crate) what: String,
    pub(crate) cure: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding {
            file,
            line,
            rule,
            what,
            cure,
        } = self;
        write!(out, "{file}:{line}: [{rule}] {what}\n    cure: {cure}")
    }
}

/// One file of the workspace; its path is relative to the root and uses `/`.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the file holds tests only: it lies in a `tests` folder or is a module of tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests")
            || self.path.ends_with("/tests.rs")
            || self.path.ends_with("_tests.rs")
    }
}

/// All files that the rules look at.
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
}

impl Tree {
    /// Reads the sources below `root`; build output, data, hidden folders and what npm installed
    /// are left out.
    pub(crate) fn read(root: &Path) -> io::Result<Tree> {
        let mut files = Vec::new();
        let mut folders = vec![(root.to_path_buf(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = format!("{prefix}{name}");
                if entry.file_type()?.is_dir() {
                    let is_others = ["target", "data"].contains(&&*path) || name == "node_modules";
                    if !name.starts_with('.') && !is_others {
                        folders.push((entry.path(), format!("{path}/")));
                    }
                } else if READ.iter().any(|ending| name.ends_with(ending)) {
                    let bytes = std::fs::read(entry.path())?;
                    files.push(File {
                        path,
                        text: String::from_utf8_lossy(&bytes).into_owned(),
                    });
                }
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Tree { files })
    }

    /// A tree made up for a test.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Tree {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Tree {
            files: files.iter().map(file).collect(),
        }
    }

    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust())
    }

    pub(crate) fn manifests(&self) -> impl Iterator<Item = &File> {
        self.files
            .iter()
            .filter(|file| file.path.ends_with("/Cargo.toml"))
    }

    /// The folders of all crates: `crates/trade`, `bench`, `xtask` ...
    pub(crate) fn crates(&self) -> impl Iterator<Item = &str> {
        self.manifests()
            .filter_map(|file| file.path.strip_suffix("/Cargo.toml"))
    }
}

const READ: [&str; 7] = [".rs", ".toml", ".sql", ".html", ".css", ".js", ".md"];

type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: [Rule; 14] = [
    floors::check,
    names::check,
    siblings::check,
    registry::check,
    upstreams::check,
    cycles::check,
    circles::check,
    files::check,
    lines::check,
    owners::check,
    paths::check,
    purity::check,
    words::check,
    citations::check,
];

/// Runs every rule; findings come in the order of files and lines.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(tree)).collect();
    findings.sort();
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_and_what_to_do() {
        let finding = Finding {
            file: "crates/x/src/lib.rs".to_owned(),
            line: 3,
            rule: "files",
            what: "too long".to_owned(),
            cure: "split it",
        };
        assert_eq!(
            finding.to_string(),
            "crates/x/src/lib.rs:3: [files] too long\n    cure: split it"
        );
    }

    #[test]
    fn findings_come_in_order_of_files() {
        let tree = Tree::of(&[
            ("crates/b/src/lib.rs", "fn b() {}"),
            ("crates/a/src/lib.rs", "fn a() {}"),
        ]);
        let files: Vec<String> = check(&tree)
            .into_iter()
            .map(|finding| finding.file)
            .collect();
        assert_eq!(files, ["crates/a/src/lib.rs", "crates/b/src/lib.rs"]);
    }
}
