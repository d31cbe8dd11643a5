//! A till: builds, signs and sends Fufu requests with a signature computed here and nowhere else.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

use md5::{Digest, Md5};

use super::Json;
use super::wire::{Received, client, client_of_new_connections};

/// Lower-case hex of the MD5.
pub(crate) fn hex_md5(text: &[u8]) -> String {
    Md5::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The value of `sign=`: MD5 over time stamp, key and body without white space, a colon, the time
/// stamp.
pub(crate) fn sign(key: &str, timestamp: &str, body: &[u8]) -> String {
    let mut signed = format!("{timestamp}{key}").into_bytes();
    signed.extend(
        body.iter()
            .filter(|byte| !b" \t\n\r\x0b\x0c".contains(byte)),
    );
    format!("{}:{timestamp}", hex_md5(&signed))
}

/// Whether `query` carries the right signature of `body`, made with `key`.
pub(crate) fn verifies(key: &str, query: &str, body: &[u8]) -> bool {
    let Some(value) = query.split('&').find_map(|pair| pair.strip_prefix("sign=")) else {
        return false;
    };
    let value = value.replace("%3A", ":").replace("%3a", ":");
    value
        .split_once(':')
        .is_some_and(|(_, timestamp)| value == sign(key, timestamp, body))
}

/// A name that nobody had before.
pub(crate) fn fresh(prefix: &str) -> String {
    format!("{prefix}-{:016x}", random())
}

/// A random number, for amounts and names.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn timestamp() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1_768_442_400_000);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}

/// What the platform answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer(Received);

impl Deref for Answer {
    type Target = Received;

    fn deref(&self) -> &Received {
        &self.0
    }
}

impl Answer {
    pub(crate) fn data(&self) -> Option<&Json> {
        self.json.get("data")
    }

    /// `SUCCESS`, or the reason: of the call if the call failed, else of the operation.
    pub(crate) fn outcome(&self) -> &str {
        let parts = [self.json.get("result"), self.data()];
        for part in parts {
            let Some(part) = part else {
                return "neither data nor a failure";
            };
            if part.str("return_code") != "SUCCESS" {
                return part.str("return_msg");
            }
        }
        "SUCCESS"
    }

    pub(crate) fn state(&self) -> Option<i64> {
        self.data()?.get("state")?.number()
    }

    /// A text of `data` that must be there.
    pub(crate) fn str(&self, name: &str) -> &str {
        self.data()
            .unwrap_or_else(|| panic!("no data in {}", self.text))
            .str(name)
    }

    /// What every answer of the dialect has: status, content type, compact raw UTF-8.
    pub(crate) fn assert_frame(&self) {
        self.assert_compact();
        assert_eq!(
            self.content_type, "application/json;charset=UTF-8",
            "{}",
            self.text
        );
    }
}

/// A merchant's till.
#[derive(Clone)]
pub(crate) struct Till {
    http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) busi_id: String,
    pub(crate) key: String,
}

impl Till {
    pub(crate) fn new(base: &str, busi_id: &str, key: &str) -> Till {
        Till {
            http: client(),
            base: base.trim_end_matches('/').to_owned(),
            busi_id: busi_id.to_owned(),
            key: key.to_owned(),
        }
    }

    /// The same till, each of whose calls has a connection of its own.
    pub(crate) fn with_new_connections(mut self) -> Till {
        self.http = client_of_new_connections();
        self
    }

    /// Sends bytes as they are; an error is a connection that ended without an answer.
    pub(crate) async fn post(
        &self,
        interface: &str,
        query: &str,
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        let url = format!("{}/{interface}?{query}", self.base);
        let request = self
            .http
            .post(url)
            .header("Content-Type", "application/json;charset=UTF-8");
        Received::of(request.body(body)).await.map(Answer)
    }

    /// Sends a body with its right signature.
    pub(crate) async fn post_signed(
        &self,
        interface: &str,
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        let query = format!("sign={}", sign(&self.key, &timestamp(), &body));
        self.post(interface, &query, body).await
    }

