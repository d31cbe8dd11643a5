//! What a unified order gives for the payer. Source: Leshua trade services, sections 3.3 and 4.1.

use heliu_ports::dialect::EncodeContext;
use heliu_trade::attempt::Handoff;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::wallet::Scene;

use crate::object::Object;
use crate::page_token;

use super::super::{PAGE_PATH, codes};
use super::members::Members;

/// What WeChat's page takes, in the samples' order.
const INVOCATION: [&str; 6] = [
    "appId",
    "timeStamp",
    "nonceStr",
    "package",
    "signType",
    "paySign",
];

/// The element for the payer and its content; `None`: there is nothing with which anybody could
/// pay.
pub(super) fn content(
    order: &Order,
    handoff: Option<&Handoff>,
    context: EncodeContext<'_>,
) -> Option<(&'static str, String)> {
    if !matches!(order.state, OrderState::Open | OrderState::Paying) {
        return None;
    }
    let content = match (order.scene, handoff) {
        (Scene::Qr, _) => {
            let proof = (context.page_proof)(&order.app_id, order.order_no);
            ("jspay_url", page_url(order, context.public_url, &proof))
        }
        (Scene::Native, Some(Handoff::CodeUrl(code) | Handoff::Redirect(code))) => {
            ("td_code", code.clone())
        }
        (Scene::Native, _) | (_, None) => return None,
        (_, Some(Handoff::Invocation(given))) => ("jspay_info", invocation(given)),
        (_, Some(Handoff::TradeNo(number))) => {
            let mut info = Object::new();
            info.text("tradeNO", number);
            ("jspay_info", info.into_text())
        }
        (_, Some(Handoff::Redirect(url) | Handoff::CodeUrl(url))) => ("jspay_info", url.clone()),
    };
    Some(content)
}

pub(super) fn told(
    members: &mut Members,
    order: &Order,
    (name, content): (&'static str, String),
    nonce: String,
) {
    members
        .text("third_order_id", &*order.merchant_order_no)
        .text("nonce_str", nonce)
        .text(name, content)
        .optional("pay_way", order.wallet.and_then(codes::pay_way))
        .text("leshua_order_id", order.order_no.to_string())
        .amount("amount", order.amount_minor);
}

pub(in crate::leshua) fn page_url(order: &Order, public_url: &str, proof: &str) -> String {
    let token = page_token::of(order, proof);
    format!("{public_url}{PAGE_PATH}?order={token}")
}

fn invocation(given: &[(String, String)]) -> String {
    let mut info = Object::new();
    for name in INVOCATION {
        let found = given.iter().find(|(member, _)| member == name);
        info.optional(name, found.map(|(_, value)| value.as_str()));
    }
    info.into_text()
}
