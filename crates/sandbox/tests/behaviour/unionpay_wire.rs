//! The client side of UnionPay's provider API, written a second time.

use aws_lc_rs::digest;
use axum::body::Body;
use http::Request;
use serde_json::{Map, Value, json};

use crate::world::{Answer, World, rsa_sign, rsa_verify};

/// Ten o'clock at the test clock's start, Beijing's time.
const ORDER_TIME: &str = "20260101100000";

/// The 64 characters that RSA signs: hex SHA-256 over the sorted pairs; nulls are no pairs, empty
/// texts are.
pub(crate) fn hex_to_sign(members: &Map<String, Value>) -> String {
    let mut names: Vec<&String> = members.keys().collect();
    names.sort();
    let mut text = String::new();
    for name in names {
        let value = match &members[name] {
            _ if name == "signature" => continue,
            Value::Null => continue,
            Value::String(value) => value.clone(),
            other => other.to_string(),
        };
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(&value);
    }
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A payment with a code; `digits` are the code's last two.
pub(crate) fn pay(number: &str, digits: &str, fen: &str) -> Value {
    json!({
        "orderNo": number, "orderTime": ORDER_TIME, "orderType": "unionpay", "txnAmt": fen, "currencyCode": "156",
        "orderInfo": "茶", "termId": "01727367", "termInfo": "{\"ip\": \"127.0.0.1\"}",
        "authCode": format!("62204850736304699{digits}"),
    })
}

/// An order to be scanned, or with a user id one for that payer's browser.
pub(crate) fn prepay(number: &str, fen: &str, user_id: Option<&str>) -> Value {
    json!({
        "orderNo": number, "orderTime": ORDER_TIME, "orderType": "upJs", "txnAmt": fen, "orderInfo": "茶",
        "termInfo": "{\"ip\": \"127.0.0.1\"}", "backUrl": "http://127.0.0.1:8080/n/7",
        "frontUrl": "http://127.0.0.1:8080/back", "userId": user_id, "customerIp": user_id.map(|_| "127.0.0.1"),
    })
}

impl World {
    /// A signed body; `change` replaces or adds members first.
    pub(crate) fn unionpay_body(&self, members: Value, change: &[(&str, Value)]) -> String {
        let Value::Object(mut members) = members else {
            panic!("an object");
        };
        members.insert("serProvId".into(), self.unionpay.ser_prov_id.clone().into());
        members.insert("merId".into(), self.unionpay.mer_id.clone().into());
        for (name, value) in change {
            members.insert((*name).to_owned(), value.clone());
        }
        let hex = hex_to_sign(&members);
        let signature = rsa_sign(&self.unionpay.provider_private_key_pem, &hex);
        members.insert("signature".into(), signature.into());
        Value::Object(members).to_string()
    }

    pub(crate) async fn unionpay_send(&self, name: &str, body: String) -> Answer {
        let request = Request::post(format!("/unionpay/gateway/api/pay/{name}"))
            .header("content-type", "application/json; charset=UTF-8");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// A signed call; asserts that the answer is signed.
    pub(crate) async fn unionpay(&self, name: &str, members: Value) -> Value {
        self.unionpay_with(name, members, &[]).await
    }

    pub(crate) async fn unionpay_with(
        &self,
        name: &str,
        members: Value,
        change: &[(&str, Value)],
    ) -> Value {
        let body = self.unionpay_body(members, change);
        let answer = self.unionpay_send(name, body).await;
        let told = answer.json();
        assert!(self.is_unionpays(&told), "unsigned: {}", answer.body);
        told
    }

    pub(crate) fn is_unionpays(&self, told: &Value) -> bool {
        let members = told.as_object().unwrap();
        let Some(signature) = told["signature"].as_str() else {
            return false;
        };
        rsa_verify(
            &self.unionpay.unionpay_public_key_pem,
            &hex_to_sign(members),
            signature,
        )
    }

    /// What became of an order: `origRespCode`, or the `respCode` that says why there is none.
    pub(crate) async fn unionpay_state(&self, number: &str) -> String {
        let members = json!({"orderNo": number, "orderType": "unionpay"});
        let told = self.unionpay("queryOrder", members).await;
        let code = match told["respCode"].as_str().unwrap() {
            "00" => &told["origRespCode"],
            _ => &told["respCode"],
        };
        code.as_str().unwrap().to_owned()
    }
}
