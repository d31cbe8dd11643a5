//! Answers that are about no order: face credentials, merchants, mini programs. Source: Chaoying v2.5.3,
//! sections 4.1 and 4.11 to 4.16.

use heliu_trade::command::{FaceCredentialReply, MerchantReply, MiniProgramSession};
use heliu_trade::directory::PartnerNumber;

use crate::object::{Object, array_text};

use super::super::{Interface, codes};
use super::members::Members;

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
            array_text(reply.partners.iter().map(partner)),
        ),
        Interface::MerchantInfo => members
            .text("FullName", &reply.full_name)
            .text("ShortName", &reply.short_name),
        _ => members.text("nonce_str", nonce),
    };
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
