//! A JSON object being written: compact, raw UTF-8, members in the order of the calls.

use std::io::Write as _;

/// Room for a usual answer, in bytes.
const CAPACITY: usize = 768;

/// An object. Optional members without a value are left out, never null.
pub(crate) struct Object(Vec<u8>);

impl Object {
    pub(crate) fn new() -> Self {
        let mut bytes = Vec::with_capacity(CAPACITY);
        bytes.push(b'{');
        Self(bytes)
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        self.string(value);
        self
    }

    pub(crate) fn optional(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.text(name, value);
        }
        self
    }

    pub(crate) fn number(&mut self, name: &str, value: i64) -> &mut Self {
        self.name(name);
        write!(self.0, "{value}").expect("a vector takes every byte");
        self
    }

    /// A value that is JSON already.
    pub(crate) fn raw(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        self.0.extend_from_slice(value.as_bytes());
        self
    }

    pub(crate) fn null(&mut self, name: &str) -> &mut Self {
        self.name(name);
        self.0.extend_from_slice(b"null");
        self
    }

    pub(crate) fn object(&mut self, name: &str, value: Self) -> &mut Self {
        self.name(name);
        self.0.extend_from_slice(&value.finish());
        self
    }

    /// An array of objects.
    pub(crate) fn objects(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = Self>,
    ) -> &mut Self {
        self.name(name);
        self.0.extend_from_slice(&array(values));
        self
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }

    /// As a text that goes into another text.
    pub(crate) fn into_text(self) -> String {
        into_text(self.finish())
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        self.string(name);
        self.0.push(b':');
    }

    fn string(&mut self, value: &str) {
        serde_json::to_writer(&mut self.0, value).expect("a vector takes every text");
    }
}

/// An array of objects as a text that goes into another text.
pub(crate) fn array_text(values: impl IntoIterator<Item = Object>) -> String {
    into_text(array(values))
}

fn array(values: impl IntoIterator<Item = Object>) -> Vec<u8> {
    let mut bytes = vec![b'['];
    for value in values {
        if bytes.len() > 1 {
            bytes.push(b',');
        }
        bytes.extend_from_slice(&value.finish());
    }
    bytes.push(b']');
    bytes
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("it was made of texts")
}
