//! What owners' papers say: terms by which they are settled, and cards to which they are paid. The
//! number of a card tells whose it is and whether the bank pays to it; only the bank reads that.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::followup::subject::Owner;
use heliu_trade::settlement_card::{CardKind, CardNumber, HolderName};
use heliu_trade::settlement_terms::{Cycle, SettlementTerms, TermsVersion};

use heliu_engine::NewCard;

use crate::sim::dice::Dice;

/// Where a card's number says whose it is, and whether the bank pays to it.
const PLACE_AT: usize = 6;
const BAD_AT: usize = 7;

/// Whether the bank pays nothing to a card.
pub(super) fn is_bad(account_no: &str) -> bool {
    account_no.as_bytes().get(BAD_AT) == Some(&b'9')
}

/// Whose a card is, by the owner's place.
pub(super) fn place_of(account_no: &str) -> Option<usize> {
    let digit = account_no.as_bytes().get(PLACE_AT)?;
    usize::from(*digit).checked_sub(usize::from(b'0'))
}

/// A card of the owner at a place; `serial` tells it from others.
pub(super) fn card(owner: &Owner, place: usize, is_bad: bool, serial: u32) -> NewCard {
    let mark = if is_bad { 9 } else { 1 };
    let front = format!("620000{place}{mark}{serial:07}");
    let text = format!("{front}{}", check_digit(&front));
    NewCard {
        owner: owner.clone(),
        holder: HolderName::new("张三"),
        kind: CardKind::Private,
        number: CardNumber::parse(&text).expect("digits and their check digit"),
        clearing_number: String::new(),
        bank_branch: String::new(),
    }
}

/// Luhn's.
fn check_digit(front: &str) -> u32 {
    let digits = front.chars().rev().filter_map(|digit| digit.to_digit(10));
    let weighed = (0..).zip(digits).map(|(index, digit)| {
        let twice = digit * 2;
        match index % 2 {
            0 => twice / 10 + twice % 10,
            _ => digit,
        }
    });
    (10 - weighed.sum::<u32>() % 10) % 10
}

/// Terms of any kind.
pub(super) fn any_terms(dice: &Dice) -> SettlementTerms {
    let (reserve_ppm, reserve_days) =
        dice.weigh(&[(60, (0, 0)), (25, (100_000, 1)), (15, (300_000, 3))]);
    SettlementTerms {
        cycle: dice.weigh(&[
            (35, Cycle::T1),
            (35, Cycle::D1),
            (10, Cycle::D0),
            (20, Cycle::Manual),
        ]),
        minimum_fen: *dice.pick(&[0, 0, 1_000, 10_000]),
        payout_fee_fen: *dice.pick(&[0, 0, 100]),
        reserve_ppm,
        reserve_days,
        debt_limit_fen: *dice.pick(&[0, 5_000, 1_000_000]),
    }
}

/// Terms by which everything is paid out soon.
pub(super) fn plain_terms() -> SettlementTerms {
    SettlementTerms {
        cycle: Cycle::D1,
        ..SettlementTerms::default()
    }
}

/// The next version of an owner's terms.
pub(super) const fn version(
    owner: Owner,
    version: u32,
    from: BusinessDate,
    terms: SettlementTerms,
) -> TermsVersion {
    TermsVersion {
        owner,
        version,
        from,
        terms,
    }
}
