//! A sandbox under a test clock, and the client side of WeChat's and Alipay's wires written a
//! second time.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use heliu_sandbox::upstreams::alipay::AlipayAccount;
use heliu_sandbox::upstreams::unionpay::UnionpayAccount;
use heliu_sandbox::upstreams::wechat::WechatAccount;
use heliu_sandbox::{Caller, Options, Sandbox};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use md5::{Digest as _, Md5};
use serde_json::Value;
use tower::ServiceExt as _;

pub(crate) const START_MS: i64 = 1_767_232_800_000; // 2026-01-01T10:00:00+08:00
pub(crate) const SUB_APPID: &str = "wx00000000fufudemo";

/// Records what the sandbox sends; answers from a queue, else with the default.
#[derive(Default)]
pub(crate) struct Outside {
    pub(crate) seen: Mutex<Vec<Request<Bytes>>>,
    pub(crate) answers: Mutex<VecDeque<Response<Bytes>>>,
    pub(crate) default: Mutex<String>,
}

impl Caller for Outside {
    fn call(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, String>> {
        self.seen.lock().unwrap().push(request);
        let queued = self.answers.lock().unwrap().pop_front();
        let answer = queued
            .unwrap_or_else(|| Response::new(Bytes::from(self.default.lock().unwrap().clone())));
        async move { Ok(answer) }.boxed()
    }
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) wechat: WechatAccount,
    pub(crate) alipay: AlipayAccount,
    pub(crate) unionpay: UnionpayAccount,
    pub(crate) outside: Arc<Outside>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }
}

fn der(pem: &str) -> Vec<u8> {
    let text: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    STANDARD.decode(text).unwrap()
}

pub(crate) fn rsa_sign(private_pem: &str, text: &str) -> String {
    let key = RsaKeyPair::from_pkcs8(&der(private_pem)).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .unwrap();
    STANDARD.encode(signature)
}

pub(crate) fn rsa_verify(public_pem: &str, text: &str, signature: &str) -> bool {
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der(public_pem))
        .verify(text.as_bytes(), &STANDARD.decode(signature).unwrap())
        .is_ok()
}

