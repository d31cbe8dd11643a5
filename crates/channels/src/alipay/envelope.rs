//! Cuts the signed node out of an answer, byte for byte. Source: channel notes 2.2.
//!
//! The top level is walked by the JSON parser, which hands out each member's raw text; braces
//! inside strings and escapes cannot mislead it.

use crate::json::members;

/// Longest answer that is read, in bytes.
const BYTES_MAX: usize = 256 * 1024;
/// The node of faults of the gateway itself.
const ERROR_NODE: &str = "error_response";

/// What an answer holds, before anything is believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Envelope<'a> {
    /// The node's text as it came.
    pub(super) node: &'a str,
    /// Whether it is the node of gateway faults.
    pub(super) is_error: bool,
    /// The signature over the node, if there is one.
    pub(super) sign: Option<String>,
}

/// Finds the node of `method` or of gateway faults; exactly one of them.
pub(super) fn open<'a>(method: &str, body: &'a [u8]) -> Result<Envelope<'a>, &'static str> {
    if body.len() > BYTES_MAX {
        return Err("the answer is too long");
    }
    let text = std::str::from_utf8(body).map_err(|_| "the answer is not UTF-8")?;
    let members = members(text).map_err(|_| "the answer is not a JSON object")?;
    let wanted = format!("{}_response", method.replace('.', "_"));
    let member = |name: &str| {
        members
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.get())
    };
    let (node, is_error) = match (member(&wanted), member(ERROR_NODE)) {
        (Some(node), None) => (node, false),
        (None, Some(node)) => (node, true),
        (Some(_), Some(_)) => return Err("the answer has two nodes"),
        (None, None) => return Err("the answer lacks its node"),
    };
    if !node.starts_with('{') {
        return Err("the node is not an object");
    }
    let sign = match member("sign") {
        None => None,
        Some(raw) => Some(serde_json::from_str(raw).map_err(|_| "the sign is not a text")?),
    };
    Ok(Envelope {
        node,
        is_error,
        sign,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(body: &str) -> Result<(&str, bool, Option<String>), &'static str> {
        open("alipay.trade.pay", body.as_bytes())
            .map(|envelope| (envelope.node, envelope.is_error, envelope.sign))
    }

    #[test]
    fn the_node_is_cut_out_as_it_came() {
        for raw in [
            r#"{}"#,
            r#"{"msg":"a } brace { and \" a quote","url":"https:\/\/qr.alipay.com\/x"}"#,
            r#"{ "a" : {"b":[1,{"c":"}}"}]} , "d":"\\" }"#,
            r#"{"sub_msg":"\",\"sign\":\"forged"}"#,
        ] {
            let body = format!("{{\"alipay_trade_pay_response\": {raw} ,\"sign\":\"S\\/=\"}}\n");
            assert_eq!(node(&body), Ok((raw, false, Some("S/=".to_owned()))));
        }
        let body = r#"{"sign":"S","alipay_cert_sn":"1","alipay_trade_pay_response":{"code":"1"}}"#;
        assert_eq!(
            node(body),
            Ok((r#"{"code":"1"}"#, false, Some("S".to_owned())))
        );
        assert_eq!(
            node(r#"{"error_response":{"code":"1"}}"#),
            Ok((r#"{"code":"1"}"#, true, None))
        );
    }

    #[test]
    fn what_cannot_be_one_answer_is_refused() {
        for broken in [
            "",
            "null",
            "[]",
            "<html></html>",
            "{}",
            r#"{"alipay_trade_pay_response":{}"#,
            r#"{"alipay_trade_pay_response":{"a":"}","sign":"S"}"#,
            r#"{"alipay_trade_pay_response":"{}","sign":"S"}"#,
            r#"{"alipay_trade_pay_response":{},"sign":1}"#,
            r#"{"alipay_trade_query_response":{},"sign":"S"}"#,
            r#"{"alipay_trade_pay_response":{},"error_response":{},"sign":"S"}"#,
            r#"{"alipay_trade_pay_response":{},"alipay_trade_pay_response":{},"sign":"S"}"#,
            r#"{"alipay_trade_pay_response":{},"sign":"S","sign":"T"}"#,
            r#"{"alipay_trade_pay_response":{},"sign":"S"} {}"#,
        ] {
            assert!(node(broken).is_err(), "{broken}");
        }
        assert!(
            open(
                "alipay.trade.pay",
                b"{\"alipay_trade_pay_response\":{\"a\":\"\xff\"}}"
            )
            .is_err()
        );
        let long = format!(
            "{{\"alipay_trade_pay_response\":{{\"a\":\"{}\"}}}}",
            "x".repeat(BYTES_MAX)
        );
        assert!(node(&long).is_err());
    }
}
