//! `/preOrder`'s answer: what the payer scans, or what the wallet's page takes. Source: Fufu
//! V1.1.1, section 2.2.

use heliu_trade::attempt::Handoff;
use heliu_trade::money::yuan_text;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::wallet::Scene;

use crate::invocation::page_text;
use crate::lexical::query_value;
use crate::object::Object;

use super::super::{PAGE_PATH, codes};
use super::{Answer, declined, failure, order as told};

pub(super) fn answer(
    order: &Order,
    handoff: Option<&Handoff>,
    call_zone: Option<&str>,
    public_url: &str,
) -> Answer {
    if order.state == OrderState::Failed {
        return match declined(order.decline.as_ref()) {
            Ok(word) => failure(&word, call_zone),
            Err(word) => Answer::Call(word),
        };
    }
    let mut data = Object::new();
    data.text("return_code", codes::SUCCESS);
    told::numbers(&mut data, order);
    match (order.scene, handoff) {
        (Scene::Qr, _) => data.text("qr_code", &page_url(order, public_url)),
        (_, Some(Handoff::TradeNo(number))) => data.text("prePayId", number),
        (_, Some(Handoff::Invocation(members))) => data.text("payInfo", &page_text(members, None)),
        // Nothing that the payer's page could take.
        (_, Some(Handoff::CodeUrl(_) | Handoff::Redirect(_)) | None) => {
            return Answer::Call(codes::SERVICE_UNAVAILABLE);
        }
    };
    data.optional("time_zone", told::time_zone(order).or(call_zone));
    Answer::Data(data)
}

/// The address of the payer's page. The price is the charge in CNY (ruling 7).
pub(in crate::fufu) fn page_url(order: &Order, public_url: &str) -> String {
    format!(
        "{public_url}{PAGE_PATH}/?id={}&tradeNo={}&price={}",
        query_value(order.app_id.as_str()),
        order.order_no,
        yuan_text(order.charge_fen)
    )
}
