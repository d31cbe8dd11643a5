//! 商户打款单结果查询: one bill. Source: Leshua, section 7.1.

use heliu_ports::dialect::Route;
use heliu_trade::command::{AgentCommand, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::payout_view::PayoutClass::{Adjustment, NextDay, SameDay, Withdrawal};

use crate::lexical::trimmed;
use crate::object::Object;
use crate::parameters::missing;

use super::bill::{self, TypeWord, classes_of, state_word};
use super::encode::DONE;
use super::interface::{AGENT_ID, Asked, Interface, Signed};

pub(super) const INTERFACE: Interface = Interface {
    route: Route::post("/open-api/agent/settlement-order"),
    signed: Signed::Parameters(&[AGENT_ID, BILL_ID, TYPE]),
    read,
    told,
};

const BILL_ID: &str = "billId";
const TYPE: &str = "type";
const TYPES: &[TypeWord] = &[
    ("t0", &[SameDay, Withdrawal]),
    ("t1", &[NextDay]),
    ("T1_Adjust", &[Adjustment]),
];

fn read(asked: Asked<'_>) -> Result<AgentCommand, TradeError> {
    let required = |name: &str| {
        let value = trimmed(asked.form.get(name).unwrap_or_default());
        if value.is_empty() {
            return Err(missing(name));
        }
        Ok(value)
    };
    Ok(AgentCommand::FindPayout {
        bill_id: required(BILL_ID)?.to_owned(),
        classes: classes_of(required(TYPE)?, TYPES)?,
    })
}

fn told(reply: &Reply) -> Option<Vec<u8>> {
    let Reply::Payout(payout) = reply else {
        return None;
    };
    let mut data = bill::opening(payout);
    data.number("state", state_word(payout.standing))
        .text("failReason", &payout.fail_reason)
        .text(
            "remark",
            payout.previous_bill_id.as_deref().unwrap_or_default(),
        )
        .text("recreateFlag", "0");
    bill::card(&mut data, payout);
    let (code, sentence) = DONE;
    let mut answer = Object::new();
    answer
        .object("data", data)
        .text("error_code", code)
        .text("error_msg", sentence);
    Some(answer.finish())
}
