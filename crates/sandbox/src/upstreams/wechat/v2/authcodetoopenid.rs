//! `POST /tools/authcodetoopenid`: who shows this code (channels.md 1.20).

use super::asked::{Asked, Stop, refuse};
use crate::book::Book;
use crate::codes::{self, Effect};
use crate::conduct::Conduct;
use crate::upstreams::wechat::account::SP_APPID;
use crate::upstreams::wechat::wire::Fields;
use crate::wallets::DEFAULT_PAYER;
use crate::wallets::wechat::{is_payment_code, openid};

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    let code = asked.required("auth_code", 128)?;
    if !is_payment_code(code) {
        return refuse("AUTH_CODE_INVALID", "付款码无效");
    }
    if codes::plan(book, code)?.effect == Effect::CodeExpired {
        return refuse("AUTHCODEEXPIRE", "付款码已过期");
    }
    let mut fields = Fields::new();
    fields.insert("openid".into(), openid(SP_APPID, DEFAULT_PAYER));
    if let Some(app) = asked.get("sub_appid") {
        fields.insert("sub_openid".into(), openid(app, DEFAULT_PAYER));
    }
    Ok(fields)
}
