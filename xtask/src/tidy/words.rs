//! Nothing is left to be done later: no notes to oneself, no forgotten printing, no tab characters,
//! and every dependency of the workspace says why it is there.

use super::{Finding, Tree};

const RULE: &str = "words";
const CURE_NOTE: &str = "do it now, or write an issue and say here what holds today";
const CURE_PRINT: &str = "log through tracing, or remove it";
const CURE_TAB: &str = "indent with four spaces; in a text write \\t";
const CURE_REASON: &str = "end the line with `# why it is there`";

/// Put together so that this file does not find itself.
const NOTES: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];
const PRINT: &str = concat!("dbg", "!(");

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        let document = file.path.ends_with(".md");
        for (index, line) in file.text.lines().enumerate() {
            let mut found = |what: String, cure| {
                findings.push(Finding {
                    file: file.path.clone(),
                    line: index + 1,
                    rule: RULE,
                    what,
                    cure,
                });
            };
            if let Some(note) = NOTES
                .iter()
                .find(|note| has_word(line, note))
                .filter(|_| !document)
            {
                found(format!("`{note}`"), CURE_NOTE);
            }
            if file.is_rust() && line.contains(PRINT) {
                found("forgotten printing".to_owned(), CURE_PRINT);
            }
            if line.contains('\t') && !document {
                found("a tab character".to_owned(), CURE_TAB);
            }
        }
    }
    if let Some(manifest) = tree.files.iter().find(|file| file.path == "Cargo.toml") {
        findings.extend(without_reason(&manifest.text));
    }
    findings
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|part| part == word)
}

/// Lines of `[workspace.dependencies]` without a reason; the crates of the house need none.
fn without_reason(manifest: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut inside = false;
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
            continue;
        }
        let names_one =
            inside && line.contains('=') && !line.starts_with('#') && !line.contains("path =");
        let reason = line
            .rsplit_once('#')
            .map_or("", |(_, reason)| reason.trim());
        if names_one && reason.is_empty() {
            let name = line.split(['=', ' ', '.']).next().unwrap_or_default();
            findings.push(Finding {
                file: "Cargo.toml".to_owned(),
                line: index + 1,
                rule: RULE,
                what: format!("`{name}` does not say why it is there"),
                cure: CURE_REASON,
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::of(&[(path, text)]))
            .iter()
            .map(|found| found.line)
            .collect()
    }

    #[test]
    fn notes_to_oneself_are_found_as_words() {
        let note = NOTES[0];
        assert_eq!(
            lines("crates/x/src/a.rs", &format!("//! A.\n// {note}: later")),
            [2]
        );
        assert_eq!(lines("crates/x/src/a.rs", &format!("let {note}S = 1;")), []);
    }

    #[test]
    fn forgotten_printing_and_tabs_are_found() {
        assert_eq!(lines("crates/x/src/a.rs", &format!("{PRINT}x);")), [1]);
        assert_eq!(lines("crates/x/src/a.rs", "\tfn f() {}"), [1]);
        assert_eq!(lines("crates/x/src/a.rs", "    fn f() {}"), []);
    }

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let manifest = "[workspace.dependencies]\n# heading\nheliu-a = { path = \"crates/a\" }\n\
                        b = \"1\" # needed for c\nd = \"1\"\n[profile.dev]\ndebug = 1\n";
        assert_eq!(lines("Cargo.toml", manifest), [5]);
    }
}
