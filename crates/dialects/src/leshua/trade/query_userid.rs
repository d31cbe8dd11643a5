//! `query_userid`, 授权码获取银联云闪付用户ID: who consented on UnionPay's page. Source: Leshua
//! trade services, section 4.8.

use heliu_trade::command::{Command, PayerLookup, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::wallet::WalletKind;

use crate::parameters::missing;

use super::super::codes;
use super::call::{Answer, Call};
use super::fields::{Fields, WALLET_ID_MAX};
use super::interface::{Interface, failed};

pub(super) const INTERFACE: Interface = Interface {
    name: "query_userid",
    old_names: &[],
    read,
    told,
    refused,
    failed,
};

/// Longest token of a browser's name.
const USER_AGENT_MAX: usize = 256;

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    let name = "user_auth_code";
    let code = fields.text(name, WALLET_ID_MAX)?;
    let code = code.ok_or_else(|| missing(name))?;
    let user_agent = fields.text("app_up_identifier", USER_AGENT_MAX)?;
    Ok(Command::FindPayer(PayerLookup {
        wallet: WalletKind::Unionpay,
        // UnionPay's codes are Base64, with `=` at their end.
        code: code.to_owned(),
        app_id: None,
        user_agent: user_agent.map(str::to_owned),
    }))
}

fn told(call: Call<'_>, reply: &Reply) -> Option<Answer> {
    let Reply::Payer { payer_id } = reply else {
        return None;
    };
    let mut members = call.frame("0");
    members
        .text("nonce_str", call.nonce())
        .text("user_id", payer_id);
    Some(Answer::Signed(members))
}

/// What the wallet refuses is the payer's code.
fn refused(call: Call<'_>, error: &TradeError) -> Option<Answer> {
    let is_declined = error.code == ErrorCode::Declined;
    is_declined.then(|| call.failed(codes::CODE_INVALID))
}
