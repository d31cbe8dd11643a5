//! 查询商户指定日期打款情况: a merchant's bills of a day. Source: Leshua, section 7.2.

use heliu_ports::dialect::Route;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::command::{AgentCommand, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::id::AppId;
use heliu_trade::payout_view::PayoutClass::{Adjustment, NextDay, SameDay, Withdrawal};
use heliu_trade::payout_view::{PayoutClass, PayoutStanding, PayoutView, PayoutsAsked};

use crate::lexical::is_no_identifier;
use crate::object::Object;
use crate::parameters::{illegal, missing};

use super::super::data::{DATA, Data};
use super::bill::{self, PAGE_SIZE, TypeWord, classes_of, day_of, page_of, state_word};
use super::interface::{Asked, Interface, Signed};

pub(super) const INTERFACE: Interface = Interface {
    route: Route::post("/open-api/agent/merchant-settlement-order"),
    signed: Signed::Data,
    read,
    told,
};

const MERCHANT_ID: &str = "merchantId";
/// `state` of a query for bills in any.
const ALL_STATES: &str = "4";
/// Longest number of a merchant that is looked for.
const MERCHANT_ID_MAX: usize = 64;
const TYPES: &[TypeWord] = &[
    ("D0", &[SameDay]),
    ("D1", &[NextDay, Adjustment]),
    ("Withdraw", &[Withdrawal]),
];

fn read(asked: Asked<'_>) -> Result<AgentCommand, TradeError> {
    let data = asked.form.get(DATA).filter(|data| !data.is_empty());
    let data = Data::read(data.ok_or_else(|| missing(DATA))?)?;
    let merchant = data.required(MERCHANT_ID)?;
    if merchant.len() > MERCHANT_ID_MAX || is_no_identifier(&merchant) {
        let problem = "merchantId has not the form of a merchant's number";
        return Err(illegal(MERCHANT_ID, problem));
    }
    Ok(AgentCommand::ListPayouts(PayoutsAsked {
        top_level_only: true,
        app_id: Some(AppId::from(merchant.as_str())),
        created_on: day_of(&data)?,
        classes: classes_of(&data.required("type")?, TYPES)?,
        standing: standing(&data.required("state")?)?,
        page_no: page_of(&data)?,
        page_size: PAGE_SIZE,
    }))
}

fn standing(word: &str) -> Result<Option<PayoutStanding>, TradeError> {
    if word == ALL_STATES {
        return Ok(None);
    }
    let mut standings = PayoutStanding::ALL.into_iter();
    let found = standings.find(|standing| state_word(*standing).to_string() == word);
    found
        .map(Some)
        .ok_or_else(|| illegal("state", "state must be -1, 0, 1, 2, 3, or 4 for all"))
}

fn told(reply: &Reply) -> Option<Vec<u8>> {
    let Reply::Payouts(page) = reply else {
        return None;
    };
    Some(bill::page(page, row))
}

fn row(payout: &PayoutView) -> Object {
    let day = BusinessDate::of(payout.created_at).to_string();
    let tag = if payout.is_final {
        "终态"
    } else {
        "非终态"
    };
    let mut row = bill::opening(payout);
    row.number("state", state_word(payout.standing))
        .text("remark", bill::book_word(payout.class))
        .number("recreateFlag", 0)
        .text("settType", type_word(payout.class))
        .text("settDate", &day);
    bill::card(&mut row, payout);
    row.text("tag", tag);
    row
}

fn type_word(class: PayoutClass) -> &'static str {
    let mut words = TYPES.iter();
    let found = words.find(|(_, classes)| classes.contains(&class));
    found.map_or("", |(word, _)| word)
}
