//! `upload_authcode`, 条码支付: the shop scans the payer. The wallet follows from the code. Source:
//! Leshua trade services, section 4.2.

use heliu_trade::command::{Command, Consent, Pay, Reply};
use heliu_trade::error::{ErrorCode, TradeError};

use crate::payment::line;

use super::super::{attribute, codes};
use super::call::{Answer, Call};
use super::fields::{Fields, WALLET_ID_MAX};
use super::interface::{Interface, failed};
use super::new_order;

pub(super) const INTERFACE: Interface = Interface {
    name: "upload_authcode",
    old_names: &[],
    read,
    told,
    refused,
    failed,
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    let auth_code = fields.required_identifier("auth_code", WALLET_ID_MAX)?;
    Ok(Command::Pay(Pay {
        order: new_order::read(fields, None)?,
        wallet: None,
        consent: Consent::Barcode,
        auth_code: auth_code.to_owned(),
    }))
}

fn told(call: Call<'_>, reply: &Reply) -> Option<Answer> {
    let Reply::Order {
        order, attempts, ..
    } = reply
    else {
        return None;
    };
    if let Some(word) = codes::declined(order) {
        return Some(call.failed(word));
    }
    let mut members = call.frame("0");
    call.order(&mut members, order, line(order, attempts));
    Some(Answer::Signed(members))
}

/// An outcome that is not known: anything but a status would be taken for a failure (ruling 18).
fn refused(call: Call<'_>, error: &TradeError) -> Option<Answer> {
    if !matches!(
        error.code,
        ErrorCode::OutcomeUnknown | ErrorCode::BooksUnavailable
    ) {
        return None;
    }
    let mut members = call.frame("0");
    match error.order.as_deref() {
        Some(order) => call.order(&mut members, order, None),
        None => {
            members
                .optional("third_order_id", call.echo.get(attribute::THIRD_ORDER_ID))
                .text("nonce_str", call.nonce())
                .text("status", codes::IN_PROGRESS);
        }
    }
    Some(Answer::Signed(members))
}
