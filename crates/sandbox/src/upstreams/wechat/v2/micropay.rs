//! `POST /pay/micropay`: the payer's code is charged (channels.md 1.15).

use super::asked::{Asked, Stop, refuse};
use super::charge;
use crate::book::{Book, Scene};
use crate::conduct::Conduct;
use crate::upstreams::wechat::wire::Fields;
use crate::wallets::wechat::is_payment_code;

pub(super) fn work(
    book: &mut Book<'_>,
    asked: &Asked,
    conduct: &mut Conduct,
) -> Result<Fields, Stop> {
    asked.json("scene_info", 256)?;
    let wanted = charge::read(book, asked, Scene::Barcode)?;
    let code = asked.required("auth_code", 128)?;
    if let Some(fields) = charge::repeated(book, &wanted)? {
        return Ok(fields);
    }
    if !is_payment_code(code) {
        return refuse("AUTH_CODE_INVALID", "付款码无效，请扫描微信支付付款码");
    }
    charge::charge(book, wanted, code, conduct)
}
