//! The number of a card, in clear. It is shown masked, and printed nowhere.

use std::fmt;

/// How many digits a number has.
const DIGITS: std::ops::RangeInclusive<usize> = 12..=19;
/// Digits that stay at the front and at the end of a masked number.
const SHOWN: (usize, usize) = (6, 4);
/// Stars between them, however long the number is.
const STARS: &str = "*********";

/// A card's number, checked. It is in memory only as long as it is needed, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct CardNumber(String);

/// Why a text is no card's number. It says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardNumberProblem {
    /// It is too short, too long, or has something else than digits.
    #[error("a card number has {} to {} digits", DIGITS.start(), DIGITS.end())]
    NotDigits,
    /// Its last digit is not the one that follows from the others (Luhn).
    #[error("its check digit is wrong: a digit is mistyped, or two are exchanged")]
    CheckDigit,
}

impl CardNumber {
    /// From text, in which people may write blanks between the digits.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, CardNumberProblem> {
        let number: String = text.split_ascii_whitespace().collect();
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || !DIGITS.contains(&number.len()) {
            return Err(CardNumberProblem::NotDigits);
        }
        if !luhn_sum(&number).is_multiple_of(10) {
            return Err(CardNumberProblem::CheckDigit);
        }
        Ok(Self(number))
    }

    /// The digits, to be sealed or sent.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// Six digits, nine stars, four digits.
    #[must_use]
    pub fn masked(&self) -> String {
        let (front, end) = SHOWN;
        let tail = self.0.len() - end;
        let parts = (self.0.get(..front), self.0.get(tail..));
        let (front, end) = (parts.0.unwrap_or_default(), parts.1.unwrap_or_default());
        format!("{front}{STARS}{end}")
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardNumber(***)")
    }
}

/// Every second digit from the end counts twice, by the sum of its digits.
fn luhn_sum(number: &str) -> u32 {
    let digits = number.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let counted = digits.enumerate().map(|(index, digit)| match index % 2 {
        0 => digit,
        _ => digit * 2 / 10 + digit * 2 % 10,
    });
    counted.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_a_right_check_digit_and_is_shown_masked() {
        let number = CardNumber::parse(" 6217 0012 1000 0001 238 ").expect("a number");
        assert_eq!(number.masked(), "621700*********1238");
        assert_eq!(format!("{number:?}"), "CardNumber(***)");
        assert_eq!(number.digits().len(), 19);
    }

    #[test]
    fn what_is_no_number_is_refused_without_being_repeated() {
        for (text, expected) in [
            ("", CardNumberProblem::NotDigits),
            ("62170012100", CardNumberProblem::NotDigits),
            (
                "6217001210000001238 6217001210000001238",
                CardNumberProblem::NotDigits,
            ),
            ("62170012100000O1238", CardNumberProblem::NotDigits),
            ("6217001210000001236", CardNumberProblem::CheckDigit),
            ("6217001210000010238", CardNumberProblem::CheckDigit),
        ] {
            let problem = CardNumber::parse(text).expect_err(text);
            assert_eq!(problem, expected, "{text}");
            assert!(!problem.to_string().contains("6217"), "{problem}");
        }
    }
}
