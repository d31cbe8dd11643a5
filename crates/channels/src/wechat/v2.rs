//! One call of the v2 interfaces: signed flat XML both ways. Source: channel notes 1.14.

use bytes::Bytes;
use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_ports::wire::OutRequest;
use heliu_trade::time::{MINUTE_MS, Zone};
use http::Method;

use super::party::{Provider, base_url, sub_appid, sub_mchid};
use super::sign::{self, V2Digest};
use super::xml::{self, Fields};
use crate::answer::{Doubt, Stop, same, same_if_present, short};
use crate::text::clean;

/// The word of this family in routes.
pub(super) const API: &str = "v2";

/// Length of a nonce, in characters (channel notes 1.15: at most 32).
const NONCE_CHARS: usize = 32;

/// A verified answer.
#[derive(Debug)]
pub(super) enum Answer {
    /// `result_code` is SUCCESS; the parties are ours.
    Done(Fields),
    /// `result_code` is FAIL, with this `err_code`.
    Refused(String),
}

/// Sends `own` fields with those that every call has, and believes the answer only if it is signed and
/// about our parties.
pub(super) async fn call(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    path: &str,
    own: &[(&str, String)],
    timeout_ms: i64,
) -> Result<Answer, Stop> {
    let provider = Provider::of(order.account)?;
    let url = format!("{}{path}", base_url(order.account)?);
    let mut fields: Fields = own
        .iter()
        .map(|(name, value)| ((*name).to_owned(), clean(value)))
        .collect();
    for (name, value) in [
        ("appid", provider.appid),
        ("mch_id", provider.mchid),
        ("sub_mch_id", sub_mchid(order)),
        ("sub_appid", sub_appid(order).unwrap_or_default()),
        ("nonce_str", &upstream.nonce(NONCE_CHARS)),
    ] {
        fields.insert(name.to_owned(), value.to_owned());
    }
    fields.retain(|_, value| !value.is_empty());
    let signature = upstream.sign(&sign::v2(&fields, V2Digest::Md5))?;
    fields.insert("sign".to_owned(), signature);
    let request = OutRequest {
        method: Method::POST,
        url,
        headers: vec![("Content-Type", "text/xml; charset=utf-8".to_owned())],
        body: Bytes::from(xml::write(&fields)),
    };
    let response = upstream.send(request, timeout_ms).await?;
    if response.status != 200 {
        return Err(Stop::unknown(format!("HTTP {}", response.status)));
    }
    let fields = xml::read(&response.body)
        .map_err(|why| Stop::unknown(format!("the answer cannot be read: {why}")))?;
    judge(upstream, order, provider, fields)
}

/// What an answer's envelope says, once its signature holds.
fn judge(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    provider: Provider<'_>,
    fields: Fields,
) -> Result<Answer, Stop> {
    if field(&fields, "return_code") != Some("SUCCESS") {
        // Unsigned by the protocol: evidence of nothing.
        let text = field(&fields, "return_msg").unwrap_or("no return_msg");
        return Err(Stop::unknown(format!(
            "the transport failed: {}",
            short(text)
        )));
    }
    if !is_signed(upstream, &fields) {
        return Err(Stop::unknown("the answer's signature does not hold"));
    }
    match field(&fields, "result_code") {
        Some("SUCCESS") => {
            same_parties(order, provider, &fields)?;
            Ok(Answer::Done(fields))
        }
        Some("FAIL") => {
            for (name, ours) in parties(order, provider) {
                same_if_present(name, ours, field(&fields, name))?;
            }
            let code = field(&fields, "err_code")
                .ok_or_else(|| Stop::unknown("refused without an err_code"))?;
            Ok(Answer::Refused(code.to_owned()))
        }
        _ => Err(Stop::unknown("the answer has no result_code")),
    }
}

/// Whether a message's own signature holds; its length names the digest.
pub(super) fn is_signed(upstream: &dyn Upstream, fields: &Fields) -> bool {
    let presented = field(fields, "sign").unwrap_or_default();
    V2Digest::of(presented)
        .is_some_and(|digest| upstream.verify(&sign::v2(fields, digest), presented))
}

fn parties<'a>(
    order: &'a ChannelOrder<'_>,
    provider: Provider<'a>,
) -> [(&'static str, &'a str); 3] {
    [
        ("appid", provider.appid),
        ("mch_id", provider.mchid),
        ("sub_mch_id", sub_mchid(order)),
    ]
}

/// The message is about our service provider, our sub-merchant and its app.
pub(super) fn same_parties(
    order: &ChannelOrder<'_>,
    provider: Provider<'_>,
    fields: &Fields,
) -> Result<(), Doubt> {
    for (name, ours) in parties(order, provider) {
        same(name, ours, field(fields, name))?;
    }
    sub_appid(order).map_or(Ok(()), |ours| {
        same_if_present("sub_appid", ours, field(fields, "sub_appid"))
    })
}

/// A field that is there and not empty.
pub(super) fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields
        .get(name)
        .map(String::as_str)
        .filter(|value| !value.is_empty())
}

/// `time_start` and `time_expire`, Beijing time, at least a minute apart (channel notes 1.15, 1.23); taken
/// from the attempt, so that a repeat has the same content.
pub(super) fn life(order: &ChannelOrder<'_>) -> Vec<(&'static str, String)> {
    let Some(expires_at) = order.expires_at else {
        return Vec::new();
    };
    let start = order.attempt.sent_at;
    let end = expires_at.max(start.plus_ms(MINUTE_MS));
    vec![
        ("time_start", start.compact(&Zone::BEIJING)),
        ("time_expire", end.compact(&Zone::BEIJING)),
    ]
}
