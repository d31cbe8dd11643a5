//! WeChat's words and what they prove. Sources: channel notes 1.6, 1.13, 1.15 to 1.19, 1.23, 6;
//! ruling 34.
//!
//! Codes are compared without underscores, since old and new spellings both occur. A code that is
//! in no table proves nothing.

use heliu_trade::verdict::{Decline, DeclineKind, Unknown};
use heliu_trade::wallet::Funding;

use crate::answer::{decline, short, unknown};

/// What a refused payment or prepay call proves.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No money moved by it and none will.
    Declined(Decline),
    /// The payer is asked for a password.
    Confirming,
    /// Nothing.
    Unknown(Unknown),
}

fn plain(code: &str) -> String {
    code.chars()
        .filter(|c| *c != '_')
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// Whether an error answer of v3 is an answer at all. A server error is none, but for one code that
/// arrives as a 500 and is final; frequency limits are none either.
pub(super) fn is_answer(status: u16, code: &str) -> bool {
    let code = plain(code);
    match status {
        429 => false,
        500.. => code == "OPENIDMISMATCH",
        _ => !matches!(
            code.as_str(),
            "FREQUENCYLIMITED" | "SYSTEMERROR" | "BANKERROR"
        ),
    }
}

/// Codes by which micropay refuses for good.
fn pay_decline(code: &str) -> Option<DeclineKind> {
    match code {
        "AUTHCODEEXPIRE" | "AUTHCODEERROR" | "AUTHCODEINVALID" => Some(DeclineKind::CodeInvalid),
        "ORDERCLOSED" | "ORDERREVERSED" => Some(DeclineKind::Closed),
        "PARAMERROR" | "NOAUTH" | "NOTENOUGH" | "NOTSUPORTCARD" | "XMLFORMATERROR"
        | "REQUIREPOSTMETHOD" | "SIGNERROR" | "LACKPARAMS" | "NOTUTF8" | "BUYERMISMATCH"
        | "APPIDNOTEXIST" | "MCHIDNOTEXIST" | "APPIDMCHIDNOTMATCH" | "INVALIDREQUEST"
        | "TRADEERROR" => Some(DeclineKind::Refused),
        _ => None,
    }
}

/// Codes by which unifiedorder and the v3 prepay refuse for good.
fn prepay_decline(code: &str) -> Option<DeclineKind> {
    match code {
        "ORDERCLOSED" => Some(DeclineKind::Closed),
        "PARAMERROR"
        | "INVALIDREQUEST"
        | "APPIDMCHIDNOTMATCH"
        | "MCHNOTEXISTS"
        | "NOAUTH"
        | "SIGNERROR"
        | "RULELIMIT"
        | "TRADEERROR"
        | "NOTENOUGH"
        | "ACCOUNTERROR"
        | "USERACCOUNTABNORMAL"
        | "OPENIDMISMATCH"
        | "APPIDNOTEXIST"
        | "MCHIDNOTEXIST"
        | "LACKPARAMS"
        | "XMLFORMATERROR"
        | "REQUIREPOSTMETHOD"
        | "POSTDATAEMPTY"
        | "NOTUTF8" => Some(DeclineKind::Refused),
        _ => None,
    }
}

fn refusal(code: &str, kind: Option<DeclineKind>) -> Refusal {
    match (plain(code).as_str(), kind) {
        (_, Some(kind)) => Refusal::Declined(decline(code, kind)),
        ("USERPAYING", None) => Refusal::Confirming,
        ("ORDERPAID" | "OUTTRADENOUSED", None) => {
            Refusal::Unknown(unknown(format!("{code}: it may be ours, ask")))
        }
        _ => Refusal::Unknown(unasked(code)),
    }
}

/// What a refusal by micropay proves.
pub(super) fn of_pay(code: &str) -> Refusal {
    refusal(code, pay_decline(&plain(code)))
}

/// What a refusal by unifiedorder or the v3 prepay proves.
pub(super) fn of_prepay(code: &str) -> Refusal {
    refusal(code, prepay_decline(&plain(code)))
}

/// A code that proves nothing.
pub(super) fn unasked(code: &str) -> Unknown {
    match plain(code).as_str() {
        "ORDERNOTEXIST" => Unknown::absent("the channel knows no such order (yet)"),
        "REFUNDNOTEXIST" | "RESOURCENOTEXISTS" => unknown("the channel knows no such refund (yet)"),
        _ => unknown(format!("the channel says {}", short(code))),
    }
}

/// Whether the channel says that it knows no such order.
pub(super) fn is_absent(code: &str) -> bool {
    plain(code) == "ORDERNOTEXIST"
}

/// Whether the time for reversals, seven days, is over.
pub(super) fn is_too_late(code: &str) -> bool {
    plain(code) == "REVERSEEXPIRE"
}

/// What a refused close proves.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CloseRefusal {
    /// It was closed before.
    Closed,
    /// It is paid.
    Paid,
    /// Nothing.
    Unknown(Unknown),
}

/// What a refusal by closeorder or the v3 close proves.
pub(super) fn of_close(code: &str) -> CloseRefusal {
    match plain(code).as_str() {
        "ORDERCLOSED" => CloseRefusal::Closed,
        "ORDERPAID" => CloseRefusal::Paid,
        _ => CloseRefusal::Unknown(unasked(code)),
    }
}

/// Whether a code is about the refund itself, and means that it will not happen as it was asked
/// for. Every other code proves nothing: whoever refuses the envelope (signature, certificate,
/// rights, parties, rate) has not looked at the refund, and an earlier send under the same number
/// may have been done.
pub(super) fn refuses_refund(code: &str) -> bool {
    matches!(
        plain(code).as_str(),
        "NOTENOUGH"
            | "PARAMERROR"
            | "REFUNDFEEMISMATCH"
            | "TRADEOVERDUE"
            | "TRADESTATEERROR"
            | "USERACCOUNTABNORMAL"
    )
}

/// Whether a request for a credential is refused, rather than unheard: everything that is not the
/// channel's own trouble or our own signature.
pub(super) fn refuses_lookup(code: &str) -> bool {
    !matches!(
        plain(code).as_str(),
        "SYSTEMERROR" | "ERROR" | "BANKERROR" | "FREQUENCYLIMITED" | "SIGNERROR"
    )
}

/// What an order's state proves.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It was paid.
    Paid,
    /// It was paid, and money went back: how much is asked about refund by refund.
    Refunded,
    /// It waits for its payer.
    Waiting,
    /// Its payer is confirming.
    Confirming,
    /// It can be paid no more.
    Declined(Decline),
    /// A word that we do not know.
    Unknown(Unknown),
}

/// `trade_state` of v2 and v3.
pub(super) fn of_state(word: &str) -> State {
    match word {
        "SUCCESS" => State::Paid,
        "REFUND" => State::Refunded,
        "NOTPAY" => State::Waiting,
        "USERPAYING" | "ACCEPT" => State::Confirming,
        "CLOSED" | "REVOKED" => State::Declined(decline(word, DeclineKind::Closed)),
        "PAYERROR" => State::Declined(decline(word, DeclineKind::Refused)),
        _ => State::Unknown(unknown(format!("trade_state {}", short(word)))),
    }
}

/// `bank_type` (ruling 34).
pub(super) fn funding(bank_type: Option<&str>) -> Funding {
    match bank_type {
        Some("CFT" | "OTHERS") => Funding::Balance,
        Some(bank) if bank.ends_with("_CREDIT") => Funding::Credit,
        Some(bank) if bank.ends_with("_DEBIT") => Funding::Debit,
        _ => Funding::Unknown,
    }
}
