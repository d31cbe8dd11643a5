//! `WXA_Code2Session`, 小程序用户code登录. Source: Chaoying v2.5.3, section 4.16.

use heliu_trade::command::AgentCommand;
use heliu_trade::error::TradeError;

use super::fields::{Fields, LABEL_MAX, WALLET_ID_MAX};

pub(super) fn read(fields: Fields<'_>) -> Result<AgentCommand, TradeError> {
    Ok(AgentCommand::OpenMiniProgramSession {
        app_id: fields.required_identifier("appid", LABEL_MAX)?.to_owned(),
        code: fields
            .required_identifier("js_code", WALLET_ID_MAX)?
            .to_owned(),
    })
}
