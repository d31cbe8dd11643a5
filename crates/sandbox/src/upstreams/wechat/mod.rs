//! WeChat Pay, partner mode: v2 and v3 over one order book (channels.md 1), and the OAuth in front
//! of it.

mod account;
mod control;
mod goods;
mod keys;
mod notices;
mod oauth;
mod paysign;
mod phone;
mod promotions;
mod rules;
mod sns;
mod v2;
mod v3;
mod wire;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};

pub use account::WechatAccount;

use crate::book::Verb;
use crate::payer::Ways;
use crate::state::{Inner, Served};
use crate::upstream::{Call, Login, Phone, Till, Upstream};
use crate::wallets;

const ID: &str = "wechat";

/// WeChat in everything in which it differs from the others.
pub(crate) const UPSTREAM: Served = Upstream {
    id: ID,
    open: account::open,
    routes,
    control: control::routes,
    calls,
    too_many: v3::too_many,
    till: Some(Till {
        wallet: &wallets::wechat::WALLET,
        state_word: words::state,
        paid_with: words::paid_with,
        ways: WAYS,
        notices: notices::NOTICES,
        enrol: account::enrol,
        login: Login {
            path: oauth::PATH,
            authorize: oauth::authorize,
            code: oauth::told_code,
        },
        phone: Phone {
            invoked: phone::invoked,
            lapsed: phone::lapsed,
            seen: |_, _| Ok(()),
        },
    }),
};

/// What happens to its orders.
const WAYS: Ways = Ways {
    reversal: Verb::of("reverse"),
    transaction_id: words::transaction_id,
    promote: promotions::apply,
    name_payer: words::name_payer,
    of_payment: notices::of_payment,
    of_expiry: |_| None,
    of_refund: notices::of_refund,
};

/// Method and path of each call that is signed.
fn calls() -> Vec<Call> {
    let all = v2::paths().map(|path| ("POST", path)).chain(v3::calls());
    let call = |(method, path): (_, &str)| Call {
        method,
        path: path.to_owned(),
        name: None,
    };
    all.map(call).collect()
}

/// All paths below a prefix; what is not there is said by a page, except where others have paths
/// too.
fn routes(prefix: &str) -> Router<Arc<Inner>> {
    let at = |path: &str| format!("{prefix}{path}");
    let routes = Router::new()
        .merge(v2::routes(prefix))
        .merge(v3::routes(prefix))
        .route(&at(oauth::PATH), get(oauth::page))
        .route(&at("/sns/oauth2/access_token"), get(sns::access_token))
        .route(&at("/sns/jscode2session"), get(sns::js_code_to_session));
    if prefix.is_empty() {
        return routes;
    }
    routes.route(&at("/{*rest}"), any(not_found))
}

async fn not_found() -> axum::response::Response {
    crate::conduct::page(http::StatusCode::NOT_FOUND)
}
