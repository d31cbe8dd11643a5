//! A till that signs for itself, to see how those fare who are not attacking.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use md5::{Digest, Md5};
use tokio::time::Instant;

use crate::http::{Answer, ask_once, request};
use crate::trouble::Trouble;

const JSON: &str = "application/json;charset=UTF-8";
/// The wire wants one; it is not compared with a clock.
const TIMESTAMP: &str = "1768442400001";

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Hexadecimal digits of the MD5.
pub(crate) fn md5(text: &[u8]) -> String {
    let digest = Md5::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A merchant's till.
#[derive(Clone)]
pub(crate) struct Till {
    address: SocketAddr,
    busi_id: String,
    key: String,
}

impl Till {
    pub(crate) fn new(address: SocketAddr, busi_id: &str, key: &str) -> Self {
        Self {
            address,
            busi_id: busi_id.to_owned(),
            key: key.to_owned(),
        }
    }

    /// A signed request for one of the interfaces, with further members of JSON.
    pub(crate) fn request(&self, interface: &str, members: &str) -> Vec<u8> {
        let body = format!("{{\"busi_id\":\"{}\",{members}}}", self.busi_id);
        let key = &self.key;
        let sign = md5(format!("{TIMESTAMP}{key}{body}").as_bytes());
        let target = format!("/gateway/pay/{interface}?sign={sign}:{TIMESTAMP}");
        request("POST", &target, JSON, body.as_bytes())
    }

    /// The same with a signature that nobody made.
    pub(crate) fn forged(&self) -> Vec<u8> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let body = format!(
            "{{\"busi_id\":\"{}\",\"out_trade_no\":\"{number}\"}}",
            self.busi_id
        );
        let target = format!("/gateway/pay/query?sign={number:032}:{TIMESTAMP}");
        request("POST", &target, JSON, body.as_bytes())
    }

    /// Takes a payment of 1.58 yuan as the machine at `from`: how long it took.
    pub(crate) async fn pay(&self, from: Ipv4Addr) -> Result<Duration, Trouble> {
        let begun = Instant::now();
        let answer = ask_once(from, self.address, &self.payment()).await?;
        if answer.body.contains("\"state\":1") {
            Ok(begun.elapsed())
        } else {
            Err(format!("not paid: {} {}", answer.status, answer.body).into())
        }
    }

    fn payment(&self) -> Vec<u8> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let members = format!(
            "\"operator_id\":\"oper01\",\"total_fee\":\"158\",\"channel_type\":\"0\",\
             \"auth_code\":\"284214903060794700\",\"pay_subject\":\"attack\",\
             \"out_trade_no\":\"attack-{number}\",\"fee_type\":\"CNY\""
        );
        self.request("order", &members)
    }

    /// An order that waits for its payer: the address of its page.
    pub(crate) async fn page(&self, from: Ipv4Addr) -> Result<String, Trouble> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let members = format!(
            "\"total_fee\":\"158\",\"channel_type\":\"0\",\"pay_subject\":\"attack\",\
             \"out_trade_no\":\"page-{number}\",\"fee_type\":\"CNY\",\"trade_type\":\"QRCODE\",\
             \"notifyUrl\":\"http://127.0.0.1:9/n\""
        );
        let answer = self.ask(from, &self.request("preOrder", &members)).await?;
        let parsed: serde_json::Value = serde_json::from_str(&answer.body)?;
        let code = parsed
            .pointer("/data/qr_code")
            .and_then(serde_json::Value::as_str);
        Ok(code.ok_or("no code to be paid")?.to_owned())
    }

    /// Sends a request over a connection of its own.
    pub(crate) async fn ask(&self, from: Ipv4Addr, request: &[u8]) -> Result<Answer, Trouble> {
        Ok(ask_once(from, self.address, request).await?)
    }
}
