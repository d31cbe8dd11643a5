//! The reference of all options, from their declarations: `config.example.toml`.

use super::Config;
use super::elsewhere::ELSEWHERE;
use super::option::{Declared, Slot, Source};

const INTRO: &str = "heliu: every option with its default and its reason. Unknown options, and \
    unknown variables that begin with HELIU_, are refused; all that is wrong is told at once. The \
    environment variable named behind an option wins over this file, which --config or \
    HELIU_CONFIG names. `heliu config check` tells all faults and starts nothing, `heliu config \
    show` where each value comes from. This file is printed by `heliu config example`.";
const NO_OPTIONS: &str = "Variables of which no option is made";
/// Columns of a line of comment, as everywhere in the house.
const COLUMNS: usize = 100;

/// The text of `config.example.toml`.
pub(crate) fn example() -> String {
    let mut config = Config::default();
    let mut text = String::new();
    comment(&mut text, INTRO);
    for section in config.sections() {
        heading(&mut text, &joined(section.title));
        for slot in &section.slots {
            text.push('\n');
            match slot.option.source {
                Source::FileAndEnvironment => entry(&mut text, slot),
                Source::Environment => {
                    let Declared {
                        variable, wants, ..
                    } = slot.option;
                    let meaning = joined(slot.option.meaning);
                    comment(&mut text, &format!("{variable}, {wants}. {meaning}"));
                }
            }
        }
    }
    heading(&mut text, NO_OPTIONS);
    for (variable, meaning) in ELSEWHERE {
        text.push('\n');
        comment(&mut text, &format!("{variable}. {meaning}"));
    }
    text
}

/// An option of the file: what it means, and its default, or an example in a comment.
fn entry(text: &mut String, slot: &Slot<'_>) {
    let option = slot.option;
    let mut meaning = joined(option.meaning);
    if !option.variable.is_empty() {
        meaning.push_str(&format!(" ({})", option.variable));
    }
    comment(text, &meaning);
    match slot.setting.get() {
        Some(default) => text.push_str(&format!("{} = {default}\n", option.name)),
        None => {
            for line in format!("{} = {}", option.name, option.example).lines() {
                text.push_str(&format!("# {line}\n"));
            }
        }
    }
}

fn heading(text: &mut String, title: &str) {
    text.push_str(&format!("\n## {title}\n"));
}

/// The lines of a doc comment as one paragraph.
fn joined(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    lines.join(" ")
}

/// A paragraph as a comment, filled.
fn comment(text: &mut String, paragraph: &str) {
    let mut line = String::from("#");
    for word in paragraph.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > COLUMNS {
            text.push_str(&line);
            text.push('\n');
            line.truncate(1);
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::file;

    fn read(text: &str) -> Config {
        let mut config = Config::default();
        let faults = file::read(text, Path::new("c.toml"), &mut config.slots());
        assert_eq!(faults, Vec::<String>::new());
        config
    }

    #[test]
    fn the_example_in_the_repository_is_the_one_that_the_code_makes() {
        let standing = include_str!("../../../../config.example.toml");
        assert!(
            standing == example(),
            "config.example.toml is not what the code says; make it anew:\n  \
             cargo run -p heliu-server -- config example > config.example.toml"
        );
    }

    #[test]
    fn the_example_holds_the_defaults() {
        assert_eq!(read(&example()), Config::default());
    }

    #[test]
    fn every_option_of_a_file_stands_there_and_its_example_is_one() {
        // Without the comments' signs everything is set that can be.
        let text = example();
        let names: Vec<&str> = Config::default()
            .slots()
            .iter()
            .filter(|slot| slot.option.source == Source::FileAndEnvironment)
            .map(|slot| slot.option.name)
            .collect();
        let is_entry = |line: &str| {
            let name = line.split(" = ").next().unwrap_or_default();
            names.contains(&name) || line.starts_with("  { ") || line == "]"
        };
        let set: Vec<&str> = text
            .lines()
            .map(|line| line.strip_prefix("# ").unwrap_or(line))
            .filter(|line| is_entry(line))
            .collect();
        let mut config = read(&set.join("\n"));
        for slot in config.slots() {
            let is_set = slot.setting.get().is_some();
            let of_file = slot.option.source == Source::FileAndEnvironment;
            assert_eq!(is_set, of_file, "{}", slot.option.name);
        }
    }

    #[test]
    fn every_variable_is_named() {
        let text = example();
        let mut config = Config::default();
        let slots = config.slots();
        let of_options = slots.iter().map(|slot| slot.option.variable);
        for variable in of_options.chain(ELSEWHERE.map(|(name, _)| name)) {
            assert!(text.contains(variable), "{variable}");
        }
    }
}
