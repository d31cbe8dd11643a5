//! `GetMchSMSValid`, 下发获取超赢商户号验证短信. Source: Chaoying v2.5.3, section 4.12.

use heliu_trade::command::{AgentCommand, Command, Reply};
use heliu_trade::error::TradeError;
use heliu_trade::time::MINUTE_MS;

use super::super::codes::Status;
use super::super::fields::{Fields, LABEL_MAX};
use super::super::interface::{Call, Interface, as_all};
use super::super::members::Members;

pub(super) const INTERFACE: Interface = Interface {
    path: "/Mch/GetMchSMSValid",
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
    let mobile = fields.required("mobile", LABEL_MAX)?.to_owned();
    Ok(Command::Agent(AgentCommand::SendLoginCode { mobile }))
}

fn told(_call: Call<'_>, reply: &Reply) -> Option<Members> {
    let Reply::LoginCodeSent { life_ms } = reply else {
        return None;
    };
    let status = Status::login_code_sent(life_ms / MINUTE_MS);
    Some(Members::opened(&status))
}
