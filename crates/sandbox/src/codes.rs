//! What a payment code or a face code leads to: by its last two digits, or as set for exactly this
//! code.

use serde::{Deserialize, Serialize};

use crate::book::Book;
use crate::error::SandboxError;

/// How long a payer takes to type a password or to decline unless told otherwise, in virtual ms.
const CONFIRM_MS: i64 = 3_000;

/// What the payer and the channel do (ruling 15); the names are those of `/control/codes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    Pays,
    ConfirmsLater,
    NeverConfirms,
    DeclinesLater,
    NotEnoughMoney,
    CodeExpired,
    SystemErrorButPaid,
    SilentButPaid,
    SilentAndLost,
    PaysWithDiscount,
    WrongSignatureButPaid,
}

/// An effect with its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) effect: Effect,
    /// When the payer confirms or declines, after being asked.
    pub(crate) ms: Option<i64>,
    /// What the merchant's discount takes off, whenever it is paid.
    pub(crate) discount_fen: Option<i64>,
}

impl Plan {
    /// What two digits mean.
    pub(crate) fn of_digits(digits: &str) -> Self {
        let effect = match digits {
            "90" => Effect::ConfirmsLater,
            "91" => Effect::NeverConfirms,
            "92" => Effect::DeclinesLater,
            "93" => Effect::NotEnoughMoney,
            "94" => Effect::CodeExpired,
            "95" => Effect::SystemErrorButPaid,
            "96" => Effect::SilentButPaid,
            "97" => Effect::SilentAndLost,
            "98" => Effect::PaysWithDiscount,
            "99" => Effect::WrongSignatureButPaid,
            _ => Effect::Pays,
        };
        Self {
            effect,
            ms: None,
            discount_fen: None,
        }
    }

    /// How long the payer thinks, in virtual ms.
    pub(crate) fn thinks_ms(&self) -> i64 {
        self.ms.unwrap_or(CONFIRM_MS)
    }

    /// The discount on an amount: the chosen one, or a tenth for code 98; never so much that
    /// nothing is left.
    pub(crate) fn discount_fen(&self, total_fen: i64) -> i64 {
        let wanted_fen = match (self.discount_fen, self.effect) {
            (Some(chosen_fen), _) => chosen_fen,
            (None, Effect::PaysWithDiscount) => (total_fen / 10).max(1),
            (None, _) => 0,
        };
        wanted_fen.min(total_fen - 1).max(0)
    }
}

/// The plan of a code: set by `/control/codes` for exactly this code, else by its last two digits.
pub(crate) fn plan(book: &Book<'_>, code: &str) -> Result<Plan, SandboxError> {
    if let Some(set) = book.code_plan(code)? {
        return Ok(serde_json::from_str(&set)?);
    }
    let digits = code.get(code.len().saturating_sub(2)..).unwrap_or("00");
    Ok(Plan::of_digits(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_is_floored_but_never_all() {
        let of = [
            (1, 0),
            (2, 1),
            (9, 1),
            (10, 1),
            (19, 1),
            (20, 2),
            (1000, 100),
        ];
        for (total_fen, discount_fen) in of {
            assert_eq!(Plan::of_digits("98").discount_fen(total_fen), discount_fen);
        }
    }

    #[test]
    fn a_chosen_discount_leaves_a_fen() {
        let plan = Plan {
            effect: Effect::Pays,
            ms: None,
            discount_fen: Some(5),
        };
        for (total_fen, discount_fen) in [(1, 0), (5, 4), (6, 5), (100, 5)] {
            assert_eq!(plan.discount_fen(total_fen), discount_fen);
        }
    }
}
