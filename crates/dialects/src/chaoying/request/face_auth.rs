//! `getfaceauth`, 获取SDK调用凭证. Source: Chaoying v2.5.3, section 4.1.

use heliu_trade::command::FaceCredential;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::wallet::WalletKind;

use super::super::codes;
use super::fields::{Fields, LABEL_MAX};

pub(super) fn read(fields: Fields<'_>) -> Result<FaceCredential, TradeError> {
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
    Ok(credential)
}
