//! `GET /v3/certificates`: the platform certificates, sealed under the APIv3 key (channels.md 1.4).

use serde_json::{Value, json};

use super::envelope::{Stop, refuse};
use super::query;
use crate::book::Book;
use crate::clock;
use crate::conduct::Received;
use crate::crypto::{aes_gcm_base64, random_hex};
use crate::upstreams::wechat::account::Keys;

const ASSOCIATED: &str = "certificate";

pub(super) fn work(
    book: &mut Book<'_>,
    request: &Received,
    _: &str,
) -> Result<Option<Value>, Stop> {
    let members = query::members(request);
    let algorithm = members.get("algorithm_type").map_or("RSA", String::as_str);
    if !["RSA", "ALL"].contains(&algorithm) {
        return refuse(400, "PARAM_ERROR", "algorithm_type 应为 RSA 或 ALL");
    }
    let keys: &Keys = book.accounts.of()?;
    let Some(published) = keys.own.published() else {
        return refuse(
            404,
            "RESOURCE_NOT_EXISTS",
            "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥",
        );
    };
    let mut data = Vec::new();
    for (serial, pem, from_ms, until_ms) in published {
        let nonce = random_hex(6)?;
        let sealed = aes_gcm_base64(&keys.api_v3, &nonce, ASSOCIATED, &pem)?;
        data.push(json!({
            "serial_no": serial,
            "effective_time": clock::rfc3339(from_ms),
            "expire_time": clock::rfc3339(until_ms),
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "associated_data": ASSOCIATED,
                "ciphertext": sealed,
            },
        }));
    }
    Ok(Some(json!({ "data": data })))
}
