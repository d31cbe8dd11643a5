//! The vectors as their files have them, which are the dialects' golden files, and what the
//! comparison of an answer with a vector (ruling 50) has in common for all dialects: names, order,
//! presence, types, codes, states and amounts are exact; numbers that only a server can know,
//! times, credit, nonces, prepay ids and hosts are free, but must have their form.

pub(crate) mod chaoying;
pub(crate) mod fufu;
pub(crate) mod leshua;

use std::collections::BTreeMap;

use crate::harness::{Json, hex_md5};

pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) accept: bool,
    pub(crate) key: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: String,
    pub(crate) content_type: String,
    /// What is hashed by the rule that the vector's client follows.
    pub(crate) sign_input: String,
    /// Whether the signature that is sent must verify.
    pub(crate) signature_valid: bool,
    /// The answer, where the vector fixes it.
    pub(crate) response: Option<Printed>,
    /// What a prepaid answer's paySign is made of.
    pub(crate) pay_sign: Option<PaySign>,
}

/// An answer as the file has it.
pub(crate) struct Printed {
    pub(crate) status: i64,
    pub(crate) content_type: String,
    pub(crate) body: String,
    /// Whether the answer carries a signature of its own; the first dialect's never do.
    pub(crate) is_signed: bool,
    pub(crate) sign_input: String,
}

pub(crate) struct PaySign {
    pub(crate) input: String,
    pub(crate) key: String,
}

impl Vector {
    pub(crate) fn printed(&self) -> &Printed {
        let printed = self.response.as_ref();
        printed.unwrap_or_else(|| panic!("{} has no answer in the file", self.name))
    }
}

/// All vectors of a file, by their names without the dialect's.
fn read_file(file: &str) -> Vec<Vector> {
    let file = Json::parse(file).unwrap();
    file.list().iter().map(read).collect()
}

fn read(vector: &Json) -> Vector {
    let request = vector.get("request").unwrap();
    let text = |object: &Json, name: &str| {
        let text = object.get(name).and_then(Json::text);
        text.unwrap_or_default().to_owned()
    };
    let content_type = |message: &Json| {
        let headers = message.get("headers");
        headers.map_or(String::new(), |headers| text(headers, "Content-Type"))
    };
    let response = vector.get("response").map(|response| Printed {
        status: response.int("status"),
        content_type: content_type(response),
        body: text(response, "body"),
        is_signed: response.get("signed") == Some(&Json::Bool(true)),
        sign_input: text(response, "sign_input"),
    });
    let pay_sign = vector.get("paySign_input").map(|_| PaySign {
        input: text(vector, "paySign_input"),
        key: text(vector, "paySign_key"),
    });
    let name = vector.str("name");
    Vector {
        name: name
            .split_once('/')
            .map_or(name, |(_, name)| name)
            .to_owned(),
        kind: text(vector, "kind"),
        accept: vector.str("expect") == "accept",
        key: text(vector, "key"),
        path: text(request, "path"),
        query: text(request, "query"),
        body: text(request, "body"),
        content_type: content_type(request),
        sign_input: text(vector, "sign_input"),
        signature_valid: vector.get("signature_valid") == Some(&Json::Bool(true)),
        response,
        pay_sign,
    }
}

pub(crate) fn by_name(vectors: Vec<Vector>) -> BTreeMap<String, Vector> {
    let named = vectors.into_iter();
    named.map(|vector| (vector.name.clone(), vector)).collect()
}

/// Which real number stands for which number of the vectors.
#[derive(Default)]
pub(crate) struct Numbers(BTreeMap<String, String>);

impl Numbers {
    /// Every known number in place of the printed one, where it stands between `before` and
    /// `after`.
    fn put_between(&self, body: &str, before: &str, after: &str) -> String {
        let put = |body: String, (printed, real): (&String, &String)| {
            let (printed, real) = (
                format!("{before}{printed}{after}"),
                format!("{before}{real}{after}"),
            );
            body.replace(&printed, &real)
        };
        self.0.iter().fold(body.to_owned(), put)
    }

    /// The same printed number stands for the same real one throughout.
    pub(crate) fn agree(&mut self, printed: &str, real: &str) -> bool {
        self.0
            .entry(printed.to_owned())
            .or_insert_with(|| real.to_owned())
            == real
    }

    pub(crate) fn real<'a>(&'a self, printed: &str) -> Option<&'a str> {
        self.0.get(printed).map(String::as_str)
    }
}

fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn names(object: &Json) -> Vec<&str> {
    object
        .members()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect()
}

/// Names and their order.
fn different_names(expected: &Json, got: &Json) -> Option<String> {
    let (expected, got) = (names(expected), names(got));
    (expected != got).then(|| format!("members {expected:?}, not {got:?}"))
}

/// What is wrong with WeChat's invocation for a page, whose paySign is made with the channel's key.
fn wrong_pay_info(printed: &str, real: &str, pay_sign_key: &str) -> Vec<String> {
    let (Ok(expected), Ok(got)) = (Json::parse(printed), Json::parse(real)) else {
        return vec![format!("the invocation is JSON, not {real:?}")];
    };
    if names(&expected) != names(&got) || got.to_string() != real {
        return vec![format!(
            "the invocation is compact and like {printed}, not {real}"
        )];
    }
    let mut wrong = Vec::new();
    for fixed in ["appId", "status", "signType", "callback_url"] {
        if expected.get(fixed) != got.get(fixed) {
            wrong.push(format!("{fixed} of the invocation in {real}"));
        }
    }
    let stamp = got.str("timeStamp");
    if !is_digits(stamp, 13) {
        wrong.push(format!("timeStamp has 13 digits, not {stamp:?}"));
    }
    let package = got.str("package");
    if package
        .strip_prefix("prepay_id=")
        .is_none_or(|id| id.is_empty() || id.contains(' '))
    {
        wrong.push(format!("package names a prepay id, not {package:?}"));
    }
    let signed = format!(
        "appId={}&nonceStr={}&package={package}&signType=MD5&timeStamp={stamp}&key={pay_sign_key}",
        got.str("appId"),
        got.str("nonceStr"),
    );
    if hex_md5(signed.as_bytes()).to_uppercase() != got.str("paySign") {
        wrong.push(format!("paySign verifies: {real}"));
    }
    wrong
}
