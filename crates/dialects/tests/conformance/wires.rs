//! What differs between wires, as far as this suite must know: a row for each dialect.

use serde_json::Value;

/// A dialect's row.
pub(crate) struct Wire {
    /// The field of the body that holds the signature, where the body holds it.
    pub(crate) signature_field: Option<&'static str>,
    /// Whether a field may stand twice with one value.
    pub(crate) takes_equal_doubles: bool,
    /// The word of an answer's body that a client decides by when something went wrong.
    pub(crate) error_word: fn(&str) -> String,
}

#[expect(clippy::panic, reason = "a dialect without a row is a failed test")]
pub(crate) fn wire(id: &str) -> Wire {
    match id {
        "fufu" => Wire {
            signature_field: None,
            takes_equal_doubles: false,
            error_word: fufu_word,
        },
        "chaoying" => Wire {
            signature_field: Some("sign"),
            takes_equal_doubles: true,
            error_word: chaoying_word,
        },
        "leshua" => Wire {
            signature_field: Some("sign"),
            takes_equal_doubles: true,
            error_word: leshua_word,
        },
        other => panic!("say here what this suite must know of {other}"),
    }
}

fn fufu_word(body: &str) -> String {
    let frame = json(body);
    match frame.get("data") {
        Some(data) => format!("data {}", text(&data["return_msg"])),
        None => format!("result {}", text(&frame["result"]["return_msg"])),
    }
}

fn chaoying_word(body: &str) -> String {
    let frame = json(body);
    let words = ["state", "code", "trade_state"].map(|name| text(&frame[name]));
    words.join(" ")
}

fn leshua_word(body: &str) -> String {
    if body.starts_with('{') {
        return format!("error_code {}", text(&json(body)["error_code"]));
    }
    let words: Vec<_> = ["resp_code", "error_code", "status"]
        .into_iter()
        .filter_map(|name| Some(format!("{name} {}", element(body, name)?)))
        .filter(|word| word != "resp_code 0")
        .collect();
    words.join(" ")
}

fn json(body: &str) -> Value {
    serde_json::from_str(body).expect("a JSON object")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The text of an XML element.
fn element<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let (_, behind) = body.split_once(&format!("<{name}>"))?;
    let (text, _) = behind.split_once(&format!("</{name}>"))?;
    let bare = text
        .strip_prefix("<![CDATA[")
        .and_then(|text| text.strip_suffix("]]>"));
    bare.or(Some(text))
}
