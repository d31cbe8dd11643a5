//! A rule that is cited stands in this repository: rulings, sections of the channel notes, rows of
//! the table of faults. A citation that leads nowhere, or out of the repository, is found.

use std::collections::BTreeSet;

use super::{File, Finding, Tree};

const RULE: &str = "citations";
const CURE: &str = "cite what stands under docs/protocol or docs/design, or write it there first";

const RULINGS: &str = "docs/protocol/rulings.md";
const CHANNEL_NOTES: &str = "docs/protocol/channels.md";
const RELIABILITY: &str = "docs/design/reliability.md";
/// Put together so that this file does not find itself.
const OUTSIDE: &str = concat!("../", "shared");

/// What the papers hold.
struct Papers {
    rulings: BTreeSet<String>,
    sections: BTreeSet<String>,
    rows: BTreeSet<String>,
}

impl Papers {
    fn of(tree: &Tree) -> Papers {
        let lines = |path: &str| {
            let file = tree.files.iter().find(|file| file.path == path);
            let text = file.map(|file| file.text.as_str()).unwrap_or_default();
            text.lines()
        };
        let numbered = |line: &str| {
            let number = line.split('.').next().unwrap_or_default();
            is_number(number).then(|| number.to_owned())
        };
        let heading = |line: &str| {
            let title = line.strip_prefix("## ").or(line.strip_prefix("### "))?;
            let number = title.split(' ').next()?.trim_end_matches('.');
            Some(number.to_owned())
        };
        let row = |line: &str| {
            let cell = line.strip_prefix("| ")?.split(' ').next()?;
            is_row(cell).then(|| cell.to_owned())
        };
        Papers {
            rulings: lines(RULINGS).filter_map(numbered).collect(),
            sections: lines(CHANNEL_NOTES).filter_map(heading).collect(),
            rows: lines(RELIABILITY).filter_map(row).collect(),
        }
    }
}

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let papers = Papers::of(tree);
    let mut findings = Vec::new();
    for file in &tree.files {
        let found = |(line, what): (usize, String)| Finding {
            file: file.path.clone(),
            line,
            rule: RULE,
            what,
            cure: CURE,
        };
        findings.extend(astray(file, &papers).into_iter().map(found));
    }
    findings
}

/// Citations of a file that lead nowhere, each with its line.
fn astray(file: &File, papers: &Papers) -> Vec<(usize, String)> {
    let words = words(&file.text);
    let word = |at: usize| words.get(at).map_or("", |(_, word)| *word);
    let mut found = Vec::new();
    for (at, (line, this)) in words.iter().enumerate() {
        if this.contains(OUTSIDE) {
            found.push((*line, format!("`{OUTSIDE}` is no part of this repository")));
        }
        match bare(this).to_ascii_lowercase().as_str() {
            "ruling" | "rulings" => {
                for number in listed(&words, at + 1) {
                    if !papers.rulings.contains(&number) {
                        found.push((*line, format!("there is no ruling {number}")));
                    }
                }
            }
            "notes" if bare(word(at.wrapping_sub(1))).eq_ignore_ascii_case("channel") => {
                let next = at + 1;
                let names_section = ["section", "sections"].contains(&bare(word(next)));
                let section = section_of(word(if names_section { next + 1 } else { next }));
                if let Some(section) = section.filter(|section| !papers.sections.contains(section))
                {
                    found.push((
                        *line,
                        format!("the channel notes have no section {section}"),
                    ));
                }
            }
            "row" => {
                let row = bare(word(at + 1));
                if is_row(row) && !papers.rows.contains(row) {
                    found.push((*line, format!("there is no row {row}")));
                }
            }
            _ => {}
        }
    }
    found
}

/// The words of a text with their lines; marks of comments are none, so that a citation may go on
/// in the next.
fn words(text: &str) -> Vec<(usize, &str)> {
    let marks = ["//", "///", "//!", "#", "--", "|", "*"];
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(index, line)| line.split_whitespace().map(move |word| (index + 1, word)))
        .filter(|(_, word)| !marks.contains(word))
        .collect()
}

/// The numbers of a list such as `12, 13 and 15` or `20-22` that begins at a word.
fn listed(words: &[(usize, &str)], from: usize) -> Vec<String> {
    let mut numbers = Vec::new();
    for (_, word) in words.get(from..).unwrap_or_default() {
        let number: String = word.chars().take_while(char::is_ascii_digit).collect();
        if number.is_empty() {
            if *word == "and" || *word == "to" {
                continue;
            }
            break;
        }
        let goes_on = word.ends_with(',') || word.len() == number.len();
        numbers.push(number);
        if !goes_on {
            break;
        }
    }
    numbers
}

/// `2.5` of `2.5.` or `2.5)`.
fn section_of(word: &str) -> Option<String> {
    let number: String = word
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let number = number.trim_end_matches('.');
    (!number.is_empty()).then(|| number.to_owned())
}

/// A word without the marks around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_ascii_alphanumeric())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A letter from A to J and a number, and perhaps a letter: `G9`, `G4a`.
fn is_row(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(|c: char| ('A'..='J').contains(&c)) else {
        return false;
    };
    is_number(rest.strip_suffix('a').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPERS: [(&str, &str); 3] = [
        (RULINGS, "# Rulings\n\n1. *One*: a.\n12. *Twelve*: b.\n"),
        (CHANNEL_NOTES, "## 2. Alipay\n### 2.5 Payment calls [S]\n"),
        (RELIABILITY, "| # | fault |\n| G9 | slow |\n| G4a | x |\n"),
    ];

    fn what(text: &str) -> Vec<String> {
        let mut files = PAPERS.to_vec();
        files.push(("crates/x/src/a.rs", text));
        let found = check(&Tree::of(&files));
        found.into_iter().map(|found| found.what).collect()
    }

    #[test]
    fn what_stands_in_the_papers_may_be_cited() {
        for text in [
            "// as ruling 12 says",
            "// (rulings 1 and 12)",
            "// (ruling\n// 12)",
            "// channel notes 2.5.",
            "// channel notes, section 2",
            "// (reliability row G9)",
            "// row G4a; a row of 12",
            "// ruling out 13 cases",
        ] {
            assert_eq!(what(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_citation_that_leads_nowhere_is_found() {
        for (text, number) in [
            ("// ruling 13", "13"),
            ("// rulings 1, 2 and 12", "2"),
            ("// (ruling\n/// 13)", "13"),
            ("// channel notes 2.6", "2.6"),
            ("// row G10 says", "G10"),
        ] {
            let found = what(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].ends_with(number), "{found:?}");
        }
    }

    #[test]
    fn nothing_leads_out_of_the_repository() {
        assert_eq!(what(&format!("see {OUTSIDE}/a.md")).len(), 1);
    }
}
