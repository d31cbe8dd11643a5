//! The members of an answer in their order: the same list becomes the JSON body and the text to
//! sign.

use crate::object::Object;

use super::codes::Status;

/// A member's value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(String),
    /// A JSON number, signed as its decimal text.
    Number(String),
}

/// The members. Those without a value are left out, unless the wire wants them in any case; an
/// empty one is not signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Members(Vec<(&'static str, Value)>);

impl Members {
    /// The opening words, in the samples' order: that of the trade interfaces, and that of the
    /// others.
    pub(super) fn opened(status: &Status) -> Self {
        let mut members = Self::default();
        members
            .text("state", status.state)
            .text("code", status.code.as_ref())
            .optional("trade_state", status.trade_state)
            .text("msg", status.msg.as_ref());
        members
    }

    pub(super) fn text(&mut self, name: &'static str, value: impl Into<String>) -> &mut Self {
        let value = value.into();
        if !value.is_empty() {
            self.0.push((name, Value::Text(value)));
        }
        self
    }

    /// A member that is there in any case, empty if it has no value (ruling 17).
    pub(super) fn mandatory(
        &mut self,
        name: &'static str,
        value: Option<impl Into<String>>,
    ) -> &mut Self {
        let value = value.map(Into::into).unwrap_or_default();
        self.0.push((name, Value::Text(value)));
        self
    }

    pub(super) fn optional(
        &mut self,
        name: &'static str,
        value: Option<impl Into<String>>,
    ) -> &mut Self {
        if let Some(value) = value {
            self.text(name, value);
        }
        self
    }

    /// Amounts and counts are texts on this wire.
    pub(super) fn amount(&mut self, name: &'static str, value: i64) -> &mut Self {
        self.text(name, value.to_string())
    }

    /// A JSON number.
    pub(super) fn number(&mut self, name: &'static str, value: i64) -> &mut Self {
        self.0.push((name, Value::Number(value.to_string())));
        self
    }

    /// Names and texts, in order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| match value {
            Value::Text(text) | Value::Number(text) => (*name, text.as_str()),
        })
    }

    /// The body, with the signature at its end if there is one.
    pub(super) fn into_body(self, signature: Option<(&'static str, String)>) -> Vec<u8> {
        let mut object = Object::new();
        for (name, value) in &self.0 {
            match value {
                Value::Text(text) => object.text(name, text),
                Value::Number(text) => object.raw(name, text),
            };
        }
        if let Some((name, signature)) = signature {
            object.text(name, &signature);
        }
        object.finish()
    }
}
