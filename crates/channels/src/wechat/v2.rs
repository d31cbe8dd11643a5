//! One call of the v2 interfaces: signed flat XML both ways. Source: channel notes 1.14.

use bytes::Bytes;
use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_ports::signature::KeyRole;
use heliu_ports::wire::OutRequest;
use http::Method;

use super::party::{Parties, base_url};
use super::sign::{self, V2Digest};
use super::xml::{self, Fields};
use crate::answer::{Doubt, Stop, same, same_if_present, short};
use crate::text::clean;

/// The word of this family in routes.
pub(super) const API: &str = "v2";
/// The word of face pay, which has a query and a reversal of its own, and takes one digest only
/// (ruling 41).
pub(super) const FACE_API: &str = "face";

/// Interfaces below this path answer only who shows the merchant's certificate (channel notes
/// 1.14).
const CERTIFIED_PATH: &str = "/secapi/";
/// The role of that certificate with its key.
const CLIENT_CERTIFICATE: KeyRole = KeyRole("client_certificate");

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

/// Sends `own` fields with those that every call about an order has, and believes the answer only
/// if it is signed and about our parties.
pub(super) async fn call(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
    path: &str,
    own: &[(&str, String)],
    timeout_ms: i64,
) -> Result<Answer, Stop> {
    let parties = Parties::of(order)?;
    let url = format!("{}{path}", base_url(order.account)?);
    let mut fields = fields(own);
    let mut digest = V2Digest::Md5;
    if order.attempt.route.api == FACE_API {
        digest = V2Digest::HmacSha256;
        fields.insert("sign_type".to_owned(), "HMAC-SHA256".to_owned());
    }
    ask(upstream, url, &parties, fields, digest, timeout_ms).await
}

/// Sends and judges: the answer is signed and about these parties.
pub(super) async fn ask(
    upstream: &dyn Upstream,
    url: String,
    parties: &Parties<'_>,
    fields: Fields,
    digest: V2Digest,
    timeout_ms: i64,
) -> Result<Answer, Stop> {
    let answer = send(upstream, url, parties, fields, digest, timeout_ms).await?;
    if field(&answer, "return_code") != Some("SUCCESS") {
        // Unsigned by the protocol: evidence of nothing.
        let text = field(&answer, "return_msg").unwrap_or("no return_msg");
        return Err(Stop::unknown(format!(
            "the transport failed: {}",
            short(text)
        )));
    }
    judge(upstream, parties, answer)
}

/// Fields by name, without what XML cannot carry.
pub(super) fn fields(own: &[(&str, String)]) -> Fields {
    own.iter()
        .map(|(name, value)| ((*name).to_owned(), clean(value)))
        .collect()
}

/// Signs and sends; what comes back is not believed yet.
pub(super) async fn send(
    upstream: &dyn Upstream,
    url: String,
    parties: &Parties<'_>,
    mut fields: Fields,
    digest: V2Digest,
    timeout_ms: i64,
) -> Result<Fields, Stop> {
    let nonce = upstream.nonce(NONCE_CHARS);
    let common = named(parties).into_iter().chain([
        ("sub_appid", parties.sub_appid.unwrap_or_default()),
        ("nonce_str", &nonce),
    ]);
    for (name, value) in common {
        fields.insert(name.to_owned(), value.to_owned());
    }
    fields.retain(|_, value| !value.is_empty());
    let signature = upstream.sign(&sign::v2(&fields, digest))?;
    fields.insert("sign".to_owned(), signature);
    let wants_certificate = url.contains(CERTIFIED_PATH);
    let request = OutRequest {
        method: Method::POST,
        url,
        headers: vec![("Content-Type", "text/xml; charset=utf-8".to_owned())],
        body: Bytes::from(xml::write(&fields)),
    };
    let sending = if wants_certificate {
        upstream.send_as(CLIENT_CERTIFICATE, request, timeout_ms)
    } else {
        upstream.send(request, timeout_ms)
    };
    let response = sending.await?;
    if response.status != 200 {
        return Err(Stop::unknown(format!("HTTP {}", response.status)));
    }
    xml::read(&response.body)
        .map_err(|why| Stop::unknown(format!("the answer cannot be read: {why}")))
}

/// What an answer's envelope says, once its signature holds.
fn judge(upstream: &dyn Upstream, parties: &Parties<'_>, fields: Fields) -> Result<Answer, Stop> {
    signed(upstream, &fields)?;
    match field(&fields, "result_code") {
        Some("SUCCESS") => {
            same_parties(parties, &fields)?;
            Ok(Answer::Done(fields))
        }
        Some("FAIL") => {
            no_other_parties(parties, &fields)?;
            let code = field(&fields, "err_code")
                .ok_or_else(|| Stop::unknown("refused without an err_code"))?;
            Ok(Answer::Refused(code.to_owned()))
        }
        _ => Err(Stop::unknown("the answer has no result_code")),
    }
}

/// An answer must be signed.
pub(super) fn signed(upstream: &dyn Upstream, fields: &Fields) -> Result<(), Stop> {
    if is_signed(upstream, fields) {
        Ok(())
    } else {
        Err(Stop::unknown("the answer's signature does not hold"))
    }
}

/// Whether a message's own signature holds; its length names the digest.
pub(super) fn is_signed(upstream: &dyn Upstream, fields: &Fields) -> bool {
    let presented = field(fields, "sign").unwrap_or_default();
    V2Digest::of(presented)
        .is_some_and(|digest| upstream.verify(&sign::v2(fields, digest), presented))
}

fn named<'a>(parties: &Parties<'a>) -> [(&'static str, &'a str); 3] {
    [
        ("appid", parties.provider.appid),
        ("mch_id", parties.provider.mchid),
        ("sub_mch_id", parties.sub_mchid),
    ]
}

/// The message is about our service provider, our sub-merchant and its app.
pub(super) fn same_parties(parties: &Parties<'_>, fields: &Fields) -> Result<(), Doubt> {
    for (name, ours) in named(parties) {
        same(name, ours, field(fields, name))?;
    }
    parties.sub_appid.map_or(Ok(()), |ours| {
        same_if_present("sub_appid", ours, field(fields, "sub_appid"))
    })
}

/// The message is not about somebody else; it may leave out whom it is about.
pub(super) fn no_other_parties(parties: &Parties<'_>, fields: &Fields) -> Result<(), Doubt> {
    named(parties)
        .into_iter()
        .try_for_each(|(name, ours)| same_if_present(name, ours, field(fields, name)))
}

/// A field that is there and not empty.
pub(super) fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields
        .get(name)
        .map(String::as_str)
        .filter(|value| !value.is_empty())
}
