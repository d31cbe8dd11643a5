//! `payInfo`, `pay_info`: what a page inside WeChat takes, as a JSON text in the order that
//! aggregators print it in.

use crate::object::Object;

/// The text; members that the channel did not give are left out. `callback_url` is printed as null
/// by some and as a text by others.
pub(crate) fn page_text(members: &[(String, String)], callback_url: Option<&str>) -> String {
    let value = |name: &str| {
        members
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, value)| value.as_str())
    };
    let mut info = Object::new();
    info.optional("appId", value("appId"))
        .optional("timeStamp", value("timeStamp"))
        .text("status", "0")
        .optional("signType", value("signType"))
        .optional("package", value("package"));
    match callback_url {
        Some(url) => info.text("callback_url", url),
        None => info.null("callback_url"),
    };
    info.optional("nonceStr", value("nonceStr"))
        .optional("paySign", value("paySign"));
    info.into_text()
}
