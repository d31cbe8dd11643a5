//! An agent who asks how its merchants were paid, and fetches its statement files. Signatures are
//! computed here and nowhere else.

use super::form::{Pairs, encoded, percent_encoded};
use super::till::{fresh, hex_md5};
use super::wire::{Received, client};
use super::xml_till::XML_FORM;
use super::{Demo, Json};

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let byte = |at: usize| u32::from(part.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap();
            let is_there = place <= part.len();
            text.push(if is_there {
                char::from(DIGITS[digit])
            } else {
                '='
            });
        }
    }
    text
}

/// The signature of an envelope (2.3).
pub(crate) fn envelope_sign(key: &str, data: &str) -> String {
    base64(hex_md5(format!("lepos{key}{data}").as_bytes()).as_bytes())
}

/// An agent of the third dialect.
pub(crate) struct PayoutDesk {
    http: reqwest::Client,
    base: String,
    pub(crate) agent_id: String,
    key: String,
}

impl PayoutDesk {
    /// The demo's top-level agent.
    pub(crate) fn of(demo: &Demo) -> PayoutDesk {
        Self::with(demo, facts(demo))
    }

    /// The demo's agent below it.
    pub(crate) fn of_lower(demo: &Demo) -> PayoutDesk {
        Self::with(demo, facts(demo).get("lower_agent").unwrap())
    }

    fn with(demo: &Demo, facts: &Json) -> PayoutDesk {
        PayoutDesk {
            http: client(),
            base: demo.about.str("platform").to_owned(),
            agent_id: facts.str("agent_id").to_owned(),
            key: facts.str("agent_key").to_owned(),
        }
    }

    async fn post(&self, path: &str, pairs: &[(String, String)]) -> Json {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request
            .header("Content-Type", XML_FORM)
            .body(encoded(pairs));
        let answer = Received::of(request).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json
    }

    /// One bill (7.1), by its number and the wire's word for its cycle.
    pub(crate) async fn bill(&self, bill_id: &str, kind: &str) -> Json {
        let Self { agent_id, key, .. } = self;
        let text = format!("agentId={agent_id}&billId={bill_id}&type={kind}&key={key}");
        let sign = hex_md5(text.as_bytes());
        let pairs = [
            ("agentId", &**agent_id),
            ("billId", bill_id),
            ("type", kind),
            ("sign", &sign),
        ];
        self.post("/open-api/agent/settlement-order", &owned(&pairs))
            .await
    }

    /// What a request of 7.2 or 7.3 answers to `data`.
    async fn ask(&self, path: &str, data: &str) -> Json {
        let (sign, serial) = (envelope_sign(&self.key, data), fresh("S"));
        let pairs = [
            ("agentId", &*self.agent_id),
            ("version", "1.0"),
            ("reqSerialNo", &*serial),
            ("sign", &*sign),
            ("data", data),
        ];
        self.post(path, &owned(&pairs)).await
    }

    /// A merchant's bills that were made on a day, in any state (7.2).
    pub(crate) async fn bills_of(&self, merchant_id: &str, date: &str) -> Json {
        self.bills_of_kind(merchant_id, date, "D1").await
    }

    /// The same by the wire's word for their cycle.
    pub(crate) async fn bills_of_kind(&self, merchant_id: &str, date: &str, kind: &str) -> Json {
        let data = format!(
            r#"{{"merchantId":"{merchant_id}","date":"{date}","type":"{kind}","state":4,"pageNo":1}}"#
        );
        self.ask("/open-api/agent/merchant-settlement-order", &data)
            .await
    }

    /// What failed of a day's bills (7.3).
    pub(crate) async fn failed(&self, date: &str) -> Json {
        let data = format!(r#"{{"date":"{date}","type":"T1","pageNo":1}}"#);
        self.ask("/open-api/agent/agent-fail-settlement-order", &data)
            .await
    }

    /// A statement file by its kind and the date in its name: status and text.
    pub(crate) async fn statement(&self, kind: &str, date: &str) -> (u16, String) {
        let file = format!("{}_{kind}_{date}.txt", self.agent_id);
        self.statement_signed_with(&self.key, &file).await
    }

    /// A file of any name, by any key.
    pub(crate) async fn statement_signed_with(&self, key: &str, file: &str) -> (u16, String) {
        let agent_id = &self.agent_id;
        let text = format!("agentId={agent_id}&file={file}&key={key}");
        let url = format!(
            "{}/statement/{}?agentId={agent_id}&sign={}",
            self.base,
            percent_encoded(file),
            hex_md5(text.as_bytes())
        );
        let answer = self.http.get(url).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.text().await.unwrap())
    }
}

fn facts(demo: &Demo) -> &Json {
    let dialects = demo.about.get("dialects");
    dialects.and_then(|all| all.get("leshua")).unwrap()
}

fn owned(pairs: &[(&str, &str)]) -> Pairs {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(own).collect()
}
