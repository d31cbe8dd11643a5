//! Alipay OpenAPI, ISV mode, key mode (channels.md 2): one gateway, and the page that names the
//! payer.

mod account;
mod asked;
mod basket;
mod cancel;
mod close;
mod create;
mod gateway;
mod new_order;
mod notices;
mod oauth;
mod pay;
mod phone;
mod precreate;
mod query;
mod refund;
mod refund_query;
mod transfer;
mod wire;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};

use serde_json::json;

pub use account::AlipayAccount;

use crate::book::Verb;
use crate::payer::Ways;
use crate::state::{Inner, Served};
use crate::upstream::{Call, Login, Phone, Till, Upstream};
use crate::wallets;

const ID: &str = "alipay";

/// Where the gateway is.
const GATEWAY_PATH: &str = "/gateway.do";

/// Alipay in everything in which it differs from the others.
pub(crate) const UPSTREAM: Served = Upstream {
    id: ID,
    open: account::open,
    routes,
    control: Router::new,
    calls,
    too_many: |_| None,
    till: Some(Till {
        wallet: &wallets::alipay::WALLET,
        state_word: words::state,
        paid_with: words::paid_with,
        ways: WAYS,
        notices: notices::NOTICES,
        enrol: account::enrol,
        login: Login {
            path: oauth::PATH,
            authorize: oauth::authorize,
            code: |book, _, payer| Ok(json!({"code": oauth::login_code(book, payer)?})),
        },
        phone: Phone {
            invoked: phone::invoked,
            lapsed: |_, _| None,
            seen: phone::seen,
        },
    }),
};

/// What happens to its orders.
const WAYS: Ways = Ways {
    reversal: Verb::of("reverse"),
    transaction_id: words::trade_no,
    promote: |_| {},
    name_payer: words::name_payer,
    of_payment: notices::of_trade,
    of_expiry: notices::of_trade,
    of_refund: notices::of_refund,
};

fn calls() -> Vec<Call> {
    let call = |name| Call {
        method: "POST",
        path: GATEWAY_PATH.to_owned(),
        name: Some(name),
    };
    gateway::methods().map(call).collect()
}

/// All paths below a prefix.
fn routes(prefix: &str) -> Router<Arc<Inner>> {
    Router::new()
        .route(&format!("{prefix}{GATEWAY_PATH}"), any(gateway::handle))
        .route(&format!("{prefix}{}", oauth::PATH), get(oauth::page))
}
