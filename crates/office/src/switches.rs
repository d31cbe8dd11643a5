//! Switches of a dialect for one app or agent, as an operator sets them: known names, known words.

use std::collections::BTreeMap;

use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::dialect::Switch;

/// Settings by their names.
pub(crate) type Settings = BTreeMap<String, String>;

/// Names and words that the dialect does not know: a switch that is misspelt would be no switch.
pub(crate) fn faults(known: &[Switch], settings: &Settings) -> Faults {
    let mut faults = Faults::new();
    for (name, word) in settings.iter().filter(|(_, word)| !word.is_empty()) {
        let field = format!("switch {name}");
        let Some(switch) = known.iter().find(|switch| switch.name == *name) else {
            let names: Vec<_> = known.iter().map(|switch| switch.name.to_owned()).collect();
            faults.add(
                field,
                if names.is_empty() {
                    Problem::unfit("is unknown: this protocol has none here", "")
                } else {
                    Problem::NotOneOf(names)
                },
            );
            continue;
        };
        if !switch.words.contains(&word.as_str()) {
            let why = format!("is {}, not {word}", switch.words.join(" or "));
            faults.add(field, Problem::unfit(why, switch.meaning));
        }
    }
    faults
}

/// What stands, with these changes; an empty text takes a setting away.
pub(crate) fn changed(standing: &Settings, changes: &Settings) -> Settings {
    let mut settings = standing.clone();
    settings.extend(changes.clone());
    settings.retain(|_, word| !word.is_empty());
    settings
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
            let found = faults(KNOWN, &settings(fine)).into_result();
            assert_eq!(found, Ok(()), "{fine:?}");
        }
        let wrong = settings(&[("sound", "loud"), ("suond", "on")]);
        assert_eq!(
            faults(KNOWN, &wrong).to_string(),
            "switch sound is on or off, not loud\n  cure  whether it is heard\nswitch suond is none of sound"
        );
        let none = faults(&[], &settings(&[("sound", "on")])).to_string();
        assert!(none.contains("this protocol has none here"), "{none}");
    }

    #[test]
    fn a_change_leaves_the_others_and_an_empty_one_takes_away() {
        let standing = settings(&[("a", "1"), ("b", "2")]);
        let changes = settings(&[("b", ""), ("c", "3")]);
        let expected = settings(&[("a", "1"), ("c", "3")]);
        assert_eq!(changed(&standing, &changes), expected);
    }
}
