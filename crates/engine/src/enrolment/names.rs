//! Ids, names, and the numbers that wires know.

use heliu_ports::dialect::IdForm;

use super::Problem;

/// Longest id of ours, in characters.
const ID_CHARS_MAX: usize = 64;
/// Longest name of a merchant or agent, in characters.
const NAME_CHARS_MAX: usize = 128;

/// An id that the operator chooses: it stands in addresses, in tokens and in names of keys.
///
/// # Errors
/// What it must be.
pub fn check_id(id: &str) -> Result<(), Problem> {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let begins_well = id
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    if begins_well && id.len() <= ID_CHARS_MAX && id.bytes().all(is_sign) {
        return Ok(());
    }
    Err(Problem::Malformed(format!(
        "1 to {ID_CHARS_MAX} letters, digits, hyphens, underscores and dots, with a letter or digit first"
    )))
}

/// A name that people see.
///
/// # Errors
/// What it must be.
pub fn check_name(name: &str) -> Result<(), Problem> {
    let is_seen = name.chars().any(|character| !character.is_whitespace());
    if is_seen && name.chars().count() <= NAME_CHARS_MAX && !name.contains(is_unseen) {
        return Ok(());
    }
    Err(Problem::Malformed(format!(
        "1 to {NAME_CHARS_MAX} characters that can be seen, without control characters"
    )))
}

/// Control characters, those that turn the direction of a text, and line ends of any kind.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

/// A number under which a wire knows an app or an agent.
///
/// # Errors
/// What the wire can carry.
pub fn check_number(form: IdForm, number: &str) -> Result<(), Problem> {
    if form.fits(number) {
        return Ok(());
    }
    Err(Problem::Malformed(form.to_string()))
}

/// A number or app id at somebody else's, which may look like anything that has no blanks in it.
///
/// # Errors
/// What it must be.
pub fn check_foreign_number(number: &str) -> Result<(), Problem> {
    let is_sign = |byte: u8| byte.is_ascii_graphic();
    if (1..=ID_CHARS_MAX).contains(&number.len()) && number.bytes().all(is_sign) {
        return Ok(());
    }
    Err(Problem::Malformed(format!(
        "1 to {ID_CHARS_MAX} signs without blanks"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_plain_letters_and_digits() {
        for id in [
            "M1",
            "0",
            "wechat-main",
            "f2026010100000000001",
            "a.b_c-d",
            &"x".repeat(64),
        ] {
            assert_eq!(check_id(id), Ok(()), "{id}");
        }
        for id in [
            "",
            " ",
            "a b",
            "a&b=c",
            "a|b",
            "a:b",
            "-a",
            ".a",
            "a\u{1b}[2J",
            "咖啡",
            "a/b",
            &"x".repeat(65),
        ] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn a_name_can_be_seen() {
        for name in ["咖啡店", "Tea & Co", "é", "a", &"面".repeat(128)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in [
            "",
            "  ",
            "\u{3000}",
            "a\nb",
            "a\u{1b}",
            "a\u{202e}b",
            "\u{9b}",
            &"面".repeat(129),
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_number_is_what_its_wire_carries() {
        let digits = IdForm {
            min: 10,
            max: 10,
            has_letters: false,
        };
        assert_eq!(check_number(digits, "9605000011"), Ok(()));
        for number in ["", "960500001", "96050000111", "960500001a", "９605000011"] {
            let must_be = Problem::Malformed("10 digits".to_owned());
            assert_eq!(check_number(digits, number), Err(must_be), "{number}");
        }
        let opaque = IdForm {
            min: 1,
            max: 32,
            has_letters: true,
        };
        assert_eq!(check_number(opaque, "f2026"), Ok(()));
        for number in ["", "a&b=c", "a b", "a-b", &"1".repeat(33)] {
            assert!(check_number(opaque, number).is_err(), "{number}");
        }
    }
}
