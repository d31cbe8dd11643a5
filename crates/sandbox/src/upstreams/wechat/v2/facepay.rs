//! `POST /pay/facepay`: the payer whom a device has recognised is charged (channels.md 1.21).

use super::asked::{Asked, Stop, refuse};
use super::charge;
use crate::book::{Book, Scene};
use crate::conduct::Conduct;
use crate::upstreams::wechat::rules;
use crate::upstreams::wechat::wire::Fields;

pub(super) fn work(
    book: &mut Book<'_>,
    asked: &Asked,
    conduct: &mut Conduct,
) -> Result<Fields, Stop> {
    if asked.sign_type != "HMAC-SHA256" {
        return refuse("PARAM_ERROR", "刷脸支付的 sign_type 只支持 HMAC-SHA256");
    }
    let mut wanted = charge::read(book, asked, Scene::Face)?;
    asked.required("fee_type", 16)?;
    let code = asked.required("face_code", 128)?;
    // The device's SDK hands out the openid beside the code; whoever it names is the payer.
    if let Some(openid) = asked.optional("openid", 128)? {
        if !rules::is_openid(openid) {
            return refuse("PARAM_ERROR", "openid 格式错误");
        }
        wanted.openid = openid.to_owned();
    }
    if let Some(fields) = charge::repeated(book, &wanted)? {
        return Ok(fields);
    }
    charge::charge(book, wanted, code, conduct)
}
