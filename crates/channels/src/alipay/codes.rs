//! Alipay's words and what they prove. Sources: channel notes 2.4, 2.5, 2.6, 6; rulings 16, 34.
//!
//! Words are sub_codes without their prefix `ACQ.`. A word that is in no table proves nothing.

use heliu_trade::verdict::{Decline, DeclineKind, Unknown};
use heliu_trade::wallet::Funding;
use serde_json::Value;

use super::gateway::Refusal;
use crate::answer::{decline, short, unknown};
use crate::json;

/// The trade does not exist (yet).
pub(super) const TRADE_NOT_EXIST: &str = "TRADE_NOT_EXIST";
/// Too late for a cancel.
pub(super) const TRADE_CANCEL_TIME_OUT: &str = "TRADE_CANCEL_TIME_OUT";

/// Words by which a payment or prepay is refused for good.
fn pay_decline(word: &str) -> Option<DeclineKind> {
    match word {
        "PAYMENT_AUTH_CODE_INVALID" | "SOUNDWAVE_PARSER_FAIL" => Some(DeclineKind::CodeInvalid),
        "TRADE_HAS_CLOSE" => Some(DeclineKind::Closed),
        "INVALID_PARAMETER"
        | "ACCESS_FORBIDDEN"
        | "EXIST_FORBIDDEN_WORD"
        | "PARTNER_ERROR"
        | "TOTAL_FEE_EXCEED"
        | "BUYER_BALANCE_NOT_ENOUGH"
        | "BUYER_BANKCARD_BALANCE_NOT_ENOUGH"
        | "ERROR_BALANCE_PAYMENT_DISABLE"
        | "BUYER_SELLER_EQUAL"
        | "BUYER_ENABLE_STATUS_FORBID"
        | "PULL_MOBILE_CASHIER_FAIL"
        | "MOBILE_PAYMENT_SWITCH_OFF"
        | "PAYMENT_FAIL"
        | "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"
        | "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR"
        | "BEYOND_PAY_RESTRICTION"
        | "BEYOND_PER_RECEIPT_RESTRICTION"
        | "BEYOND_PER_RECEIPT_DAY_RESTRICTION"
        | "BEYOND_PER_RECEIPT_SINGLE_RESTRICTION"
        | "SELLER_BEEN_BLOCKED"
        | "ERROR_BUYER_CERTIFY_LEVEL_LIMIT"
        | "PAYMENT_REQUEST_HAS_RISK"
        | "NO_PAYMENT_INSTRUMENTS_AVAILABLE"
        | "USER_FACE_PAYMENT_SWITCH_OFF"
        | "INVALID_STORE_ID"
        | "SUB_MERCHANT_CREATE_FAIL"
        | "MERCHANT_STATUS_NOT_NORMAL"
        | "SECONDARY_MERCHANT_STATUS_ERROR"
        | "NOW_TIME_AFTER_EXPIRE_TIME_ERROR" => Some(DeclineKind::Refused),
        _ => None,
    }
}

/// A call that takes money is refused; an unsigned refusal proves nothing.
pub(super) fn of_pay(refusal: &Refusal) -> Result<Decline, Unknown> {
    if !refusal.is_signed {
        return Err(unsigned(refusal));
    }
    of_prepay(refusal)
}

/// A call that moves nothing is refused; the gateway's own refusals may be unsigned.
pub(super) fn of_prepay(refusal: &Refusal) -> Result<Decline, Unknown> {
    let kind = match pay_decline(&refusal.word) {
        None if refusal.is_gateway => Some(DeclineKind::Refused),
        kind => kind,
    };
    match (kind, refusal.word.as_str()) {
        (Some(kind), word) => Ok(decline(word, kind)),
        (None, "TRADE_HAS_SUCCESS" | "CONTEXT_INCONSISTENT" | "TRADE_BUYER_NOT_MATCH") => {
            Err(unknown(format!("{}: it may be ours, ask", refusal.word)))
        }
        (None, _) => Err(unasked(refusal)),
    }
}

/// What a refund is called that the channel took and then ended.
pub(super) const REFUND_FAIL: &str = "REFUND_FAIL";

