//! `query_userid`, 授权码获取银联云闪付用户ID: who consented on UnionPay's page. Source: Leshua trade services,
//! section 4.8.

use heliu_trade::command::PayerLookup;
use heliu_trade::error::TradeError;
use heliu_trade::wallet::WalletKind;

use super::fields::{Fields, WALLET_ID_MAX};

/// Longest token of a browser's name.
const USER_AGENT_MAX: usize = 256;

pub(super) fn read(fields: Fields<'_>) -> Result<PayerLookup, TradeError> {
    let user_agent = fields.text("app_up_identifier", USER_AGENT_MAX)?;
    Ok(PayerLookup {
        wallet: WalletKind::Unionpay,
        code: fields
            .required_identifier("user_auth_code", WALLET_ID_MAX)?
            .to_owned(),
        app_id: None,
        user_agent: user_agent.map(str::to_owned),
    })
}
