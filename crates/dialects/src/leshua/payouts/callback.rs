//! 打款回调: how a payout ended. Unsigned, sent once; the reply means nothing. Source: Leshua,
//! section 7.4.

use bytes::Bytes;
use heliu_ports::dialect::PayoutNotice;
use heliu_ports::wire::OutRequest;
use heliu_trade::payout_view::{PayoutClass, PayoutStanding};
use http::Method;

use crate::object::Object;

/// Words a notice; `None` while the payout has not ended.
pub(in super::super) fn render(notice: PayoutNotice<'_>) -> Option<OutRequest> {
    let payout = notice.payout;
    let state = match payout.standing {
        PayoutStanding::Paid => "3",
        PayoutStanding::Failed => "6",
        PayoutStanding::Returned => "7",
        PayoutStanding::InProgress | PayoutStanding::Frozen => return None,
    };
    let reason = match payout.standing {
        PayoutStanding::Failed => payout.fail_reason.as_str(),
        _ => "",
    };
    let previous = payout.previous_bill_id.as_deref().unwrap_or_default();
    let remit_date = payout.answered_at.map(|at| at.beijing_spaced());
    let mut body = Object::new();
    body.text("billId", &payout.bill_id)
        .text("topAgentId", notice.agent.agent_id.as_str())
        .text("merchantId", payout.app_id.as_str())
        .number("realSettleAmount", payout.real_fen)
        .number("planSettleAmount", payout.plan_fen)
        .number("suspendSettleAmount", payout.suspend_fen)
        .text("settleDate", &payout.trade_date.to_string())
        .text("remitDate", &remit_date.unwrap_or_default())
        .text("settleType", settle_type(payout.class))
        .text("state", state)
        .text("failReason", reason)
        .text("remark", previous)
        .text("bankAccount", &payout.card_masked)
        .text("bankHolder", &payout.holder_masked);
    Some(OutRequest {
        method: Method::POST,
        url: notice.url.to_owned(),
        headers: vec![("Content-Type", "application/json".to_owned())],
        body: Bytes::from(body.finish()),
    })
}

/// `settleType` of notices and of files.
pub(in super::super) const fn settle_type(class: PayoutClass) -> &'static str {
    match class {
        PayoutClass::SameDay | PayoutClass::Withdrawal => "T0",
        PayoutClass::NextDay | PayoutClass::Adjustment => "T1",
    }
}
