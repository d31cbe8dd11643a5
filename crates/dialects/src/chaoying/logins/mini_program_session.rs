//! `WXA_Code2Session`, 小程序用户code登录. Source: Chaoying v2.5.3, section 4.16.

use heliu_trade::command::{AgentCommand, Command, Reply};
use heliu_trade::error::TradeError;

use super::super::codes::Status;
use super::super::fields::{Fields, LABEL_MAX, WALLET_ID_MAX};
use super::super::interface::{Call, Interface, as_all};
use super::super::members::Members;

pub(super) const INTERFACE: Interface = Interface {
    path: "/Open/WXA_Code2Session",
    method: None,
    is_trade: false,
    is_pre_order: false,
    is_private: false,
    read,
    told,
    refused: as_all,
    fields: &[],
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    Ok(Command::Agent(AgentCommand::OpenMiniProgramSession {
        app_id: fields.required_identifier("appid", LABEL_MAX)?.to_owned(),
        code: fields
            .required_identifier("js_code", WALLET_ID_MAX)?
            .to_owned(),
    }))
}

fn told(_call: Call<'_>, reply: &Reply) -> Option<Members> {
    let Reply::MiniProgramSession(session) = reply else {
        return None;
    };
    let mut members = Members::opened(&Status::done(false));
    members
        .text("openid", &session.payer_id)
        .text("session_key", &session.session_key)
        .number("expires_in", session.expires_in_s)
        .optional("unionid", session.union_id.as_deref());
    Some(members)
}
