//! Lines of at most 100 columns, so that two files fit beside one another; a Chinese character
//! takes two.
//!
//! All lines of Rust and Markdown are measured, and the comments of SQL, TOML and JavaScript. What
//! is not prose or code of ours stands as it is:
//!
//! - a line that is one word, which cannot be cut: an address, a hash, Chinese without a blank;
//! - a line with a text in quotes: a message, a statement or a vector, which is searched for as it
//!   reads;
//! - tables, headings, what a fence quotes, and definitions of links: a line end there means
//!   something else;
//! - recorded files (`golden/`), which are compared byte by byte.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr as _;

use super::tokens::{Kind, tokens};
use super::{File, Finding, Tree};

const RULE: &str = "lines";
const CURE: &str = "fill the paragraph anew, or say it in fewer words; rustfmt cuts code";
const COLUMNS: usize = 100;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let files = tree.files.iter();
    files
        .filter(|file| !file.path.contains("/golden/"))
        .flat_map(in_file)
        .collect()
}

fn in_file(file: &File) -> Vec<Finding> {
    let ending = file.path.rsplit('.').next().unwrap_or_default();
    let quoted = if file.is_rust() {
        lines_with_text(&file.text)
    } else {
        BTreeSet::new()
    };
    let mut findings = Vec::new();
    let mut is_fenced = false;
    for (index, line) in file.text.lines().enumerate() {
        let measured = Measured::of(ending, line);
        is_fenced ^= measured.is_fence();
        let stays = is_fenced || quoted.contains(&(index + 1)) || measured.is_whole();
        let columns = line.width();
        if columns <= COLUMNS || stays {
            continue;
        }
        findings.push(Finding {
            file: file.path.clone(),
            line: index + 1,
            rule: RULE,
            what: format!("{columns} columns; {COLUMNS} are allowed"),
            cure: CURE,
        });
    }
    findings
}

/// What is measured of a line.
enum Measured<'a> {
    Code(&'a str),
    /// Without the mark of its comment.
    Prose(&'a str),
    Nothing,
}

impl<'a> Measured<'a> {
    fn of(ending: &str, line: &'a str) -> Self {
        let line = line.trim();
        let comment = |mark: char| {
            let text = line.trim_start_matches(mark);
            if text.len() < line.len() {
                Self::Prose(text.trim_start())
            } else {
                Self::Nothing
            }
        };
        match ending {
            "md" => Self::Prose(line),
            "rs" if line.starts_with("//") => {
                let text = line.trim_start_matches('/').trim_start_matches('!');
                Self::Prose(text.trim_start())
            }
            "rs" => Self::Code(line),
            "js" => comment('/'),
            "sql" => comment('-'),
            "toml" => comment('#'),
            _ => Self::Nothing,
        }
    }

    /// Whether it cannot be cut: one word, perhaps behind the mark of a list; a row of a table, a
    /// heading, where a link leads.
    fn is_whole(&self) -> bool {
        match self {
            Self::Code(code) => !code.contains(' '),
            Self::Prose(text) => {
                let item = text.trim_start_matches(['-', '*', '>']).trim_start();
                let is_definition = text.starts_with('[') && text.contains("]: ");
                !item.contains(' ') || text.starts_with(['|', '#']) || is_definition
            }
            Self::Nothing => true,
        }
    }

    fn is_fence(&self) -> bool {
        matches!(self, Self::Prose(text) if text.starts_with("```"))
    }
}

/// The lines on which a text in quotes stands, or a part of one.
fn lines_with_text(source: &str) -> BTreeSet<usize> {
    let tokens = tokens(source);
    let texts = tokens.iter().filter(|token| token.kind == Kind::Text);
    texts
        .flat_map(|text| text.line..=text.line + text.text.matches('\n').count())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let findings = check(&Tree::of(&[(path, text)]));
        findings.iter().map(|finding| finding.line).collect()
    }

    /// Words of five columns each, with a mark in front.
    fn words(mark: &str, count: usize) -> String {
        format!("{mark}{}", "word ".repeat(count).trim_end())
    }

    #[test]
    fn prose_and_code_of_more_than_a_hundred_columns_are_found() {
        for (path, mark) in [
            ("crates/x/src/a.rs", "/// "),
            ("crates/x/src/a.rs", "//! "),
            ("crates/x/src/a.rs", "    // "),
            ("crates/x/src/a.rs", "let a = b + "),
            ("crates/x/README.md", "- "),
            ("bench/a.sql", "-- "),
            ("deny.toml", "# "),
            ("crates/x/assets/a.js", "  // "),
        ] {
            let fits = words(mark, (COLUMNS + 1 - mark.len()) / 5);
            let is_longer = words(mark, (COLUMNS + 1 - mark.len()) / 5 + 1);
            let text = format!("{fits}\n{is_longer}\n{fits}\n");
            assert_eq!(lines(path, &text), [2], "{path} {mark}");
        }
    }

    #[test]
    fn a_chinese_character_takes_two_columns() {
        let of = |count| format!("// a {}", "测".repeat(count));
        assert_eq!(of(47).width(), 99);
        assert_eq!(lines("crates/x/src/a.rs", &of(47)), []);
        assert_eq!(lines("crates/x/src/a.rs", &of(48)), [1]);
    }

    #[test]
    fn what_cannot_be_cut_is_left_alone() {
        let word = "a".repeat(COLUMNS);
        for whole in [
            format!("- https://{word}"),
            format!("## {}", words("", 30)),
            format!("| {} |", words("", 30)),
            format!("[name]: https://{word} \"{word}\""),
            format!("```text\n{}\n```", words("", 30)),
        ] {
            assert_eq!(lines("crates/x/README.md", &whole), [], "{whole}");
            let comment: Vec<String> = whole.lines().map(|line| format!("//! {line}")).collect();
            assert_eq!(
                lines("crates/x/src/a.rs", &comment.join("\n")),
                [],
                "{whole}"
            );
        }
        let after = format!("```text\n{0}\n```\n{0}", words("", 30));
        assert_eq!(lines("crates/x/README.md", &after), [4]);
    }

    #[test]
    fn texts_in_quotes_stand_as_they_are_read_and_comments_with_quotes_do_not() {
        let text = words("", 30);
        assert_eq!(
            lines("crates/x/src/a.rs", &format!("let a = \"{text}\";")),
            []
        );
        let in_two_lines = format!("let a = \"b \\\n    {text}\";\n// {text}");
        assert_eq!(lines("crates/x/src/a.rs", &in_two_lines), [3]);
        assert_eq!(lines("crates/x/src/a.rs", &format!("// \"a\" {text}")), [1]);
    }

    #[test]
    fn statements_values_and_recorded_files_are_not_measured() {
        let text = words("", 30);
        for path in ["bench/a.sql", "Cargo.toml", "crates/x/assets/a.css"] {
            assert_eq!(lines(path, &format!("a = {text}")), [], "{path}");
        }
        assert_eq!(lines("crates/x/src/golden/a.md", &text), []);
    }
}
