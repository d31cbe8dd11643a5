//! The `Authorization` header and the text it signs (channels.md 1.1).

use crate::conduct::Received;
use crate::upstreams::wechat::account::{Keys, SP_MCHID};

/// A request this much older or newer than now is refused, in seconds.
const WINDOW_SECONDS: i64 = 300;
const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048 ";

/// Five lines, each ended by a line feed.
pub(super) fn signed_text(
    method: &str,
    target: &str,
    timestamp: &str,
    nonce: &str,
    body: &str,
) -> String {
    format!("{method}\n{target}\n{timestamp}\n{nonce}\n{body}\n")
}

/// `key="value"` pairs in any order.
fn attributes(text: &str) -> Option<Vec<(&str, &str)>> {
    text.split(',')
        .map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            Some((name, value.strip_prefix('"')?.strip_suffix('"')?))
        })
        .collect()
}

/// Verifies who asks; the error says what is wrong.
pub(super) fn verify(keys: &Keys, request: &Received, now_ms: i64) -> Result<(), String> {
    let header = request
        .header("authorization")
        .ok_or("缺少 Authorization")?;
    let pairs = header
        .strip_prefix(SCHEME)
        .and_then(attributes)
        .ok_or("Authorization 格式错误")?;
    let member = |name: &str| {
        let mut found = pairs
            .iter()
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| *value);
        match (found.next(), found.next()) {
            (Some(value), None) => Ok(value),
            _ => Err(format!("Authorization 中 {name} 缺失或重复")),
        }
    };
    if member("mchid")? != SP_MCHID {
        return Err("商户号不存在".to_owned());
    }
    if member("serial_no")? != keys.merchant_serial_no {
        return Err("商户证书序列号有误".to_owned());
    }
    let nonce = member("nonce_str")?;
    if nonce.is_empty() || nonce.len() > 32 {
        return Err("nonce_str 长度应为 1 到 32".to_owned());
    }
    let timestamp = member("timestamp")?;
    let seconds: i64 = timestamp.parse().map_err(|_| "timestamp 应为秒")?;
    if now_ms
        .div_euclid(1000)
        .saturating_sub(seconds)
        .saturating_abs()
        > WINDOW_SECONDS
    {
        return Err("timestamp 与服务器时间相差超过 5 分钟".to_owned());
    }
    let body = std::str::from_utf8(&request.body).map_err(|_| "请求体不是 UTF-8")?;
    let text = signed_text(
        request.method.as_str(),
        request.target(),
        timestamp,
        nonce,
        body,
    );
    if keys.merchant.verify(text.as_bytes(), member("signature")?) {
        Ok(())
    } else {
        Err("签名错误，请检查后再试".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::sha256_hex;

    /// channels.md 8, "v3 request text", both.
    #[test]
    fn known_texts() {
        let nonce = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS";
        let text = signed_text(
            "POST",
            "/v3/pay/partner/transactions/native",
            "1700000000",
            nonce,
            "{\"sp_mchid\":\"1900000001\"}",
        );
        assert_eq!(
            sha256_hex(&text),
            "cc0e5afe410a583b1898986db840aa86c32e851b48262ca306c2084a206d5023"
        );
        let target =
            "/v3/pay/partner/transactions/out-trade-no/T1?sp_mchid=1900000001&sub_mchid=1900000109";
        assert_eq!(
            sha256_hex(&signed_text("GET", target, "1700000000", nonce, "")),
            "7e5b1aec3f9bdeb2685f991a59f86fe952fa7a7df5c1562fd2d2eef73aa18efd"
        );
    }

    #[test]
    fn attributes_come_in_any_order() {
        assert_eq!(
            attributes("b=\"2=\", a=\"1\""),
            Some(vec![("b", "2="), ("a", "1")])
        );
        assert_eq!(attributes("a=1"), None);
    }
}
