//! `pay`, 刷卡支付: the shop scans the payer. The wallet follows from the code; a `paytype` of an
//! old client is ignored. Source: Chaoying v2.5.3, section 4.3.

use heliu_trade::command::{Command, Consent, Pay};
use heliu_trade::error::TradeError;

use super::super::codes;
use super::super::fields::{Fields, WALLET_ID_MAX};
use super::super::interface::Interface;
use super::PATH;
use super::new_order::{self, told};

pub(super) const INTERFACE: Interface = Interface {
    path: PATH,
    method: Some("pay"),
    is_trade: true,
    is_pre_order: false,
    is_private: false,
    read,
    told,
    refused: codes::ended_already,
    fields: &[],
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    let order = new_order::read(fields, "MICROPAY")?;
    let auth_code = fields.required_identifier("auth_code", WALLET_ID_MAX)?;
    Ok(Command::Pay(Pay {
        order,
        wallet: None,
        consent: Consent::Barcode,
        auth_code: auth_code.to_owned(),
    }))
}
