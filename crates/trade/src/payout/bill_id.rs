//! 打款单号: a bill's number as wires and people write it.

use std::fmt;
use std::str::FromStr;

use crate::calendar::BusinessDate;
use crate::id::PlatformNo;

/// What of a platform's number counts within its second.
const IN_SECOND_BITS: u32 = 23;

/// A bill's number: 20 digits, the date of the bill and twelve digits of the day. It is our number
/// of the bill, written otherwise, so that each is found by the other.
///
/// The twelve digits are the second of the day times 2^23, plus what counts within the second; the
/// highest is 724,775,731,199.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BillId(PlatformNo);

/// The text is no bill's number; there is no such bill then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a bill's number is 20 digits, of which the first eight are a date")]
pub struct NotABillId;

impl BillId {
    /// The bill's number of our number.
    #[must_use]
    pub const fn of(payout_no: PlatformNo) -> Self {
        Self(payout_no)
    }

    /// Our number of it.
    #[must_use]
    pub const fn payout_no(self) -> PlatformNo {
        self.0
    }
}

impl fmt::Display for BillId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minted_at = PlatformNo::instant_of(self.0.second());
        let date = BusinessDate::of(minted_at);
        let second = minted_at.since_ms(date.start()) / 1000;
        let within = self.0.as_u64() & ((1 << IN_SECOND_BITS) - 1);
        let of_day = (second.unsigned_abs() << IN_SECOND_BITS) | within;
        write!(f, "{}{of_day:012}", date.compact())
    }
}

impl fmt::Debug for BillId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for BillId {
    type Err = NotABillId;

    fn from_str(text: &str) -> Result<Self, NotABillId> {
        let is_number = text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit());
        let found = is_number.then(|| read(text)).flatten();
        // A second beyond the day's end, or a date before numbers began, is another bill's text.
        found.filter(|id| id.to_string() == text).ok_or(NotABillId)
    }
}

fn read(text: &str) -> Option<BillId> {
    let (date, of_day) = text.split_at_checked(8)?;
    let (year, day) = date.split_at_checked(4)?;
    let (month, day) = day.split_at_checked(2)?;
    let date: BusinessDate = format!("{year}-{month}-{day}").parse().ok()?;
    let of_day: u64 = of_day.parse().ok()?;
    let began = PlatformNo::instant_of(0);
    let day_second = date.start().since_ms(began) / 1000;
    let in_day = i64::try_from(of_day >> IN_SECOND_BITS).ok()?;
    let second = u64::try_from(day_second + in_day).ok()?;
    let within = of_day & ((1 << IN_SECOND_BITS) - 1);
    let number = second.checked_shl(IN_SECOND_BITS)? | within;
    Some(BillId(PlatformNo::from_u64(number)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::NumberMint;
    use crate::time::Timestamp;

    #[test]
    fn a_bill_begins_with_its_date_in_beijing() {
        let midnight = Timestamp::parse_rfc3339("2026-01-02T00:00:00+08:00").expect("valid");
        for (seconds, expected) in [
            (0, "20260102000000000000"),
            (-1, "20260101724767342592"),
            (4 * 3600, "20260102120795955200"),
        ] {
            let mint = NumberMint::new(0, 0).mint(midnight.plus_ms(seconds * 1000));
            assert_eq!(BillId::of(mint).to_string(), expected);
        }
    }

    #[test]
    fn the_wires_own_example_is_a_number_of_ours() {
        let text = "20260102000000000001";
        let bill: BillId = text.parse().expect("a bill's number");
        assert_eq!(bill.to_string(), text);
    }

    #[test]
    fn what_is_no_bills_number_is_refused() {
        for text in [
            "",
            "0123456789012345",
            "2026010200000000000x",
            "20261302000000000001",
            "20190102000000000001",
            "20260102724775731200",
            "20260102999999999999",
        ] {
            assert_eq!(text.parse::<BillId>(), Err(NotABillId), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_number_is_found_by_its_text(number in 0_u64..(1 << 53)) {
            let bill = BillId::of(PlatformNo::from_u64(number));
            let text = bill.to_string();
            prop_assert_eq!(text.len(), 20);
            prop_assert_eq!(text.parse(), Ok(bill));
        }
    }
}
