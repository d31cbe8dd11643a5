//! `POST /tools/authcodetoopenid`: who shows this code (channels.md 1.20).

use super::asked::{Asked, Stop, refuse};
use crate::accounts::SP_APPID;
use crate::book::Book;
use crate::codes::{self, Effect};
use crate::conduct::Conduct;
use crate::wallet::{self, DEFAULT_PAYER};
use crate::wire::wechat::Fields;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    let code = asked.required("auth_code", 128)?;
    if !wallet::is_wechat_code(code) {
        return refuse("AUTH_CODE_INVALID", "付款码无效");
    }
    if codes::plan(book, code)?.effect == Effect::CodeExpired {
        return refuse("AUTHCODEEXPIRE", "付款码已过期");
    }
    let mut fields = Fields::new();
    fields.insert("openid".into(), wallet::openid(SP_APPID, DEFAULT_PAYER));
    if let Some(app) = asked.get("sub_appid") {
        fields.insert("sub_openid".into(), wallet::openid(app, DEFAULT_PAYER));
    }
    Ok(fields)
}
