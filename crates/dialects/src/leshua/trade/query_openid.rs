//! `query_openid`, 授权码查询用户openid: whose WeChat code it is. Source: Leshua trade services,
//! section 4.7.

use heliu_trade::command::{Command, PayerLookup, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::wallet::WalletKind;

use super::super::codes;
use super::call::{Answer, Call};
use super::fields::{Fields, LABEL_MAX, WALLET_ID_MAX};
use super::interface::{Interface, failed};

pub(super) const INTERFACE: Interface = Interface {
    name: "query_openid",
    old_names: &[],
    read,
    told,
    refused,
    failed,
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    Ok(Command::FindPayer(PayerLookup {
        wallet: WalletKind::Wechat,
        code: fields
            .required_identifier("auth_code", WALLET_ID_MAX)?
            .to_owned(),
        app_id: Some(fields.required_identifier("appid", LABEL_MAX)?.to_owned()),
        user_agent: None,
    }))
}

fn told(call: Call<'_>, reply: &Reply) -> Option<Answer> {
    let Reply::Payer { payer_id } = reply else {
        return None;
    };
    let mut members = call.frame("0");
    members
        .text("nonce_str", call.nonce())
        .text("sub_openid", payer_id);
    Some(Answer::Signed(members))
}

/// What the wallet refuses is the payer's code.
fn refused(call: Call<'_>, error: &TradeError) -> Option<Answer> {
    let is_declined = error.code == ErrorCode::Declined;
    is_declined.then(|| call.failed(codes::CODE_INVALID))
}
