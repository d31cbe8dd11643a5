//! Answers that are about no order: face credentials, merchants, mini programs. Source: Chaoying
//! v2.5.3, sections 4.1 and 4.11 to 4.16.

use heliu_trade::command::{FaceCredentialReply, MerchantReply, MiniProgramSession};
use heliu_trade::directory::{Contract, PartnerNumber};
use heliu_trade::routing::contract_for;
use heliu_trade::wallet::WalletKind;

use crate::object::{Object, array_text};

use super::super::{Interface, codes};
use super::members::Members;

/// `pay_channel` of WeChat itself.
const WECHAT: &str = "WECHAT";

/// `getfaceauth`. Its sample has no `sub_mch_id`; `wx_sub_mch_id` is the same number.
pub(super) fn face_credential(
    members: &mut Members,
    mch_id: Option<&str>,
    reply: &FaceCredentialReply,
    nonce: String,
) {
    members
        .optional("mch_id", mch_id)
        .text("appid", &reply.app_id)
        .optional("sub_appid", reply.sub_app_id.as_deref())
        .text("channel_mch_id", &reply.provider_merchant_no)
        .text("authinfo", &reply.credential)
        .amount("expires_in", reply.expires_in_s)
        .text("nonce_str", nonce)
        .text("wx_mch_id", &reply.provider_merchant_no)
        .text("wx_sub_mch_id", &reply.sub_merchant_id);
}

/// A merchant, as the interface that asked tells it.
pub(super) fn merchant(
    members: &mut Members,
    interface: Interface,
    reply: &MerchantReply,
    contracts: &[Contract],
    nonce: String,
) {
    members.text("mch_id", reply.app_id.as_str());
    match interface {
        Interface::FindMerchant => members
            .text("mch_trade_code", &reply.trade_code)
            .text("mch_full_name", &reply.full_name)
            .text("mch_short_name", &reply.short_name)
            .text("mch_state", codes::merchant_state(reply.state)),
        Interface::PartnerNumbers => members.text(
            "partner_list",
            array_text(partners(&reply.partners, contracts).iter().map(partner)),
        ),
        Interface::MerchantInfo => members
            .text("FullName", &reply.full_name)
            .text("ShortName", &reply.short_name),
        _ => members.text("nonce_str", nonce),
    };
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

/// `WXA_Code2Session`.
pub(super) fn session(members: &mut Members, session: &MiniProgramSession) {
    members
        .text("openid", &session.payer_id)
        .text("session_key", &session.session_key)
        .number("expires_in", session.expires_in_s)
        .optional("unionid", session.union_id.as_deref());
}
