//! `query_openid`, 授权码查询用户openid: whose WeChat code it is. Source: Leshua trade services,
//! section 4.7.

use heliu_trade::command::PayerLookup;
use heliu_trade::error::TradeError;
use heliu_trade::wallet::WalletKind;

use super::fields::{Fields, LABEL_MAX, WALLET_ID_MAX};

pub(super) fn read(fields: Fields<'_>) -> Result<PayerLookup, TradeError> {
    Ok(PayerLookup {
        wallet: WalletKind::Wechat,
        code: fields
            .required_identifier("auth_code", WALLET_ID_MAX)?
            .to_owned(),
        app_id: Some(fields.required_identifier("appid", LABEL_MAX)?.to_owned()),
        user_agent: None,
    })
}
