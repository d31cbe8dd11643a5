//! A till of the second dialect, whose key belongs to an agent: builds, signs and sends forms with
//! a signature computed here and nowhere else.

use std::ops::Deref;

use super::Json;
use super::form::{Pairs, encoded, form_sign, value};
use super::wire::{Received, client};

/// One address for seven interfaces.
pub(crate) const GATEWAY: &str = "/UnifiedPay/Gateway";
pub(crate) const WECHAT_PRE_ORDER: &str = "/Open/WECHAT_PreOrder";
pub(crate) const ALIPAY_PRE_ORDER: &str = "/Open/ALIPAY_PreOrder";
pub(crate) const REGISTER: &str = "/UnifiedPay/Mch_Reg";

pub(crate) const FORM: &str = "application/x-www-form-urlencoded;charset=UTF-8";

/// What the platform answered.
#[derive(Debug, Clone)]
pub(crate) struct AgentAnswer(Received);

impl Deref for AgentAnswer {
    type Target = Received;

    fn deref(&self) -> &Received {
        &self.0
    }
}

impl AgentAnswer {
    pub(crate) fn state(&self) -> &str {
        self.json.str("state")
    }

    pub(crate) fn code(&self) -> &str {
        self.json.str("code")
    }

    pub(crate) fn trade_state(&self) -> Option<&str> {
        self.text_of("trade_state")
    }

    /// State, code and trade state in one text, since a client has to look at all of them.
    pub(crate) fn outcome(&self) -> String {
        let parts = [Some(self.state()), Some(self.code()), self.trade_state()];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        parts.join(" ")
    }

    /// A text that must be there.
    pub(crate) fn str(&self, name: &str) -> &str {
        self.json.str(name)
    }

    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.json.get(name).and_then(Json::text)
    }

    /// An amount in fen; amounts are texts.
    pub(crate) fn fen(&self, name: &str) -> i64 {
        self.str(name).parse().unwrap()
    }

    /// The members as the signature sees them.
    pub(crate) fn pairs(&self) -> Pairs {
        pairs_of(&self.json)
    }

    pub(crate) fn is_signed(&self) -> bool {
        self.json.get("sign").is_some()
    }

    /// What every answer of the dialect has: status, content type, compact raw UTF-8, the opening
    /// members in their order, and the signature last, if there is one.
    pub(crate) fn assert_frame(&self) {
        self.assert_compact();
        let content_type = self.content_type.replace(' ', "").to_lowercase();
        assert_eq!(
            content_type, "application/json;charset=utf-8",
            "{}",
            self.text
        );
        let names = names(&self.json);
        let opening = if self.trade_state().is_some() {
            vec!["state", "code", "trade_state", "msg"]
        } else {
            vec!["state", "code", "msg"]
        };
        assert_eq!(names.get(..opening.len()), Some(&*opening), "{}", self.text);
        if self.is_signed() {
            assert_eq!(names.last(), Some(&"sign"), "{}", self.text);
        }
    }

    /// Whether the answer carries the right signature, made with `key`.
    pub(crate) fn verifies(&self, key: &str) -> bool {
        self.text_of("sign") == Some(&form_sign(key, &self.pairs()))
    }
}

/// Members of a flat object as texts; the one number of this wire counts as its decimal text.
pub(crate) fn pairs_of(object: &Json) -> Pairs {
    let members = object.members().iter();
    members
        .map(|(name, value)| {
            let text = value
                .text()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), text)
        })
        .collect()
}

fn names(object: &Json) -> Vec<&str> {
    let members = object.members().iter();
    members.map(|(name, _)| name.as_str()).collect()
}

/// A till of one merchant, signing with its agent's key.
#[derive(Clone)]
pub(crate) struct AgentTill {
    http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) agent_id: String,
    pub(crate) mch_id: String,
    pub(crate) key: String,
}

impl AgentTill {
    pub(crate) fn new(base: &str, agent_id: &str, mch_id: &str, key: &str) -> AgentTill {
        AgentTill {
            http: client(),
            base: base.trim_end_matches('/').to_owned(),
            agent_id: agent_id.to_owned(),
            mch_id: mch_id.to_owned(),
            key: key.to_owned(),
        }
    }

    /// The same till under another merchant number.
    pub(crate) fn of_merchant(&self, mch_id: &str) -> AgentTill {
        AgentTill {
            mch_id: mch_id.to_owned(),
            ..self.clone()
        }
    }

