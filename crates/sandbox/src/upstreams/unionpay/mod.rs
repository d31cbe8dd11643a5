//! UnionPay QR over the service provider's JSON API (channels.md 3.8, 3.9; ruling 47): payment
//! codes, codes to scan and pages for a known payer in one interface, and the page that names the
//! payer.
//!
//! Where the public text is silent something was chosen; the crate's README lists it.

mod account;
mod asked;
mod close_order;
mod envelope;
mod get_user_id;
mod micropay;
mod notices;
mod phone;
mod query_order;
mod refund;
mod refund_query;
mod unifiedorder;
mod user_auth;
mod wire;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{MethodRouter, any, get};
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

use serde_json::{Value, json};

pub use account::UnionpayAccount;

use crate::book::{Book, Verb};
use crate::conduct::Received;
use crate::error::SandboxError;
use crate::payer::Ways;
use crate::state::{Inner, Served};
use crate::upstream::{Call, Login, Phone, Till, Upstream};
use crate::wallets;

const ID: &str = "unionpay";

/// UnionPay in everything in which it differs from the others.
pub(crate) const UPSTREAM: Served = Upstream {
    id: ID,
    open: account::open,
    routes,
    control: Router::new,
    calls,
    too_many: |_| None,
    till: Some(Till {
        wallet: &wallets::unionpay::WALLET,
        state_word: words::state,
        paid_with: words::paid_with,
        ways: WAYS,
        notices: notices::NOTICES,
        enrol,
        login: Login {
            path: user_auth::PATH,
            authorize: user_auth::authorize,
            code: |book, _, payer| Ok(json!({"code": user_auth::login_code(book, payer)?})),
        },
        phone: Phone {
            invoked: phone::invoked,
            lapsed: |_, _| None,
            seen: |_, _| Ok(()),
        },
    }),
};

/// What happens to its orders. The end of a refund is not told: the public text knows of no such
/// notification, so refundQuery is the only way to learn of it (ruling 47).
const WAYS: Ways = Ways {
    reversal: CLOSE,
    transaction_id: words::trans_index,
    promote: |_| {},
    name_payer: words::name_payer,
    of_payment: notices::of_payment,
    of_expiry: |_| None,
    of_refund: |_, _| None,
};

/// It reverses with closeOrder (ruling 47), so what is set for either verb meets that call.
const CLOSE: Verb = Verb::either("close", "reverse");

/// Each call, its verb for faults, its work.
const CALLS: [(&str, Verb, envelope::Verb); 7] = [
    ("micropay", Verb::of("pay"), micropay::work),
    ("unifiedorder", Verb::of("prepay"), unifiedorder::work),
    ("queryOrder", Verb::of("query"), query_order::work),
    ("closeOrder", CLOSE, close_order::work),
    ("refund", Verb::of("refund"), refund::work),
    ("refundQuery", Verb::of("query"), refund_query::work),
    ("getUserId", Verb::of("any"), get_user_id::work),
];

fn calls() -> Vec<Call> {
    let call = |(name, ..): &(&'static str, _, _)| Call {
        method: "POST",
        path: path_of(name),
        name: None,
    };
    CALLS.iter().map(call).collect()
}

/// Enrols one more merchant.
fn enrol(book: &Book<'_>) -> Result<Value, SandboxError> {
    let mer_id = format!("7772{:011}", book.next_sequence()? % 100_000_000_000);
    book.add_sub_merchant(ID, &mer_id, &mer_id)?;
    Ok(json!({"mer_id": mer_id}))
}

fn path_of(name: &str) -> String {
    format!("/gateway/api/pay/{name}")
}

/// All paths below a prefix; `any`, because a GET gets respCode 10 and not a web server's page.
fn routes(prefix: &str) -> Router<Arc<Inner>> {
    // In the world this one lives at a host of its own, qr.95516.com (channels.md 3.9).
    let login = Router::new().route(
        &format!("{prefix}{}", user_auth::PATH),
        get(user_auth::page),
    );
    CALLS.into_iter().fold(login, |routes, (name, verb, work)| {
        routes.route(&format!("{prefix}{}", path_of(name)), serve(verb, work))
    })
}

fn serve(verb: Verb, work: envelope::Verb) -> MethodRouter<Arc<Inner>> {
    any(
        move |State(inner): State<Arc<Inner>>,
              method: Method,
              uri: Uri,
              headers: HeaderMap,
              body: Bytes| {
            let request = Received {
                method,
                uri,
                headers,
                body,
            };
            envelope::serve(inner, request, verb, work)
        },
    )
}
