//! What a pre-order gives for the payer. Source: Chaoying v2.5.3, sections 4.8 and 4.9.

use heliu_ports::dialect::EncodeContext;
use heliu_trade::attempt::{Attempt, Handoff};
use heliu_trade::order::Order;
use heliu_trade::wallet::{Scene, WalletKind};

use crate::invocation::page_text;
use crate::lexical::query_value;
use crate::object::Object;
use crate::page_token;

use super::super::{CODE_IMAGE_PATH, PAGE_PATH};
use super::NONCE_LENGTH;
use super::members::Members;
use super::order::{provider_app_id, provider_numbers};

pub(super) fn members(
    members: &mut Members,
    order: &Order,
    attempt: Option<&Attempt>,
    handoff: &Handoff,
    context: EncodeContext<'_>,
) {
    let is_wechat = order.wallet == Some(WalletKind::Wechat);
    let is_page = matches!(order.scene, Scene::Jsapi | Scene::MiniProgram);
    let url = context.public_url;
    members.text("mch_id", order.app_id.as_str());
    if is_wechat {
        members.mandatory("appid", provider_app_id(attempt));
        let payer_id = attempt.and_then(|attempt| attempt.route.payer_id.as_deref());
        members.mandatory("sub_openid", payer_id.filter(|_| is_page));
    }
    members.text("out_trade_no", &order.merchant_order_no);
    if is_wechat && is_page {
        // Leads nowhere: the sample has one, and clients of this wire invoke by `pay_info`.
        members.text("token_id", (context.nonce)(NONCE_LENGTH));
    }
    match handoff {
        Handoff::Invocation(given) if is_page => {
            members.text("pay_info", page_text(given, Some("")));
        }
        Handoff::Invocation(given) => {
            members.text("pay_info", app_text(given));
        }
        Handoff::TradeNo(number) => {
            let mut info = Object::new();
            info.text("tradeNO", number);
            let proof = (context.page_proof)(&order.app_id, order.order_no);
            members
                .text("pay_info", info.into_text())
                .text("pay_url", page_url(order, url, &proof));
        }
        Handoff::Redirect(url) => {
            members.text("pay_url", url);
        }
        Handoff::CodeUrl(code) => {
            let image = format!("{url}{CODE_IMAGE_PATH}?uuid={}", query_value(code));
            members.text("code_img_url", image).text("code_url", code);
        }
    }
    members.text("nonce_str", (context.nonce)(NONCE_LENGTH));
    provider_numbers(members, order, attempt);
}

/// The address of the page of the payer whom the order names.
pub(in crate::chaoying) fn page_url(order: &Order, public_url: &str, proof: &str) -> String {
    let token = page_token::of(order, proof);
    format!("{public_url}{PAGE_PATH}?token={token}")
}

/// What the wallet's kit inside an app takes, as the channel gave it.
fn app_text(given: &[(String, String)]) -> String {
    let mut info = Object::new();
    for (name, value) in given {
        info.text(name, value);
    }
    info.into_text()
}