/// A refund is refused, by a word that is about the refund itself. Every other word proves nothing:
/// a gateway that refuses the envelope (signature, token, app, rights) has not looked at the
/// refund, and an earlier send under the same number may have been done. A number that carries
/// another amount there is left to people.
pub(super) fn of_refund(refusal: &Refusal) -> Result<Decline, Unknown> {
    if !refusal.is_signed {
        return Err(unsigned(refusal));
    }
    let is_definite = !refusal.is_gateway
        && matches!(
            refusal.word.as_str(),
            "SELLER_BALANCE_NOT_ENOUGH"
                | "REFUND_AMT_NOT_EQUAL_TOTAL"
                | "REASON_TRADE_BEEN_FREEZEN"
                | "TRADE_HAS_FINISHED"
                | "TRADE_STATUS_ERROR"
                | "REASON_TRADE_REFUND_FEE_ERR"
                | "TRADE_NOT_ALLOW_REFUND"
                | "REFUND_FEE_ERROR"
                | "NOT_ALLOW_PARTIAL_REFUND"
        );
    if is_definite {
        Ok(decline(refusal.word.as_str(), DeclineKind::Refused))
    } else {
        Err(unasked(refusal))
    }
}

/// Whether a transfer is refused by a word that is about the transfer itself (channel notes 2.9).
pub(super) fn is_transfer_refused(refusal: &Refusal) -> bool {
    refusal.is_signed
        && !refusal.is_gateway
        && matches!(
            refusal.word.as_str(),
            "PAYER_BALANCE_NOT_ENOUGH"
                | "BALANCE_IS_NOT_ENOUGH"
                | "PAYER_STATUS_ERROR"
                | "PAYEE_NOT_EXIST"
                | "PAYEE_USER_INFO_ERROR"
                | "PAYEE_CARD_INFO_ERROR"
                | "PAYEE_STATUS_ERROR"
                | "NO_ACCOUNT_RECEIVE_PERMISSION"
                | "CARD_BIN_ERROR"
                | "EXCEED_LIMIT_SM_MIN_AMOUNT"
                | "EXCEED_LIMIT_SM_AMOUNT"
                | "EXCEED_LIMIT_DM_AMOUNT"
                | "EXCEED_LIMIT_MM_AMOUNT"
                | "PERMIT_CHECK_PERM_LIMITED"
                | "INVALID_PARAMETER"
        )
}

/// Whether there is no transfer of that number.
pub(super) fn is_transfer_absent(refusal: &Refusal) -> bool {
    refusal.is_signed && !refusal.is_gateway && refusal.word == "ORDER_NOT_EXIST"
}

/// A refusal that proves nothing.
pub(super) fn unasked(refusal: &Refusal) -> Unknown {
    if refusal.word == TRADE_NOT_EXIST {
        return Unknown::absent("the channel knows no such order (yet)");
    }
    unknown(format!("the channel says {}", short(&refusal.word)))
}

fn unsigned(refusal: &Refusal) -> Unknown {
    unknown(format!("an unsigned refusal: {}", short(&refusal.word)))
}

/// Whether a close is refused because the trade is paid or closed already.
pub(super) fn is_past_closing(refusal: &Refusal) -> bool {
    matches!(
        refusal.word.as_str(),
        "REASON_TRADE_STATUS_INVALID" | "TRADE_STATUS_ERROR"
    )
}

/// The fund channel of a bill. Answers spell the members in snake case, notifications in camel
/// case.
pub(super) fn fund_channel(bill: &Value) -> Option<&str> {
    json::text_of(bill, &["fund_channel", "fundChannel"])
}

/// The largest of the funds that are money or credit of the payer, and what it is (ruling 34).
pub(super) fn main_fund(bills: &[Value]) -> Option<(&str, Funding)> {
    let funds = bills.iter().filter_map(|bill| {
        let channel = fund_channel(bill)?;
        let kind = json::text_of(bill, &["fund_type", "fundType"]);
        let funding = match channel {
            "COUPON" | "MCOUPON" | "DISCOUNT" | "MDISCOUNT" | "POINT" | "MCARD" => return None,
            "PCREDIT" | "PCREDITPAY" => Funding::WalletCredit,
            "BANKCARD" | "DEBIT_CARD_EXPRESS" | "CREDIT_CARD_EXPRESS" => match kind {
                Some("DEBIT_CARD") => Funding::Debit,
                Some("CREDIT_CARD") => Funding::Credit,
                _ => Funding::Unknown,
            },
            "ALIPAYACCOUNT" | "FINANCEACCOUNT" | "PPAYACCOUNT" | "YEBACCOUNT" => Funding::Balance,
            _ => Funding::Unknown,
        };
        let amount_fen = json::yuan(bill, "amount").unwrap_or(0);
        Some((amount_fen, channel, funding))
    });
    let largest = funds.max_by_key(|(amount_fen, ..)| *amount_fen);
    largest.map(|(_, channel, funding)| (channel, funding))
}
