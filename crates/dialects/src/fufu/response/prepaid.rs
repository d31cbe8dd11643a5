//! `/preOrder`'s answer: what the payer scans, or what the wallet's page takes. Source: Fufu V1.1.1,
//! section 2.2.

use heliu_trade::attempt::Handoff;
use heliu_trade::money::yuan_text;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::wallet::Scene;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::object::Object;
use super::super::{PAGE_PATH, codes};
use super::{Answer, declined, failure, order as told};

/// Left as they are in an address.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

pub(super) fn answer(
    order: &Order,
    handoff: Option<&Handoff>,
    call_zone: Option<&str>,
    public_url: &str,
) -> Answer {
    if order.state == OrderState::Failed {
        return match declined(order.decline.as_ref()) {
            Ok(word) => Answer::Data(failure(&word)),
            Err(call) => call,
        };
    }
    let mut data = Object::new();
    data.text("return_code", codes::SUCCESS);
    told::numbers(&mut data, order);
    match (order.scene, handoff) {
        (Scene::Qr, _) => data.text("qr_code", &qr_code(order, public_url)),
        (_, Some(Handoff::TradeNo(number))) => data.text("prePayId", number),
        (_, Some(Handoff::Invocation(members))) => data.text("payInfo", &pay_info(members)),
        // Nothing that the payer's page could take.
        (_, Some(Handoff::CodeUrl(_)) | None) => return Answer::Call(codes::SERVICE_UNAVAILABLE),
    };
    data.optional("time_zone", told::time_zone(order).or(call_zone));
    Answer::Data(data)
}

/// The address of the payer's page. The price is the charge in CNY (ruling 7).
fn qr_code(order: &Order, public_url: &str) -> String {
    format!(
        "{public_url}{PAGE_PATH}/?id={}&tradeNo={}&price={}",
        utf8_percent_encode(order.app_id.as_str(), KEPT),
        order.order_no,
        yuan_text(order.charge_fen)
    )
}

/// A JSON text, in the order of the sample.
fn pay_info(members: &[(String, String)]) -> String {
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
        .optional("package", value("package"))
        .null("callback_url")
        .optional("nonceStr", value("nonceStr"))
        .optional("paySign", value("paySign"));
    String::from_utf8(info.finish()).unwrap_or_default()
}
