//! `GetMchInfo`, 获取超赢商户基础信息. Source: Chaoying v2.5.3, section 4.15.

use heliu_trade::command::{Command, Reply};
use heliu_trade::error::TradeError;

use super::super::codes::Status;
use super::super::fields::Fields;
use super::super::interface::{Call, Interface, as_all};
use super::super::members::Members;

pub(super) const INTERFACE: Interface = Interface {
    path: "/Open/GetMchInfo",
    method: None,
    is_trade: false,
    is_pre_order: false,
    is_private: false,
    read,
    told,
    refused: as_all,
    fields: &[],
};

fn read(_fields: Fields<'_>) -> Result<Command, TradeError> {
    Ok(Command::DescribeMerchant)
}

fn told(_call: Call<'_>, reply: &Reply) -> Option<Members> {
    let Reply::Merchant(merchant) = reply else {
        return None;
    };
    let mut members = Members::opened(&Status::done(false));
    members
        .text("mch_id", merchant.app_id.as_str())
        .text("FullName", &merchant.full_name)
        .text("ShortName", &merchant.short_name);
    Some(members)
}
