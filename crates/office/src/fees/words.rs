//! Terms and places as people read them.

use heliu_trade::fee::schedule::{Below, FeeVersion};
use heliu_trade::fee::{Clamp, FeeTerms, rate_text};
use heliu_trade::money::yuan_text;

/// `0.38%`, and what goes with it: `0.38% + ¥0.10, at most ¥30.00`.
pub(super) fn terms_text(terms: &FeeTerms) -> String {
    let mut text = rate_text(terms.rate_ppm);
    if terms.credit_extra_ppm != 0 {
        let extra = rate_text(terms.credit_extra_ppm);
        text.push_str(&format!(", {extra} more by credit card"));
    }
    let fixed = match terms.fixed_fen {
        0 => String::new(),
        fen => format!(" + ¥{}", yuan_text(fen)),
    };
    let least = match terms.min_fen {
        0 => String::new(),
        fen => format!(", at least ¥{}", yuan_text(fen)),
    };
    let most = terms
        .max_fen
        .map(|fen| format!(", at most ¥{}", yuan_text(fen)));
    let limits = format!("{least}{}", most.unwrap_or_default());
    match terms.clamp {
        Clamp::Last => format!("{text}{fixed}{limits}"),
        Clamp::First => format!("{text}{limits}{fixed}"),
    }
}

/// When a version begins, as people read it.
pub(super) fn from_text(version: &FeeVersion) -> String {
    version.from.beijing_spaced()
}

/// Who would pay less than who stands above them, for which payments, and from when on.
pub(super) fn below_text(below: &Below) -> String {
    let account = below.channel_account_id.as_ref();
    let account = account.map_or_else(String::new, |account| format!(" through {account}"));
    format!(
        "{} would pay less than {} above it: {}{account}, {}, {} cards, at {} fen, from {} on",
        below.child,
        below.parent,
        below.wallet.as_str(),
        below.at.speed.as_str(),
        below.at.card.as_str(),
        below.at.amount_fen,
        below.from.beijing_spaced(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_in_the_order_in_which_they_count() {
        let plain = FeeTerms {
            rate_ppm: 3_800,
            ..FeeTerms::default()
        };
        let all = FeeTerms {
            credit_extra_ppm: 2_000,
            fixed_fen: 10,
            min_fen: 1,
            max_fen: Some(3_000),
            ..plain
        };
        let clamp = Clamp::First;
        for (terms, text) in [
            (plain, "0.38%"),
            (
                all,
                "0.38%, 0.2% more by credit card + ¥0.10, at least ¥0.01, at most ¥30.00",
            ),
            (
                FeeTerms { clamp, ..all },
                "0.38%, 0.2% more by credit card, at least ¥0.01, at most ¥30.00 + ¥0.10",
            ),
        ] {
            assert_eq!(terms_text(&terms), text);
        }
    }
}
