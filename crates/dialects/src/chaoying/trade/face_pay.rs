//! `facepay`, 刷脸支付: the shop's terminal recognised the payer. Source: Chaoying v2.5.3, section
//! 4.2.

use heliu_trade::command::{Command, Consent, Pay};
use heliu_trade::error::{ErrorCode, TradeError};

use super::super::codes;
use super::super::fields::{Fields, WALLET_ID_MAX};
use super::super::interface::Interface;
use super::PATH;
use super::new_order::{self, told};

pub(super) const INTERFACE: Interface = Interface {
    path: PATH,
    method: Some("facepay"),
    is_trade: true,
    is_pre_order: false,
    is_private: false,
    read,
    told,
    refused: codes::ended_already,
    fields: &[(ErrorCode::UnsupportedWallet, "paytype")],
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    let wallet = fields.wallet()?;
    let payer_id = fields
        .identifier("openid", WALLET_ID_MAX)?
        .map(str::to_owned);
    let order = new_order::read(fields, "FACEPAY")?;
    let face_code = fields.required_identifier("face_code", WALLET_ID_MAX)?;
    Ok(Command::Pay(Pay {
        order,
        wallet: Some(wallet),
        consent: Consent::Face { payer_id },
        auth_code: face_code.to_owned(),
    }))
}
