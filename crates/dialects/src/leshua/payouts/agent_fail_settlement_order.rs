//! 查询旗下商户打款失败明细: the bills of a day that failed, of all merchants below the agent.
//! Source: Leshua, section 7.3.

use heliu_ports::dialect::Route;
use heliu_trade::command::{AgentCommand, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::payout_view::PayoutClass::{Adjustment, NextDay, SameDay, Withdrawal};
use heliu_trade::payout_view::{PayoutStanding, PayoutView, PayoutsAsked};

use crate::object::Object;
use crate::parameters::missing;

use super::super::data::{DATA, Data};
use super::bill::{self, PAGE_SIZE, TypeWord, classes_of, day_of, page_of};
use super::interface::{Asked, Interface, Signed};

pub(super) const INTERFACE: Interface = Interface {
    route: Route::post("/open-api/agent/agent-fail-settlement-order"),
    signed: Signed::Data,
    read,
    told,
};

/// `state` of a failed bill, here alone.
const FAILED: i64 = 8;
/// How its reason begins, here alone.
const FAILED_PREFIX: &str = "失败-";
const TYPES: &[TypeWord] = &[
    ("T0", &[SameDay]),
    ("T1", &[NextDay, Adjustment]),
    ("Withdraw", &[Withdrawal]),
];

fn read(asked: Asked<'_>) -> Result<AgentCommand, TradeError> {
    let data = asked.form.get(DATA).filter(|data| !data.is_empty());
    let data = Data::read(data.ok_or_else(|| missing(DATA))?)?;
    Ok(AgentCommand::ListPayouts(PayoutsAsked {
        top_level_only: false,
        app_id: None,
        created_on: day_of(&data)?,
        classes: classes_of(&data.required("type")?, TYPES)?,
        standing: Some(PayoutStanding::Failed),
        page_no: page_of(&data)?,
        page_size: PAGE_SIZE,
    }))
}

fn told(reply: &Reply) -> Option<Vec<u8>> {
    let Reply::Payouts(page) = reply else {
        return None;
    };
    Some(bill::page(page, row))
}

fn row(payout: &PayoutView) -> Object {
    let mut row = bill::opening(payout);
    row.number("state", FAILED)
        .text("failReason", &reason(&payout.fail_reason))
        .text("remark", &format!("{}|", bill::book_word(payout.class)))
        .number("recreateFlag", 0);
    bill::card(&mut row, payout);
    row
}

/// The bank's words without the number in brackets at their end.
fn reason(words: &str) -> String {
    let bare = match words.rsplit_once('[') {
        Some((before, number)) if number.ends_with(']') => before,
        _ => words,
    };
    let bare = bare.strip_prefix(FAILED_PREFIX).unwrap_or(bare);
    format!("{FAILED_PREFIX}{bare}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_its_prefix_once_and_no_number() {
        for (words, told) in [
            (
                "输入的卡号无效,请确认后输入[1000014]",
                "失败-输入的卡号无效,请确认后输入",
            ),
            ("失败-银行卡未开通认证支付", "失败-银行卡未开通认证支付"),
            (
                "交易失败(域值[1]长度为[24]超过)",
                "失败-交易失败(域值[1]长度为[24]超过)",
            ),
            ("", "失败-"),
        ] {
            assert_eq!(reason(words), told);
        }
    }
}