    /// The same till with another key.
    pub(crate) fn with_key(&self, key: &str) -> AgentTill {
        AgentTill {
            key: key.to_owned(),
            ..self.clone()
        }
    }

    /// Sends bytes as they are; an error is a connection that ended without an answer.
    pub(crate) async fn post(
        &self,
        target: &str,
        content_type: Option<&str>,
        body: Vec<u8>,
    ) -> Result<AgentAnswer, String> {
        let mut request = self.http.post(format!("{}{target}", self.base));
        if let Some(content_type) = content_type {
            request = request.header("Content-Type", content_type);
        }
        Received::of(request.body(body)).await.map(AgentAnswer)
    }

    /// Any GET below the platform's address: status, content type, bytes.
    pub(crate) async fn get(&self, url: &str) -> (u16, String, Vec<u8>) {
        let response = self.http.get(url).send().await.unwrap();
        let status = response.status().as_u16();
        let content_type = response.headers().get("content-type");
        let content_type = content_type.map_or("", |value| value.to_str().unwrap());
        let content_type = content_type.to_owned();
        (
            status,
            content_type,
            response.bytes().await.unwrap().to_vec(),
        )
    }

    /// The common parameters with these, unsigned.
    pub(crate) fn unsigned(&self, members: &[(&str, &str)]) -> Pairs {
        let common = [
            ("agent_id", &*self.agent_id),
            ("version", "1.0"),
            ("pid", "demopos"),
        ];
        let all = common.iter().chain(members);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    /// Signs.
    pub(crate) fn signed(&self, mut pairs: Pairs) -> Pairs {
        pairs.retain(|(name, _)| name != "sign");
        let sign = form_sign(&self.key, &pairs);
        pairs.push(("sign".to_owned(), sign));
        pairs
    }

    /// Sends pairs with their right signature.
    pub(crate) async fn post_signed(
        &self,
        path: &str,
        pairs: Pairs,
    ) -> Result<AgentAnswer, String> {
        let body = encoded(&self.signed(pairs)).into_bytes();
        self.post(path, Some(FORM), body).await
    }

    /// Sends members beside the common parameters; the connection may fail.
    pub(crate) async fn try_call(
        &self,
        path: &str,
        members: &[(&str, &str)],
    ) -> Result<AgentAnswer, String> {
        self.post_signed(path, self.unsigned(members)).await
    }

    /// Sends members beside the common parameters; the answer must have the dialect's frame, and
    /// this till's signature where it has to have one.
    pub(crate) async fn call(&self, path: &str, members: &[(&str, &str)]) -> AgentAnswer {
        let answer = self.try_call(path, members).await;
        let answer = answer.unwrap_or_else(|problem| panic!("{path} {members:?}: {problem}"));
        self.assert_answers(path, &answer);
        answer
    }

    /// All are signed but those to unknown agents.
    pub(crate) fn assert_answers(&self, path: &str, answer: &AgentAnswer) {
        answer.assert_frame();
        if answer.code() == "20012" {
            assert!(!answer.is_signed(), "{path}: {}", answer.text);
        } else {
            assert!(answer.verifies(&self.key), "{path}: {}", answer.text);
        }
    }

    /// A call of the one address, about this till's merchant.
    pub(crate) async fn gateway(&self, method: &str, members: &[(&str, &str)]) -> AgentAnswer {
        self.call(GATEWAY, &self.with_method(method, members)).await
    }

    fn with_method<'a>(
        &'a self,
        method: &'a str,
        members: &[(&'a str, &'a str)],
    ) -> Vec<(&'a str, &'a str)> {
        let mut all = vec![("method", method), ("mch_id", &*self.mch_id)];
        all.extend(members);
        all
    }

    /// A barcode payment; `more` are optional members.
    pub(crate) async fn pay_with(
        &self,
        number: &str,
        fen: i64,
        code: &str,
        more: &[(&str, &str)],
    ) -> AgentAnswer {
        let answer = self.try_pay(number, fen, code, more).await;
        let answer = answer.unwrap_or_else(|problem| panic!("{number}: {problem}"));
        self.assert_answers(GATEWAY, &answer);
        answer
    }

    pub(crate) async fn pay(&self, number: &str, fen: i64, code: &str) -> AgentAnswer {
        self.pay_with(number, fen, code, &[]).await
    }

