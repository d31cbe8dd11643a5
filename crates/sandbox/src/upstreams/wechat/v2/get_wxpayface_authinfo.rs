//! `POST /face/get_wxpayface_authinfo`: what a device's SDK needs before it may look at faces
//! (channels.md 1.21).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::asked::{Asked, Stop, refuse};
use crate::book::Book;
use crate::conduct::Conduct;
use crate::crypto::random_hex;
use crate::upstreams::wechat::wire::Fields;

/// How far `now` may be from the channel's clock, in ms. Inferred: the real window is not
/// published.
const WINDOW_MS: i64 = 600_000;
/// How long a credential can be used again on the same device, in seconds.
const LIFE_S: u32 = 3600;

pub(super) fn work(book: &mut Book<'_>, asked: &Asked, _: &mut Conduct) -> Result<Fields, Stop> {
    asked.required("store_id", 32)?;
    asked.required("store_name", 128)?;
    asked.required("device_id", 32)?;
    asked.required("rawdata", 2048)?;
    asked.json("attach", 2048)?;
    if asked.required("version", 32)? != "1" {
        return refuse("PARAM_ERROR", "version 固定为 1");
    }
    if asked.get("sign_type").is_none() {
        return refuse("LACK_PARAMS", "缺少参数 sign_type");
    }
    let now = asked.required("now", 10)?;
    let at_s = now.parse::<i64>().ok().filter(|_| now.len() == 10);
    match at_s {
        Some(at_s) if (at_s * 1000 - book.now_ms).abs() <= WINDOW_MS => {}
        Some(_) => return refuse("PARAM_ERROR", "now 与当前时间相差过大"),
        None => return refuse("PARAM_ERROR", "now 应为 10 位 unix 时间戳"),
    }
    let mut fields = Fields::new();
    fields.insert("authinfo".into(), STANDARD.encode(random_hex(96)?));
    fields.insert("expires_in".into(), LIFE_S.to_string());
    Ok(fields)
}
