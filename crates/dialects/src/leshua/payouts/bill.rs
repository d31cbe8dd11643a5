//! What several interfaces say of a bill. Source: Leshua, sections 7.1 to 7.4; back-half.md,
//! section 4, for the words by cycle and state.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::error::TradeError;
use heliu_trade::payout_view::{PayoutClass, PayoutPage, PayoutStanding, PayoutView};
use heliu_trade::time::Timestamp;

use crate::object::Object;
use crate::parameters::illegal;

use super::super::data::Data;
use super::encode::DONE;

/// Rows of a page.
pub(super) const PAGE_SIZE: u32 = 20;
/// Digits of a page's number.
const PAGE_DIGITS_MAX: usize = 9;

/// A word of `type` and the classes that it stands for.
pub(super) type TypeWord = (&'static str, &'static [PayoutClass]);

/// The classes of a `type`, in any case.
pub(super) fn classes_of(word: &str, words: &[TypeWord]) -> Result<Vec<PayoutClass>, TradeError> {
    let found = words
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(word));
    let (_, classes) = found.ok_or_else(|| {
        let known: Vec<_> = words.iter().map(|(known, _)| *known).collect();
        illegal("type", format!("type must be one of {}", known.join(", ")))
    })?;
    Ok(classes.to_vec())
}

/// The day that `date` names.
pub(super) fn day_of(data: &Data) -> Result<BusinessDate, TradeError> {
    let date = data.required("date")?;
    date.parse().map_err(|_| {
        let problem = "date must be a day of the calendar as yyyy-MM-dd, such as 2026-01-02";
        illegal("date", problem)
    })
}

/// The page that is asked for.
pub(super) fn page_of(data: &Data) -> Result<u32, TradeError> {
    let page = data.required("pageNo")?;
    let page = crate::lexical::digits(&page, PAGE_DIGITS_MAX);
    let page = page.and_then(|page| u32::try_from(page).ok());
    page.filter(|page| *page > 0)
        .ok_or_else(|| illegal("pageNo", "pageNo must be a whole number from 1 on"))
}

/// `state` of 7.1 and 7.2.
pub(in super::super) const fn state_word(standing: PayoutStanding) -> i64 {
    match standing {
        PayoutStanding::Failed => -1,
        PayoutStanding::InProgress => 0,
        PayoutStanding::Paid => 1,
        PayoutStanding::Returned => 2,
        PayoutStanding::Frozen => 3,
    }
}

/// An instant as rows have it; empty without one.
pub(in super::super) fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| format!("{}.0", at.beijing_spaced()))
        .unwrap_or_default()
}

/// Number, times, merchant and amounts, which open every row.
pub(super) fn opening(bill: &PayoutView) -> Object {
    let mut row = Object::new();
    row.text("billId", &bill.bill_id)
        .text("createTime", &moment(Some(bill.created_at)))
        .text("bankretTime", &moment(bill.answered_at))
        .text("merchantId", bill.app_id.as_str())
        .number("planAmount", bill.plan_fen)
        .number("suspendAmount", bill.suspend_fen)
        .number("realAmount", bill.real_fen);
    row
}

/// The card, which closes every row.
pub(super) fn card(row: &mut Object, bill: &PayoutView) {
    row.text("bankAccount", &bill.card_masked)
        .text("bankHolder", &bill.holder_masked)
        .text("bankBranch", &bill.branch);
}

/// Which book of the merchant's a bill is drawn on.
pub(super) const fn book_word(class: PayoutClass) -> &'static str {
    match class {
        PayoutClass::SameDay => "客户账T0待结算账本",
        PayoutClass::NextDay | PayoutClass::Adjustment => "客户账T1待结算账本",
        PayoutClass::Withdrawal => "客户账可提现账本",
    }
}

/// A page of rows.
pub(super) fn page(page: &PayoutPage, row: impl Fn(&PayoutView) -> Object) -> Vec<u8> {
    let (code, sentence) = DONE;
    let total = i64::try_from(page.total).unwrap_or(i64::MAX);
    let mut object = Object::new();
    object
        .text("error_msg", sentence)
        .number("totalCount", total)
        .number("pageNo", i64::from(page.page_no))
        .number("pageSize", i64::from(page.page_size))
        .text("error_code", code)
        .objects("list", page.rows.iter().map(row));
    object.finish()
}
