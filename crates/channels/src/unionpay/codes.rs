//! UnionPay's words and what they prove. Sources: channel notes 3.3, 3.8; ruling 16.
//!
//! `respCode` is about the call, `origRespCode` about the order or refund that was asked about. The
//! notes call every `respCode` of a payment failed that is not listed; codes that UnionPay
//! elsewhere calls open prove nothing here either, and so does whatever is not a code of two
//! digits.

use heliu_trade::directory::ChannelAccount;
use heliu_trade::verdict::{Decline, DeclineKind, Unknown};
use heliu_trade::wallet::Funding;

use crate::account::optional;
use crate::answer::{decline, short, unknown};

/// It is done, or the question is answered.
pub(super) const DONE: &str = "00";
/// The payer is asked for a password.
const CONFIRMING: &str = "02";
/// There is something under this number already.
const DUPLICATE: &str = "12";
/// There is nothing under this number.
const ABSENT: &str = "34";
/// By which a payment code is refused, unless the account says otherwise.
const CODE_INVALID: &str = "61";

/// What a refused call proves.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No money moved by it and none will.
    Declined(Decline),
    /// The payer is asked for a password.
    Confirming,
    /// The number is known: only a query tells.
    Duplicate,
    /// Nothing.
    Unknown(Unknown),
}

/// Whether a code says yes or no, rather than "not yet" or "we do not know".
fn is_definite(code: &str) -> bool {
    let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_digit());
    let is_open = matches!(
        code,
        // Channel notes 3.8; 3.3: unknown, busy; absent; time-outs and faults of issuers and
        // switches.
        CONFIRMING
            | DUPLICATE
            | "99"
            | "03"
            | "04"
            | "05"
            | "06"
            | ABSENT
            | "68"
            | "91"
            | "96"
            | "98"
    );
    is_code && !is_open
}

fn refusal(code: &str, kind: DeclineKind) -> Refusal {
    match code {
        CONFIRMING => Refusal::Confirming,
        DUPLICATE => Refusal::Duplicate,
        code if is_definite(code) => Refusal::Declined(decline(code, kind)),
        code => Refusal::Unknown(unasked(code)),
    }
}

/// What a refusal by micropay proves.
pub(super) fn of_pay(account: &ChannelAccount, code: &str) -> Refusal {
    let unreadable = optional(account, "code_invalid").unwrap_or(CODE_INVALID);
    let kind = if unreadable.split(',').any(|listed| listed.trim() == code) {
        DeclineKind::CodeInvalid
    } else {
        DeclineKind::Refused
    };
    refusal(code, kind)
}

/// What a refusal by a call that makes an order proves.
pub(super) fn of_call(code: &str) -> Refusal {
    refusal(code, DeclineKind::Refused)
}

/// What a refusal by refund proves. Only an amount that is wrong or too large and an order that
/// cannot be refunded are about the refund itself (channel notes 3.3). Every other code proves
/// nothing: whoever refuses the envelope has not looked at the refund, and an earlier send under
/// the same number may have been done.
pub(super) fn of_refund(code: &str) -> Refusal {
    match code {
        CONFIRMING => Refusal::Confirming,
        DUPLICATE => Refusal::Duplicate,
        "33" | "36" | "39" => Refusal::Declined(decline(code, DeclineKind::Refused)),
        code => Refusal::Unknown(unasked(code)),
    }
}

/// Whether a payer's code is refused, rather than the question unheard: an unknown code is no good.
pub(super) fn refuses_lookup(code: &str) -> bool {
    is_absent(code) || is_definite(code)
}

/// A code that proves nothing.
pub(super) fn unasked(code: &str) -> Unknown {
    match code {
        ABSENT => Unknown::absent("the channel knows no such number (yet)"),
        DUPLICATE => unknown("12: it may be ours, ask"),
        _ => unknown(format!("the channel says {}", short(code))),
    }
}

/// Whether the channel says that it knows no such number.
pub(super) fn is_absent(code: &str) -> bool {
    code == ABSENT
}

/// What an order's state proves.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It was paid; refunds are asked about on their own.
    Paid,
    /// It waits for its payer.
    Waiting,
    /// It can be paid no more.
    Declined(Decline),
    /// A word that we do not know.
    Unknown(Unknown),
}

/// `origRespCode` of an order.
pub(super) fn of_order(word: &str) -> State {
    match word {
        "00" | "01" => State::Paid,
        "02" | "05" => State::Waiting,
        "03" => State::Declined(decline("CLOSED", DeclineKind::Closed)),
        "04" => State::Declined(decline("REVOKED", DeclineKind::Closed)),
        "06" => State::Declined(decline("PAYERROR", DeclineKind::Refused)),
        _ => State::Unknown(unknown(format!("origRespCode {}", short(word)))),
    }
}

/// The card, `1` or `2`, under the name that the account gives it; `01` and `02` are the same.
pub(super) fn card(word: &str) -> &str {
    match word {
        "01" => "1",
        "02" => "2",
        word => word,
    }
}

/// What the card of [`card`] is.
pub(super) fn funding(card: Option<&str>) -> Funding {
    match card {
        Some("1") => Funding::Debit,
        Some("2") => Funding::Credit,
        _ => Funding::Unknown,
    }
}
