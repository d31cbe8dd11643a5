//! `Mch_Reg`, 注册超赢虚拟商户: its parameters are not published, so all are taken and stored.
//! Source: Chaoying v2.5.3, section 4.11; ruling 53.

use heliu_trade::command::{AgentCommand, RegisterMerchant};
use heliu_trade::error::TradeError;

use crate::form::Form;
use crate::lexical::{is_longer, trimmed};
use crate::parameters::illegal;

use super::fields::{Fields, LABEL_MAX};
use super::is_common;

/// Longest name of a merchant, or secret of one.
const NAME_MAX: usize = 128;
/// Longest parameter that nobody knows; identity photographs come as numbers.
const MEMBER_MAX: usize = 4096;

pub(super) fn read(form: &Form) -> Result<AgentCommand, TradeError> {
    let fields = Fields(form);
    let owned = |name, max| -> Result<Option<String>, TradeError> {
        Ok(fields.text(name, max)?.map(str::to_owned))
    };
    let mut members = Vec::new();
    for (name, value) in form.pairs().filter(|(name, _)| !is_common(name)) {
        let value = trimmed(value);
        if is_longer(name, NAME_MAX) || is_longer(value, MEMBER_MAX) {
            let name: String = name.chars().take(LABEL_MAX).collect();
            return Err(illegal(&name, format!("{name} is too long")));
        }
        if !value.is_empty() {
            members.push((name.to_owned(), value.to_owned()));
        }
    }
    Ok(AgentCommand::RegisterMerchant(RegisterMerchant {
        full_name: owned("FullName", NAME_MAX)?,
        short_name: owned("ShortName", NAME_MAX)?,
        mobile: owned("Mobile", LABEL_MAX)?,
        username: owned("username", NAME_MAX)?,
        password: owned("password", NAME_MAX)?,
        members,
    }))
}
