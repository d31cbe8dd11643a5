//! `Mch_Reg`, 注册超赢虚拟商户: its parameters are not published, so all are taken and stored.
//! Source: Chaoying v2.5.3, section 4.11; ruling 53.

use heliu_trade::command::{AgentCommand, Command, RegisterMerchant, Reply};
use heliu_trade::error::TradeError;

use crate::lexical::{is_longer, trimmed};
use crate::parameters::illegal;

use super::super::codes::Status;
use super::super::fields::{Fields, LABEL_MAX, is_common};
use super::super::interface::{Call, Interface, as_all};
use super::super::members::Members;

/// Longest name of a merchant, or secret of one.
const NAME_MAX: usize = 128;
/// Longest parameter that nobody knows; identity photographs come as numbers.
const MEMBER_MAX: usize = 4096;

pub(super) const INTERFACE: Interface = Interface {
    path: "/UnifiedPay/Mch_Reg",
    method: None,
    is_trade: false,
    is_pre_order: false,
    is_private: true,
    read,
    told,
    refused: as_all,
    fields: &[],
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    let owned = |name, max| -> Result<Option<String>, TradeError> {
        Ok(fields.text(name, max)?.map(str::to_owned))
    };
    let mut members = Vec::new();
    for (name, value) in fields.0.pairs().filter(|(name, _)| !is_common(name)) {
        let value = trimmed(value);
        if is_longer(name, NAME_MAX) || is_longer(value, MEMBER_MAX) {
            let name: String = name.chars().take(LABEL_MAX).collect();
            return Err(illegal(&name, format!("{name} is too long")));
        }
        if !value.is_empty() {
            members.push((name.to_owned(), value.to_owned()));
        }
    }
    Ok(Command::Agent(AgentCommand::RegisterMerchant(
        RegisterMerchant {
            full_name: owned("FullName", NAME_MAX)?,
            short_name: owned("ShortName", NAME_MAX)?,
            mobile: owned("Mobile", LABEL_MAX)?,
            username: owned("username", NAME_MAX)?,
            password: owned("password", NAME_MAX)?,
            members,
        },
    )))
}

fn told(call: Call<'_>, reply: &Reply) -> Option<Members> {
    let Reply::Merchant(merchant) = reply else {
        return None;
    };
    let mut members = Members::opened(&Status::done(false));
    members
        .text("mch_id", merchant.app_id.as_str())
        .text("nonce_str", call.nonce());
    Some(members)
}
