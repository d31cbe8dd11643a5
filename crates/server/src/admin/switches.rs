//! Switches of a dialect for one app or agent, as an operator sets them: known names, known words.

use std::collections::BTreeMap;

use heliu_ports::dialect::Switch;

use crate::failure::Failure;

/// Settings by their names.
pub(super) type Settings = BTreeMap<String, String>;

/// Refuses names and words that the dialect does not know: a switch that is misspelt would be no switch.
pub(super) fn check(known: &[Switch], settings: &Settings) -> Result<(), Failure> {
    for (name, word) in settings.iter().filter(|(_, word)| !word.is_empty()) {
        let Some(switch) = known.iter().find(|switch| switch.name == *name) else {
            let names: Vec<&str> = known.iter().map(|switch| switch.name).collect();
            let cure = if names.is_empty() {
                "this protocol has none here".to_owned()
            } else {
                format!("there is {}", names.join(", "))
            };
            return Err(Failure::with_cure(
                format!("there is no switch {name}"),
                &cure,
            ));
        };
        if !switch.words.contains(&word.as_str()) {
            let words = switch.words.join(" or ");
            return Err(Failure::with_cure(
                format!("{name} is {words}, not {word}"),
                switch.meaning,
            ));
        }
    }
    Ok(())
}

/// What stands, with these changes; an empty text takes a setting away.
pub(super) fn changed(standing: &Settings, changes: &Settings) -> Settings {
    let mut settings = standing.clone();
    settings.extend(changes.clone());
    settings.retain(|_, word| !word.is_empty());
    settings
}

/// For people, one a line.
pub(super) fn lines(settings: &Settings) -> impl Iterator<Item = String> {
    settings
        .iter()
        .map(|(name, word)| format!("  {name} = {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Switch] = &[Switch {
        name: "sound",
        words: &["on", "off"],
        meaning: "whether it is heard",
    }];

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let owned = pairs.iter().map(|(name, word)| (*name, *word));
        owned
            .map(|(name, word)| (name.to_owned(), word.to_owned()))
            .collect()
    }

    #[test]
    fn only_what_the_dialect_knows_is_taken() {
        for fine in [
            &[][..],
            &[("sound", "on")],
            &[("sound", "off")],
            &[("sound", "")],
        ] {
            assert!(check(KNOWN, &settings(fine)).is_ok(), "{fine:?}");
        }
        for (wrong, told) in [
            (
                ("sound", "loud"),
                ["sound is on or off, not loud", "whether it is heard"],
            ),
            (
                ("suond", "on"),
                ["there is no switch suond", "there is sound"],
            ),
        ] {
            let refused = check(KNOWN, &settings(&[wrong])).unwrap_err().to_string();
            assert!(told.iter().all(|part| refused.contains(part)), "{refused}");
        }
    }

    #[test]
    fn a_change_leaves_the_others_and_an_empty_one_takes_away() {
        let standing = settings(&[("a", "1"), ("b", "2")]);
        let changes = settings(&[("b", ""), ("c", "3")]);
        let expected = settings(&[("a", "1"), ("c", "3")]);
        assert_eq!(changed(&standing, &changes), expected);
    }
}
