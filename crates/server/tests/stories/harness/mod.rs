//! What the black-box tests share: the demo as a process of its own, tills that sign for
//! themselves, a merchant's listener for notifications, and the sandbox's control interface.
//! Nothing here uses code of the platform, so that one bug cannot cancel the other; only the server
//! under its books is the testkit's.

mod agent_till;
mod agreement;
mod balancer;
mod browser;
mod cluster;
mod code_rows;
mod demo;
mod form;
mod json;
mod live;
mod load;
mod operator;
mod payout_desk;
mod queue;
mod receiver;
mod sandbox;
mod schedule;
mod till;
mod wallet;
mod wire;
mod xml_till;

pub(crate) use agent_till::{
    ALIPAY_PRE_ORDER, AgentAnswer, AgentTill, FORM, GATEWAY, REGISTER, RefundLine,
    WECHAT_PRE_ORDER, order_number, pairs_of, refund_lines,
};
pub(crate) use agreement::{
    Unclaimed, assert_agreed, assert_no_other_orders, decided, end_of, is_paid, refunded_fen,
};
pub(crate) use balancer::Balancer;
pub(crate) use browser::{Browser, DESKTOP_AGENT, Screen, WECHAT_AGENT};
pub(crate) use cluster::Cluster;
pub(crate) use code_rows::{CodeRow, Played, assert_no_findings, code_row};
pub(crate) use demo::{Demo, RunningSandbox, Setup, is_job, spoken, upstream_numbers};
pub(crate) use form::{
    Pairs, decoded, encoded, encoded_as_notification, form_sign, form_verifies, joined,
    percent_encoded, sign_input, value,
};
pub(crate) use json::Json;
pub(crate) use live::Live;
pub(crate) use load::{CUT, Load, Sale, assert_sales_agree};
pub(crate) use operator::{by, done, newest_approval, refused, rows, staff};
pub(crate) use payout_desk::{PayoutDesk, envelope_sign};
pub(crate) use queue::Queue;
pub(crate) use receiver::{HEARD, Heard, Receiver, Reply, SIX_ZEROS, SUCCESS};
pub(crate) use sandbox::{Belief, Sandbox};
pub(crate) use schedule::{Schedule, assert_frozen, deliveries, replies, replies_in_time};
pub(crate) use till::{Answer, Till, fresh, hex_md5, random, sign, verifies};
pub(crate) use wallet::{BOTH, Wallet};
pub(crate) use wire::client;
pub(crate) use xml_till::{
    PAY_WAYS, PayWay, XML_FORM, XmlAnswer, XmlTill, answer_text, notice_text, notice_verifies,
    read_xml, request_text, request_text_with_empty, xml_number,
};

use std::time::{Duration, Instant};

/// The wall clock; the tests look at the platform from outside, where no other clock is.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests stand outside of the platform's time"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Asks again and again, within bounds, until `probe` has an answer.
pub(crate) async fn eventually<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    const TRIES: u32 = 900;
    for _ in 0..TRIES {
        if let Some(found) = probe().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("did not come about within {TRIES} tries: {what}");
}
