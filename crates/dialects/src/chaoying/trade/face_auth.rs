//! `getfaceauth`, 获取SDK调用凭证. Source: Chaoying v2.5.3, section 4.1.

use heliu_trade::command::{Command, FaceCredential, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::wallet::WalletKind;

use super::super::attribute;
use super::super::codes::{self, Status};
use super::super::fields::{Fields, LABEL_MAX};
use super::super::interface::{Call, Interface, as_all};
use super::super::members::Members;
use super::PATH;

pub(super) const INTERFACE: Interface = Interface {
    path: PATH,
    method: Some("getfaceauth"),
    is_trade: true,
    is_pre_order: false,
    is_private: false,
    read,
    told,
    refused: as_all,
    fields: &[(ErrorCode::LookupRefused, "rawdata")],
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    let paytype = fields.required("paytype", LABEL_MAX)?;
    let credential = FaceCredential {
        wallet: WalletKind::Wechat,
        shop_id: fields.required("store_id", LABEL_MAX)?.to_owned(),
        shop_name: fields.required("store_name", 128)?.to_owned(),
        terminal_id: fields.required("device_id", LABEL_MAX)?.to_owned(),
        raw_data: fields.required("rawdata", 4096)?.to_owned(),
    };
    if codes::wallet(paytype) != Some(WalletKind::Wechat) {
        let problem = "only WECHAT has face credentials";
        return Err(TradeError::field(ErrorCode::NoContract, "paytype", problem));
    }
    Ok(Command::FaceCredential(credential))
}

/// Its sample has no `sub_mch_id`; `wx_sub_mch_id` is the same number.
fn told(call: Call<'_>, reply: &Reply) -> Option<Members> {
    let Reply::FaceCredential(reply) = reply else {
        return None;
    };
    let mut members = Members::opened(&Status::done(true));
    members
        .optional("mch_id", call.echo.get(attribute::MCH_ID))
        .text("appid", &reply.app_id)
        .optional("sub_appid", reply.sub_app_id.as_deref())
        .text("channel_mch_id", &reply.provider_merchant_no)
        .text("authinfo", &reply.credential)
        .amount("expires_in", reply.expires_in_s)
        .text("nonce_str", call.nonce())
        .text("wx_mch_id", &reply.provider_merchant_no)
        .text("wx_sub_mch_id", &reply.sub_merchant_id);
    Some(members)
}
