//! A till of the third dialect: forms with a signature go out, flat XML comes back. Signing,
//! reading and verifying are done here and nowhere else.

use super::demo::Demo;
use super::form::{Pairs, encoded, value};
use super::till::{hex_md5, random};

pub(crate) const XML_FORM: &str = "application/x-www-form-urlencoded";

/// The wallets as this wire names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayWay {
    Wechat,
    Alipay,
    Unionpay,
}

pub(crate) const PAY_WAYS: [PayWay; 3] = [PayWay::Wechat, PayWay::Alipay, PayWay::Unionpay];

impl PayWay {
    /// As the sandbox names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            PayWay::Wechat => "wechat",
            PayWay::Alipay => "alipay",
            PayWay::Unionpay => "unionpay",
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            PayWay::Wechat => "WXZF",
            PayWay::Alipay => "ZFBZF",
            PayWay::Unionpay => "UPSMZF",
        }
    }

    /// A payment code of this wallet; its last two digits steer the sandbox.
    pub(crate) fn code(self, digits: &str) -> String {
        let middle = random();
        match self {
            PayWay::Wechat => format!("13{:014}{digits}", middle % 100_000_000_000_000),
            PayWay::Alipay => format!("28{:014}{digits}", middle % 100_000_000_000_000),
            PayWay::Unionpay => format!("62{:015}{digits}", middle % 1_000_000_000_000_000),
        }
    }
}

/// A number of this wire: letters and digits.
pub(crate) fn xml_number(prefix: &str) -> String {
    format!("{prefix}{:016x}", random())
}

/// Reads a document of one level: `<root>` around elements that hold nothing but CDATA sections.
pub(crate) fn read_xml(text: &str, root: &str) -> Result<Pairs, String> {
    let wrong = |what: &str, rest: &str| Err(format!("{what} at {rest:?} of {text:?}"));
    let Some(mut rest) = text.strip_prefix(&format!("<{root}>")) else {
        return wrong("the root stands first", text);
    };
    let mut pairs = Pairs::new();
    while rest != format!("</{root}>") {
        let Some((name, after)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'))
        else {
            return wrong("an element begins", rest);
        };
        let is_of_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        if name.is_empty() || !name.bytes().all(is_of_name) {
            return wrong("an element has a name", rest);
        }
        let (mut value, mut inside) = (String::new(), after);
        while let Some(section) = inside.strip_prefix("<![CDATA[") {
            let Some((content, after)) = section.split_once("]]>") else {
                return wrong("a section ends", inside);
            };
            value.push_str(content);
            inside = after;
        }
        let Some(after) = inside.strip_prefix(&format!("</{name}>")) else {
            return wrong("an element ends", inside);
        };
        if let Some(bad) = value.chars().find(|letter| !is_of_xml(*letter)) {
            return wrong(&format!("{bad:?} is of no document"), rest);
        }
        pairs.push((name.to_owned(), value));
        rest = after;
    }
    Ok(pairs)
}

/// `Char` of XML 1.0, without the carriage return, which readers change.
fn is_of_xml(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// What is hashed: all pairs but these, sorted by name, and the key.
fn text_to_sign(key: &str, pairs: &[(String, String)], left_out: &[&str]) -> String {
    let mut signed: Vec<&(String, String)> = pairs
        .iter()
        .filter(|(name, _)| name != "sign" && !left_out.contains(&&**name))
        .collect();
    signed.sort();
    let joined: String = signed
        .iter()
        .map(|(name, value)| format!("{name}={value}&"))
        .collect();
    format!("{joined}key={key}")
}

/// The text of a request: empty values are neither sent nor signed by most clients.
pub(crate) fn request_text(key: &str, pairs: &[(String, String)]) -> String {
    let with_value = pairs.iter().filter(|(_, value)| !value.is_empty());
    let with_value: Pairs = with_value.cloned().collect();
    text_to_sign(key, &with_value, &[])
}

/// The text of the clients that sign empty values, too.
pub(crate) fn request_text_with_empty(key: &str, pairs: &[(String, String)]) -> String {
    text_to_sign(key, pairs, &[])
}

pub(crate) fn answer_text(key: &str, pairs: &[(String, String)]) -> String {
    text_to_sign(key, pairs, &["resp_code"])
}

pub(crate) fn notice_text(key: &str, pairs: &[(String, String)]) -> String {
    text_to_sign(key, pairs, &["error_code"])
}

/// Answers are signed in upper case.
pub(crate) fn answer_verifies(key: &str, pairs: &Pairs) -> bool {
    let sign = hex_md5(answer_text(key, pairs).as_bytes()).to_uppercase();
    value(pairs, "sign") == Some(&sign)
}

/// Notifications are signed in lower case.
pub(crate) fn notice_verifies(key: &str, pairs: &Pairs) -> bool {
    let sign = hex_md5(notice_text(key, pairs).as_bytes());
    value(pairs, "sign") == Some(&sign)
}

/// What the gateway answered.
#[derive(Debug, Clone)]
pub(crate) struct XmlAnswer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) text: String,
    /// Elements in the order of the wire.
    pub(crate) pairs: Pairs,
    /// What the frame has no place for: field, problem and cure, percent-encoded (ruling 31).
    pub(crate) detail: Option<String>,
}

