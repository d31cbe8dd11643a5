//! 商户打款单: the columns of a bill. Source: Leshua, section 9.5.

use std::borrow::Cow;

use heliu_trade::payout_view::PayoutView;

use super::super::payouts::bill::{moment, state_word};
use super::super::payouts::callback::settle_type;

/// Column titles: the names that the query of bills has.
pub(super) const TITLES: &[&str] = &[
    "billId",
    "merchantId",
    "settleType",
    "settleDate",
    "createTime",
    "bankretTime",
    "planAmount",
    "suspendAmount",
    "realAmount",
    "state",
    "failReason",
    "remark",
    "bankBranch",
    "bankAccount",
    "bankHolder",
];

pub(super) fn columns(bill: &PayoutView) -> [Cow<'_, str>; 15] {
    [
        (&*bill.bill_id).into(),
        bill.app_id.as_str().into(),
        settle_type(bill.class).into(),
        bill.trade_date.to_string().into(),
        moment(Some(bill.created_at)).into(),
        moment(bill.answered_at).into(),
        bill.plan_fen.to_string().into(),
        bill.suspend_fen.to_string().into(),
        bill.real_fen.to_string().into(),
        state_word(bill.standing).to_string().into(),
        (&*bill.fail_reason).into(),
        bill.previous_bill_id.as_deref().unwrap_or_default().into(),
        (&*bill.branch).into(),
        (&*bill.card_masked).into(),
        (&*bill.holder_masked).into(),
    ]
}
