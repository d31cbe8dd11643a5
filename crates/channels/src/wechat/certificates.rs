//! WeChat's platform certificates, sealed under the APIv3 key. Sources: channel notes 1.2, 1.4, 9.
//!
//! Accounts that WeChat has moved to its public key get an error here: there is nothing to fetch
//! any more.

use heliu_ports::channel::{LookupRefused, PublishedKey, Upstream};
use heliu_trade::directory::ChannelAccount;
use http::Method;

use super::callback::open_box;
use super::sign::WECHATPAY_PUBLIC;
use super::v3::{self, Answer, Signed};
use crate::answer::{Stop, present};
use crate::json::{elements, text};

/// For the whole call, in ms.
const TIMEOUT_MS: i64 = 5_000;
const PATH: &str = "/v3/certificates";

/// Those that are valid now, several while WeChat changes them. What opens is authentic, since only
/// WeChat and we have the APIv3 key; the answer as a whole must be signed too, perhaps by a
/// certificate that it brings.
pub(super) async fn published_keys(
    upstream: &dyn Upstream,
    account: &ChannelAccount,
) -> Result<Vec<PublishedKey>, LookupRefused> {
    if !v3::is_served(account) {
        return Err(LookupRefused::Unsupported);
    }
    let response = v3::send(upstream, account, Method::GET, PATH, None, TIMEOUT_MS).await?;
    let is_done = (200..300).contains(&response.status);
    let brought = if is_done {
        brought(upstream, &response.body)?
    } else {
        Vec::new()
    };
    let signed = Signed::read(upstream, &response.headers, &response.body);
    let verified = signed.and_then(|signed| {
        let named = brought.iter().find(|key| key.serial == signed.serial);
        let Some(named) = named else {
            return v3::verify(upstream, account, &response.headers, &response.body);
        };
        let Signed {
            spec, signature, ..
        } = &signed;
        if upstream.verify_by_certificate(&named.certificate, signed.serial, spec, signature) {
            Ok(())
        } else {
            Err("the signature does not hold".to_owned())
        }
    });
    match v3::judge(&response, verified)? {
        Answer::Done(_) => Ok(brought),
        Answer::Refused(code) => Err(LookupRefused::Refused(code)),
    }
}

/// Opens what the answer brings.
fn brought(upstream: &dyn Upstream, body: &[u8]) -> Result<Vec<PublishedKey>, Stop> {
    let answer = v3::parse(body)?;
    let mut keys = Vec::new();
    for certificate in elements(&answer, "data") {
        let serial = present("serial_no", text(certificate, "serial_no"))?;
        let sealed = present(
            "encrypt_certificate",
            certificate.get("encrypt_certificate"),
        )?;
        let opened = open_box(upstream, sealed)
            .map_err(|why| Stop::unknown(format!("encrypt_certificate: {why}")))?;
        let pem = String::from_utf8(opened)
            .map_err(|_| Stop::unknown("encrypt_certificate holds no text"))?;
        keys.push(PublishedKey {
            role: WECHATPAY_PUBLIC,
            serial: serial.to_owned(),
            certificate: pem,
        });
    }
    Ok(keys)
}