impl XmlAnswer {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        value(&self.pairs, name)
    }

    /// A value that must be there.
    pub(crate) fn str(&self, name: &str) -> &str {
        self.get(name)
            .unwrap_or_else(|| panic!("no {name} in {}", self.text))
    }

    /// An amount.
    pub(crate) fn fen(&self, name: &str) -> i64 {
        self.str(name).parse().unwrap()
    }

    /// `gateway 3`, `error -20001`, `status 2`, or `done` where no status is told, as a client
    /// looks at them.
    pub(crate) fn outcome(&self) -> String {
        match (self.get("resp_code"), self.get("result_code")) {
            (Some("0"), Some("0")) => match self.get("status") {
                Some(status) => format!("status {status}"),
                None => "done".to_owned(),
            },
            (Some("0"), _) => format!("error {}", self.get("error_code").unwrap_or("?")),
            (code, _) => format!("gateway {}", code.unwrap_or("?")),
        }
    }

    /// What every answer has: status, type, no prologue, each value in a section, none empty, and
    /// either the signed frame or the unsigned refusal.
    pub(crate) fn assert_frame(&self, key: &str) {
        let text = &self.text;
        assert_eq!(self.status, 200, "{text}");
        let content_type = self.content_type.replace(' ', "").to_lowercase();
        assert_eq!(content_type, "text/xml;charset=utf-8", "{text}");
        assert!(
            self.pairs.iter().all(|(_, value)| !value.is_empty()),
            "{text}"
        );
        let names: Vec<&str> = self.pairs.iter().map(|(name, _)| &**name).collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "no element twice: {text}");
        if self.get("resp_code") == Some("0") {
            let opening = ["resp_code", "merchant_id", "sign", "result_code"];
            assert_eq!(names.get(..4), Some(&opening[..]), "{text}");
            assert!(
                answer_verifies(key, &self.pairs),
                "the sign verifies: {text}"
            );
        } else {
            assert_eq!(names, ["resp_code", "resp_msg"], "{text}");
        }
    }
}

/// A merchant's till.
#[derive(Clone)]
pub(crate) struct XmlTill {
    http: reqwest::Client,
    /// The gateway's whole address.
    pub(crate) base: String,
    pub(crate) merchant_id: String,
    pub(crate) trade_key: String,
    pub(crate) notify_key: String,
    pub(crate) agent_key: String,
}

impl XmlTill {
    /// The demo's merchant.
    pub(crate) fn of(demo: &Demo) -> XmlTill {
        let about = demo.about.get("dialects");
        let about = about.and_then(|dialects| dialects.get("leshua"));
        let about = about.unwrap_or_else(|| panic!("no third dialect in {}", demo.about));
        XmlTill {
            agent_key: about.str("agent_key").to_owned(),
            ..XmlTill::new(
                about.str("base"),
                about.str("merchant_id"),
                about.str("trade_key"),
                about.str("notify_key"),
            )
        }
    }

