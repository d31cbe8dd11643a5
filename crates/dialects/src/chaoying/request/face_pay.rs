//! `facepay`, 刷脸支付: the shop's terminal recognised the payer. Source: Chaoying v2.5.3, section
//! 4.2.

use heliu_trade::command::{Consent, Pay};
use heliu_trade::error::TradeError;

use super::fields::{Fields, WALLET_ID_MAX};
use super::pay::new_order;

pub(super) fn read(fields: Fields<'_>) -> Result<Pay, TradeError> {
    let wallet = fields.wallet()?;
    let payer_id = fields
        .identifier("openid", WALLET_ID_MAX)?
        .map(str::to_owned);
    let order = new_order(fields, "FACEPAY")?;
    let face_code = fields.required_identifier("face_code", WALLET_ID_MAX)?;
    Ok(Pay {
        order,
        wallet: Some(wallet),
        consent: Consent::Face { payer_id },
        auth_code: face_code.to_owned(),
    })
}