    pub(crate) async fn try_pay(
        &self,
        number: &str,
        fen: i64,
        code: &str,
        more: &[(&str, &str)],
    ) -> Result<AgentAnswer, String> {
        let fen = fen.to_string();
        let mut members = vec![
            ("out_trade_no", number),
            ("auth_code", code),
            ("body", "牛肉面"),
            ("total_fee", &*fen),
        ];
        members.extend(more);
        self.try_call(GATEWAY, &self.with_method("pay", &members))
            .await
    }

    /// A payment by face.
    pub(crate) async fn face_pay(&self, number: &str, fen: i64, code: &str) -> AgentAnswer {
        let fen = fen.to_string();
        let members = [
            ("paytype", "WECHAT"),
            ("out_trade_no", number),
            ("face_code", code),
            ("body", "牛肉面"),
            ("total_fee", &*fen),
        ];
        self.gateway("facepay", &members).await
    }

    pub(crate) async fn query(&self, number: &str) -> AgentAnswer {
        let members = [("paytype", "WECHAT"), ("out_trade_no", number)];
        self.gateway("orderquery", &members).await
    }

    pub(crate) async fn cancel(&self, number: &str) -> AgentAnswer {
        let members = [
            ("paytype", "WECHAT"),
            ("out_trade_no", number),
            ("op_user_id", "cashier_07"),
        ];
        self.gateway("cancel", &members).await
    }

    /// A refund of `fen` of an order of `total`.
    pub(crate) async fn refund(
        &self,
        number: &str,
        refund: &str,
        total: i64,
        fen: i64,
    ) -> AgentAnswer {
        let (total, fen) = (total.to_string(), fen.to_string());
        let members = [
            ("paytype", "WECHAT"),
            ("out_trade_no", number),
            ("out_refund_no", refund),
            ("total_fee", &*total),
            ("refund_fee", &*fen),
        ];
        self.gateway("refund", &members).await
    }

    /// Asks for refunds by any reference.
    pub(crate) async fn refund_query(&self, references: &[(&str, &str)]) -> AgentAnswer {
        let mut members = vec![("paytype", "WECHAT")];
        members.extend(references);
        self.gateway("refundquery", &members).await
    }

    /// An order with a code to scan, paid with the wallet of `path`.
    pub(crate) async fn native(
        &self,
        path: &str,
        number: &str,
        fen: i64,
        notify_url: &str,
    ) -> AgentAnswer {
        let fen = fen.to_string();
        let members = [
            ("mch_id", &*self.mch_id),
            ("trade_type", "NATIVE"),
            ("body", "牛肉面"),
            ("out_trade_no", number),
            ("total_fee", &*fen),
            ("notify_url", notify_url),
        ];
        let answer = self.call(path, &members).await;
        assert_eq!(answer.outcome(), "SUCCESS 10000 SUCCESS", "{}", answer.text);
        answer
    }
}

/// An order number of this dialect: letters, digits and underscores.
pub(crate) fn order_number(prefix: &str) -> String {
    format!("{prefix}_{:016x}", super::random())
}

/// One refund of a `refund_list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefundLine {
    pub(crate) refund_id: String,
    pub(crate) out_refund_no: String,
    pub(crate) base: i64,
    pub(crate) cash: i64,
    pub(crate) coupon: i64,
    pub(crate) status: String,
}

/// The refunds that an answer lists, which must be numbered from 0 and counted.
pub(crate) fn refund_lines(answer: &AgentAnswer) -> Vec<RefundLine> {
    let list = Json::parse(answer.str("refund_list")).unwrap();
    assert_eq!(list.to_string(), answer.str("refund_list"), "compact");
    let count = answer.fen("refund_count");
    assert_eq!(
        usize::try_from(count).unwrap(),
        list.list().len(),
        "{}",
        answer.text
    );
    let lines = list.list().iter().enumerate();
    lines
        .map(|(index, line)| {
            assert_eq!(line.str("serial_no"), index.to_string(), "{}", answer.text);
            let pairs = pairs_of(line);
            let fen = |name: &str| value(&pairs, name).unwrap_or("0").parse().unwrap();
            RefundLine {
                refund_id: line.str("refund_id").to_owned(),
                out_refund_no: line.str("out_refund_no").to_owned(),
                base: fen("base_refund_fee"),
                cash: fen("refund_fee"),
                coupon: fen("coupon_refund_fee"),
                status: line.str("refund_status").to_owned(),
            }
        })
        .collect()
}