    /// A merchant that no agent speaks for.
    pub(crate) fn new(base: &str, merchant_id: &str, trade_key: &str, notify_key: &str) -> XmlTill {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(60));
        XmlTill {
            http: http.build().unwrap(),
            base: base.to_owned(),
            merchant_id: merchant_id.to_owned(),
            trade_key: trade_key.to_owned(),
            notify_key: notify_key.to_owned(),
            agent_key: String::new(),
        }
    }

    /// The same till under another merchant number.
    pub(crate) fn of_merchant(&self, merchant_id: &str) -> XmlTill {
        XmlTill {
            merchant_id: merchant_id.to_owned(),
            ..self.clone()
        }
    }

    /// The same till with other keys.
    pub(crate) fn with_keys(&self, trade_key: &str, notify_key: &str) -> XmlTill {
        XmlTill {
            trade_key: trade_key.to_owned(),
            notify_key: notify_key.to_owned(),
            ..self.clone()
        }
    }

    /// Sends bytes as they are; `behind` stands behind the address. An error is a connection that
    /// ended without an answer, or an answer that is no document of this wire.
    pub(crate) async fn post(
        &self,
        behind: &str,
        content_type: Option<&str>,
        body: impl Into<Vec<u8>>,
    ) -> Result<XmlAnswer, String> {
        let mut request = self.http.post(format!("{}{behind}", self.base));
        if let Some(content_type) = content_type {
            request = request.header("Content-Type", content_type);
        }
        let failed = |problem: reqwest::Error| format!("{problem:?}");
        let response = request.body(body.into()).send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let content_type = response.headers().get("content-type");
        let content_type = content_type.map_or("", |value| value.to_str().unwrap());
        let content_type = content_type.to_owned();
        let detail = response.headers().get("x-error-detail");
        let detail = detail.map(|value| value.to_str().unwrap().to_owned());
        let bytes = response.bytes().await.map_err(failed)?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|problem| problem.to_string())?;
        let pairs = read_xml(&text, "leshua")?;
        Ok(XmlAnswer {
            status,
            content_type,
            text,
            pairs,
            detail,
        })
    }

    /// A page: status, where it leads, what it says.
    pub(crate) async fn get(&self, url: &str) -> (u16, Option<String>, String) {
        let response = self.http.get(url).send().await.unwrap();
        let status = response.status().as_u16();
        let location = response.headers().get("location");
        let location = location.map(|value| value.to_str().unwrap().to_owned());
        (status, location, response.text().await.unwrap())
    }

    /// A service with its parameters, unsigned.
    pub(crate) fn unsigned(&self, service: &str, members: &[(&str, &str)]) -> Pairs {
        let nonce = format!("{:032x}", random());
        let common = [
            ("service", service),
            ("merchant_id", &*self.merchant_id),
            ("nonce_str", &*nonce),
        ];
        let all = common.iter().chain(members);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    /// Signs as the description has it.
    pub(crate) fn signed(&self, pairs: Pairs) -> Pairs {
        self.signed_with(&self.trade_key, pairs)
    }

    pub(crate) fn signed_with(&self, key: &str, mut pairs: Pairs) -> Pairs {
        pairs.retain(|(name, _)| name != "sign");
        let sign = hex_md5(request_text(key, &pairs).as_bytes()).to_uppercase();
        pairs.push(("sign".to_owned(), sign));
        pairs
    }

    /// Sends pairs with their right signature, as a careful client writes them; the answer must
    /// have the frame of the wire.
    pub(crate) async fn send(&self, pairs: Pairs) -> XmlAnswer {
        self.post_form(encoded(&self.signed(pairs))).await
    }

    /// Sends a form that is signed already.
    pub(crate) async fn post_form(&self, body: impl Into<Vec<u8>>) -> XmlAnswer {
        let answer = self.post("", Some(XML_FORM), body).await;
        let answer = answer.unwrap_or_else(|problem| panic!("{problem}"));
        answer.assert_frame(&self.trade_key);
        answer
    }

    pub(crate) async fn call(&self, service: &str, members: &[(&str, &str)]) -> XmlAnswer {
        self.send(self.unsigned(service, members)).await
    }

    /// A barcode payment; `more` are optional parameters.
    pub(crate) async fn pay(
        &self,
        number: &str,
        fen: i64,
        code: &str,
        more: &[(&str, &str)],
    ) -> XmlAnswer {
        let fen = fen.to_string();
        let mut members = vec![
            ("third_order_id", number),
            ("amount", &*fen),
            ("auth_code", code),
            ("body", "牛肉面"),
        ];
        members.extend(more);
        self.call("upload_authcode", &members).await
    }

    /// A unified order; `more` are optional parameters.
    pub(crate) async fn unified(
        &self,
        way: PayWay,
        flag: &str,
        number: &str,
        fen: i64,
        more: &[(&str, &str)],
    ) -> XmlAnswer {
        let fen = fen.to_string();
        let mut members = vec![
            ("third_order_id", number),
            ("amount", &*fen),
            ("pay_way", way.word()),
            ("jspay_flag", flag),
            ("body", "牛肉面"),
        ];
        members.extend(more);
        self.call("get_tdcode", &members).await
    }

    pub(crate) async fn query(&self, number: &str) -> XmlAnswer {
        self.call("query_status", &[("third_order_id", number)])
            .await
    }

    pub(crate) async fn close(&self, number: &str) -> XmlAnswer {
        self.call("close_order", &[("third_order_id", number)])
            .await
    }

    pub(crate) async fn refund(
        &self,
        number: &str,
        refund: &str,
        fen: i64,
        more: &[(&str, &str)],
    ) -> XmlAnswer {
        let fen = fen.to_string();
        let mut members = vec![
            ("third_order_id", number),
            ("merchant_refund_id", refund),
            ("refund_amount", &*fen),
        ];
        members.extend(more);
        self.call("unified_refund", &members).await
    }

    /// Asks for a refund by any references.
    pub(crate) async fn refund_query(&self, references: &[(&str, &str)]) -> XmlAnswer {
        self.call("unified_query_refund", references).await
    }
}
