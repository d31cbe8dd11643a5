//! The notification 異步通知 and its acknowledgement. Source: Fufu V1.1.1, section 2.3 (table and
//! sample united); ruling 36 for repeats.

use bytes::Bytes;
use heliu_ports::dialect::Notice;
use heliu_ports::signature::Outgoing;
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::followup::notification::NoticeKind;
use http::Method;

use super::trade::{answer::accepted, facts};
use super::{CONTENT_TYPE, attribute, codes, sign};
use crate::lexical::trimmed;
use crate::object::Object;
use crate::payment::attribute_of;

/// Renders a delivery: the body of the first one for ever, time and signature anew for each.
pub(super) fn render(notice: Notice<'_>) -> Outgoing<OutRequest> {
    let notification = notice.notification;
    let body = match &notification.body {
        Some(body) => Bytes::copy_from_slice(body.as_bytes()),
        None => Bytes::from(body(notice)),
    };
    let timestamp = notice.now.as_ms().to_string();
    let spec = sign::outgoing(&timestamp, &body);
    let mut url = before_sign(&notification.url);
    let place = Box::new(move |hash: String| {
        url.push_str("sign=");
        url.push_str(&hash);
        url.push(':');
        url.push_str(&timestamp);
        let headers = vec![("Content-Type", CONTENT_TYPE.to_owned())];
        OutRequest {
            method: Method::POST,
            url,
            headers,
            body,
        }
    });
    Outgoing::Sign { spec, place }
}

/// The address without its fragment, ready for one more parameter.
fn before_sign(url: &str) -> String {
    let mut url = url.split('#').next().unwrap_or_default().to_owned();
    match url.split_once('?') {
        None => url.push('?'),
        Some((_, query)) if query.is_empty() || query.ends_with('&') => {}
        Some(_) => url.push('&'),
    }
    url
}

/// Texts of ours need no JSON escape, as one client strips backslashes before it hashes; what the
/// merchant gave is emitted as received.
fn body(notice: Notice<'_>) -> Vec<u8> {
    let order = notice.order;
    let payment = facts::payment(order).or(order.payment.as_ref());
    let state = match notice.notification.kind {
        NoticeKind::OrderPaid => codes::PAID,
        // Not sent on this wire by default; if it is, the order's state tells.
        NoticeKind::RefundEnded => codes::state(order),
    };
    let mut data = Object::new();
    data.text("busi_id", order.app_id.as_str());
    data.text("channel_type", codes::channel_type(order.wallet));
    facts::numbers(&mut data, order);
    facts::channel_numbers(&mut data, payment);
    facts::actor(&mut data, order);
    data.optional(
        "merchant_param",
        attribute_of(order, attribute::MERCHANT_PARAM),
    );
    facts::times(&mut data, order);
    data.number("total_fee", order.amount_minor);
    data.text("fee_type", order.currency.as_str());
    data.number("state", state);
    facts::credit(&mut data, payment);
    facts::foreign(&mut data, order);
    data.optional("time_zone", facts::time_zone(order));
    let mut frame = Object::new();
    frame.object("result", accepted()).object("data", data);
    frame.finish()
}

/// Whether the merchant answered SUCCESS: HTTP 200; around the word white space, a byte order mark
/// and one pair of quotes do not count, nor does its case.
pub(super) fn acknowledges(answer: &WireResponse) -> bool {
    let Ok(text) = std::str::from_utf8(&answer.body) else {
        return false;
    };
    let text = trimmed(text);
    let quoted = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    answer.status == 200
        && quoted
            .map_or(text, trimmed)
            .eq_ignore_ascii_case(codes::SUCCESS)
}
