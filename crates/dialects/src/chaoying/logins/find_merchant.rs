//! `GetMchId`, 获取超赢商户号: by login code or by password; the code if both are whole. Source:
//! Chaoying v2.5.3, section 4.13.

use heliu_trade::command::{AgentCommand, Command, Credentials, Reply};
use heliu_trade::error::TradeError;

use crate::parameters::missing;

use super::super::codes::{self, Status};
use super::super::fields::{Fields, LABEL_MAX};
use super::super::interface::{Call, Interface, as_all};
use super::super::members::Members;

/// Longest user name or password.
const NAME_MAX: usize = 128;

pub(super) const INTERFACE: Interface = Interface {
    path: "/Mch/GetMchId",
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
    let mobile = fields.text("mobile", LABEL_MAX)?;
    let code = fields.text("valid", LABEL_MAX)?;
    let username = fields.text("username", NAME_MAX)?;
    let password = fields.text("password", NAME_MAX)?;
    let credentials = match (mobile, code, username, password) {
        (Some(mobile), Some(code), _, _) => Credentials::LoginCode {
            mobile: mobile.to_owned(),
            code: code.to_owned(),
        },
        (_, _, Some(username), Some(password)) => Credentials::Password {
            username: username.to_owned(),
            password: password.to_owned(),
        },
        (Some(_), None, _, _) => return Err(missing("valid")),
        (_, _, Some(_), None) => return Err(missing("password")),
        (_, _, None, Some(_)) => return Err(missing("username")),
        (None, _, None, None) => return Err(missing("mobile")),
    };
    Ok(Command::Agent(AgentCommand::FindMerchant(credentials)))
}

fn told(_call: Call<'_>, reply: &Reply) -> Option<Members> {
    let Reply::Merchant(merchant) = reply else {
        return None;
    };
    let mut members = Members::opened(&Status::done(false));
    members
        .text("mch_id", merchant.app_id.as_str())
        .text("mch_trade_code", &merchant.trade_code)
        .text("mch_full_name", &merchant.full_name)
        .text("mch_short_name", &merchant.short_name)
        .text("mch_state", codes::merchant_state(merchant.state));
    Some(members)
}
