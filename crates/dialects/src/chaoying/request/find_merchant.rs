//! `GetMchId`, 获取超赢商户号: by login code or by password; the code if both are whole. Source:
//! Chaoying v2.5.3, section 4.13.

use heliu_trade::command::{AgentCommand, Credentials};
use heliu_trade::error::TradeError;

use crate::parameters::missing;

use super::fields::{Fields, LABEL_MAX};

/// Longest user name or password.
const NAME_MAX: usize = 128;

pub(super) fn read(fields: Fields<'_>) -> Result<AgentCommand, TradeError> {
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
    Ok(AgentCommand::FindMerchant(credentials))
}