pub(crate) fn v2_sign(fields: &BTreeMap<String, String>, key: &str, hmac: bool) -> String {
    let mut text: Vec<String> = fields
        .iter()
        .filter(|(name, value)| name.as_str() != "sign" && !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    text.push(format!("key={key}"));
    let text = text.join("&");
    let bytes = if hmac {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.as_bytes());
        aws_lc_rs::hmac::sign(&key, text.as_bytes())
            .as_ref()
            .to_vec()
    } else {
        Md5::digest(text.as_bytes()).to_vec()
    };
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Reads the sandbox's own CDATA form; enough for the tests.
pub(crate) fn from_xml(text: &str) -> BTreeMap<String, String> {
    text.split("]]></")
        .filter_map(|part| {
            let (head, value) = part.rsplit_once("><![CDATA[")?;
            let name = head.rsplit_once('<')?.1;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect()
}

pub(crate) fn to_xml(fields: &BTreeMap<String, String>) -> String {
    let inner: String = fields
        .iter()
        .map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>"))
        .collect();
    format!("<xml>{inner}</xml>")
}

pub(crate) fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

impl World {
    pub(crate) fn new() -> Self {
        Self::at(PathBuf::from(":memory:"))
    }

    pub(crate) fn at(database: PathBuf) -> Self {
        let start = tokio::time::Instant::now();
        let outside = Arc::new(Outside::default());
        let sandbox = Sandbox::open(Options {
            database,
            public_url: "http://127.0.0.1:8090".into(),
            platform_url: "http://127.0.0.1:8080".into(),
            now_ms: Arc::new(move || {
                let passed = tokio::time::Instant::now().duration_since(start);
                START_MS + i64::try_from(passed.as_millis()).unwrap()
            }),
            time_factor: 1,
            caller: Some(Arc::clone(&outside) as Arc<dyn Caller>),
        })
        .unwrap();
        sandbox.start();
        Self {
            wechat: sandbox.portal_keys().account().unwrap(),
            alipay: sandbox.portal_keys().account().unwrap(),
            unionpay: sandbox.portal_keys().account().unwrap(),
            sandbox,
            outside,
        }
    }

    pub(crate) async fn wait(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.sandbox.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map(|body| body.to_bytes())
            .unwrap_or_default();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn control(&self, method: &str, path: &str, body: &str) -> Answer {
        let request = Request::builder().method(method).uri(path);
        self.send(request.body(Body::from(body.to_owned())).unwrap())
            .await
    }

    pub(crate) async fn order(&self, number: &str) -> Value {
        self.control("GET", &format!("/control/orders/{number}"), "")
            .await
            .json()
    }

    /// A signed v2 call; asserts that the answer is signed.
    pub(crate) async fn v2(&self, path: &str, pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let (fields, raw) = self.v2_raw(path, pairs, false).await;
        assert_eq!(
            fields.get("sign").map(String::as_str),
            Some(v2_sign(&fields, &self.wechat.api_v2_key, false).as_str()),
            "{raw}"
        );
        fields
    }

    pub(crate) async fn v2_raw(
        &self,
        path: &str,
        pairs: &[(&str, &str)],
        hmac: bool,
    ) -> (BTreeMap<String, String>, String) {
        let mut fields = map(&[
            ("appid", &self.wechat.sp_appid),
            ("mch_id", &self.wechat.sp_mchid),
            ("sub_mch_id", &self.wechat.sub_mchid),
            ("nonce_str", "n0nce"),
        ]);
        if hmac {
            fields.insert("sign_type".into(), "HMAC-SHA256".into());
        }
        fields.extend(map(pairs));
        let sign = v2_sign(&fields, &self.wechat.api_v2_key, hmac);
        fields.entry("sign".into()).or_insert(sign);
        let request = Request::post(format!("/wechat{path}"));
        let answer = self
            .send(request.body(Body::from(to_xml(&fields))).unwrap())
            .await;
        (from_xml(&answer.body), answer.body)
    }

    pub(crate) async fn micropay(
        &self,
        number: &str,
        code: &str,
        fen: &str,
    ) -> BTreeMap<String, String> {
        self.v2("/pay/micropay", &Self::micropay_fields(number, code, fen))
            .await
    }

    pub(crate) fn micropay_fields<'a>(
        number: &'a str,
        code: &'a str,
        fen: &'a str,
    ) -> [(&'a str, &'a str); 5] {
        [
            ("body", "tea"),
            ("out_trade_no", number),
            ("total_fee", fen),
            ("spbill_create_ip", "127.0.0.1"),
            ("auth_code", code),
        ]
    }

    pub(crate) async fn query(&self, number: &str) -> BTreeMap<String, String> {
        self.v2("/pay/orderquery", &[("out_trade_no", number)])
            .await
    }

    pub(crate) fn v3_request(
        &self,
        method: &str,
        path: &str,
        body: &str,
        age_s: i64,
    ) -> Request<Body> {
        let target = format!("/wechat{path}");
        let now_s = (START_MS / 1000) - age_s;
        let nonce = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS";
        let text = format!("{method}\n{target}\n{now_s}\n{nonce}\n{body}\n");
        let signature = rsa_sign(&self.wechat.merchant_private_key_pem, &text);
        let authorization = format!(
            "WECHATPAY2-SHA256-RSA2048 nonce_str=\"{nonce}\",mchid=\"{}\",signature=\"{signature}\",timestamp=\"{now_s}\",serial_no=\"{}\"",
            self.wechat.sp_mchid, self.wechat.merchant_serial_no
        );
        Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", authorization)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header("user-agent", "test")
            .body(Body::from(body.to_owned()))
            .unwrap()
    }

    /// A signed v3 call; asserts that 2xx answers are signed. `passed_s` is how long the test has
    /// run.
    pub(crate) async fn v3(&self, method: &str, path: &str, body: &str, passed_s: i64) -> Answer {
        let answer = self
            .send(self.v3_request(method, path, body, -passed_s))
            .await;
        if answer.status.is_success() {
            self.assert_v3_signed(&answer.headers, &answer.body);
        }
        answer
    }

    pub(crate) fn assert_v3_signed(&self, headers: &HeaderMap, body: &str) {
        let header = |name: &str| headers[name].to_str().unwrap();
        assert_eq!(
            header("wechatpay-serial"),
            self.wechat.wechatpay_public_key_id
        );
        assert_eq!(
            header("wechatpay-signature-type"),
            "WECHATPAY2-SHA256-RSA2048"
        );
        let text = format!(
            "{}\n{}\n{body}\n",
            header("wechatpay-timestamp"),
            header("wechatpay-nonce")
        );
        assert!(rsa_verify(
            &self.wechat.wechatpay_public_key_pem,
            &text,
            header("wechatpay-signature")
        ));
    }

    pub(crate) fn alipay_body(
        &self,
        method: &str,
        content: &Value,
        change: &[(&str, &str)],
        timestamp: &str,
    ) -> String {
        let content = content.to_string();
        let mut fields = map(&[
            ("app_id", &self.alipay.app_id),
            ("method", method),
            ("charset", "utf-8"),
            ("sign_type", "RSA2"),
            ("timestamp", timestamp),
            ("version", "1.0"),
            ("app_auth_token", &self.alipay.app_auth_token),
            ("biz_content", &content),
        ]);
        fields.extend(map(change));
        let text: Vec<String> = fields
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let sign = rsa_sign(&self.alipay.app_private_key_pem, &text.join("&"));
        fields.insert("sign".into(), sign);
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&fields)
            .finish()
    }

    /// A signed Alipay call; asserts that the node is signed over its exact bytes.
    pub(crate) async fn alipay(&self, method: &str, content: Value) -> Value {
        self.alipay_with(method, content, &[]).await
    }

    pub(crate) async fn alipay_with(
        &self,
        method: &str,
        content: Value,
        change: &[(&str, &str)],
    ) -> Value {
        let body = self.alipay_body(method, &content, change, "2026-01-01 10:00:05");
        let request = Request::post("/alipay/gateway.do")
            .body(Body::from(body))
            .unwrap();
        let text = self.send(request).await.body;
        let (node, sign) = text
            .strip_suffix("\"}")
            .and_then(|text| text.rsplit_once(",\"sign\":\""))
            .unwrap_or_else(|| panic!("unsigned: {text}"));
        let (name, node) = node.strip_prefix("{\"").unwrap().split_once("\":").unwrap();
        let expected = format!("{}_response", method.replace('.', "_"));
        assert!(name == expected || name == "error_response", "{name}");
        assert!(
            rsa_verify(&self.alipay.alipay_public_key_pem, node, sign),
            "{text}"
        );
        serde_json::from_str(node).unwrap()
    }
}
