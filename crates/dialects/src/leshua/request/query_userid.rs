//! `query_userid`, 授权码获取银联云闪付用户ID: who consented on UnionPay's page. Source: Leshua
//! trade services, section 4.8.

use heliu_trade::command::PayerLookup;
use heliu_trade::error::TradeError;
use heliu_trade::wallet::WalletKind;

use crate::parameters::missing;

use super::fields::{Fields, WALLET_ID_MAX};

/// Longest token of a browser's name.
const USER_AGENT_MAX: usize = 256;

pub(super) fn read(fields: Fields<'_>) -> Result<PayerLookup, TradeError> {
    let name = "user_auth_code";
    let code = fields.text(name, WALLET_ID_MAX)?;
    let code = code.ok_or_else(|| missing(name))?;
    let user_agent = fields.text("app_up_identifier", USER_AGENT_MAX)?;
    Ok(PayerLookup {
        wallet: WalletKind::Unionpay,
        // UnionPay's codes are Base64, with `=` at their end.
        code: code.to_owned(),
        app_id: None,
        user_agent: user_agent.map(str::to_owned),
    })
}