    /// Sends members under the till's own merchant number; the connection may fail.
    pub(crate) async fn try_call(
        &self,
        interface: &str,
        members: &[(&str, Json)],
    ) -> Result<Answer, String> {
        let own = [("busi_id", Json::from(&self.busi_id))];
        let all = own.iter().chain(members);
        let body = Json::Object(
            all.map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        );
        self.post_signed(interface, body.to_string().into_bytes())
            .await
    }

    pub(crate) async fn call(&self, interface: &str, members: &[(&str, Json)]) -> Answer {
        let answer = self.try_call(interface, members).await;
        let answer = answer.unwrap_or_else(|problem| panic!("{interface}: {problem}"));
        answer.assert_frame();
        answer
    }

    pub(crate) async fn try_order(
        &self,
        number: &str,
        fen: i64,
        code: &str,
    ) -> Result<Answer, String> {
        self.try_call("order", &order(number, fen, code)).await
    }

    /// A barcode payment.
    pub(crate) async fn order(&self, number: &str, fen: i64, code: &str) -> Answer {
        self.call("order", &order(number, fen, code)).await
    }

    pub(crate) async fn try_refund(
        &self,
        number: &str,
        refund: &str,
        fen: i64,
    ) -> Result<Answer, String> {
        self.try_call("refund", &refund_of(number, refund, fen))
            .await
    }

    pub(crate) async fn refund(&self, number: &str, refund: &str, fen: i64) -> Answer {
        self.call("refund", &refund_of(number, refund, fen)).await
    }

    pub(crate) async fn try_query(&self, number: &str) -> Result<Answer, String> {
        self.try_call("query", &[("out_trade_no", number.into())])
            .await
    }

    pub(crate) async fn query(&self, number: &str) -> Answer {
        self.call("query", &[("out_trade_no", number.into())]).await
    }

    pub(crate) async fn try_refund_query(&self, refund: &str) -> Result<Answer, String> {
        self.try_call("refundQuery", &refund_query_of(refund)).await
    }

    pub(crate) async fn refund_query(&self, refund: &str) -> Answer {
        self.call("refundQuery", &refund_query_of(refund)).await
    }

    /// A QR order with an address for notifications.
    pub(crate) async fn try_qr_order(
        &self,
        number: &str,
        fen: i64,
        notify_url: &str,
    ) -> Result<Answer, String> {
        let members = [
            ("total_fee", fen.into()),
            ("channel_type", "0".into()),
            ("out_trade_no", number.into()),
            ("pay_subject", "面".into()),
            ("fee_type", "CNY".into()),
            ("trade_type", "QRCODE".into()),
            ("notifyUrl", notify_url.into()),
        ];
        self.try_call("preOrder", &members).await
    }

    pub(crate) async fn qr_order(&self, number: &str, fen: i64, notify_url: &str) -> Answer {
        let answer = self.try_qr_order(number, fen, notify_url).await.unwrap();
        answer.assert_frame();
        answer
    }
}

fn order(number: &str, fen: i64, code: &str) -> Vec<(&'static str, Json)> {
    vec![
        ("operator_id", "oper01".into()),
        ("total_fee", fen.into()),
        ("channel_type", "0".into()),
        ("auth_code", code.into()),
        ("pay_subject", "牛肉面".into()),
        ("out_trade_no", number.into()),
        ("fee_type", "CNY".into()),
    ]
}

fn refund_of(number: &str, refund: &str, fen: i64) -> Vec<(&'static str, Json)> {
    vec![
        ("operator_id", "oper01".into()),
        ("terminal_id", "dev01".into()),
        ("refund_fee", fen.into()),
        ("refund_subject", "退款".into()),
        ("out_trade_no", number.into()),
        ("out_refund_no", refund.into()),
        ("fee_type", "CNY".into()),
    ]
}

fn refund_query_of(refund: &str) -> Vec<(&'static str, Json)> {
    vec![
        ("operator_id", "oper01".into()),
        ("terminal_id", "dev01".into()),
        ("out_trade_no", refund.into()),
    ]
}
