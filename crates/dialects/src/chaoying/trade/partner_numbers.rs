//! `GetPartnerId`, 获取超赢商户微信子商户号. Source: Chaoying v2.5.3, section 4.14.

use heliu_trade::command::{Command, Reply};
use heliu_trade::directory::{Contract, PartnerNumber};
use heliu_trade::error::TradeError;
use heliu_trade::routing::contract_for;
use heliu_trade::wallet::WalletKind;

use crate::object::{Object, array_text};

use super::super::codes::Status;
use super::super::fields::Fields;
use super::super::interface::{Call, Interface, as_all};
use super::super::members::Members;

/// `pay_channel` of WeChat itself.
const WECHAT: &str = "WECHAT";

pub(super) const INTERFACE: Interface = Interface {
    path: "/Open/GetPartnerId",
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

fn told(call: Call<'_>, reply: &Reply) -> Option<Members> {
    let Reply::Merchant(merchant) = reply else {
        return None;
    };
    let partners = partners(&merchant.partners, call.context.contracts);
    let mut members = Members::opened(&Status::done(false));
    members
        .text("mch_id", merchant.app_id.as_str())
        .text("partner_list", array_text(partners.iter().map(partner)));
    Some(members)
}

/// The numbers that were entered by hand and, where they do not name it, the one of the contract
/// with WeChat.
fn partners(entered: &[PartnerNumber], contracts: &[Contract]) -> Vec<PartnerNumber> {
    let mut partners = entered.to_vec();
    let Some(contract) = contract_for(contracts, WalletKind::Wechat) else {
        return partners;
    };
    let number = contract.sub_merchant_id.as_str();
    let mut of_wechat = partners
        .iter_mut()
        .filter(|partner| partner.institution == WECHAT);
    let known =
        of_wechat.find(|partner| partner.partner_id.is_empty() || partner.partner_id == number);
    if let Some(known) = known {
        number.clone_into(&mut known.partner_id);
    } else {
        partners.push(PartnerNumber {
            institution: WECHAT.to_owned(),
            partner_id: number.to_owned(),
            app_id: contract.sub_app_id.clone().unwrap_or_default(),
        });
    }
    partners
}

fn partner(partner: &PartnerNumber) -> Object {
    let mut object = Object::new();
    object
        .text("pay_channel", &partner.institution)
        .text("partner_id", &partner.partner_id)
        .text("appid", &partner.app_id);
    object
}
