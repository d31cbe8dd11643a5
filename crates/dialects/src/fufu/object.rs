//! A JSON object being written: compact, raw UTF-8, members in the order of the calls.

use std::io::Write as _;

/// Room for a usual answer, in bytes.
const CAPACITY: usize = 768;

/// An object. Optional members without a value are left out, never null (Fufu V1.1.1, samples).
pub(super) struct Object(Vec<u8>);

impl Object {
    pub(super) fn new() -> Self {
        let mut bytes = Vec::with_capacity(CAPACITY);
        bytes.push(b'{');
        Self(bytes)
    }

    pub(super) fn text(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.name(name);
        self.string(value);
        self
    }

    pub(super) fn optional(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.text(name, value);
        }
        self
    }

    pub(super) fn number(&mut self, name: &'static str, value: i64) -> &mut Self {
        self.name(name);
        write!(self.0, "{value}").expect("a vector takes every byte");
        self
    }

    pub(super) fn null(&mut self, name: &'static str) -> &mut Self {
        self.name(name);
        self.0.extend_from_slice(b"null");
        self
    }

    pub(super) fn object(&mut self, name: &'static str, value: Self) -> &mut Self {
        self.name(name);
        self.0.extend_from_slice(&value.finish());
        self
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }

    /// Names are ours and need no escapes.
    fn name(&mut self, name: &'static str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    fn string(&mut self, value: &str) {
        serde_json::to_writer(&mut self.0, value).expect("a vector takes every text");
    }
}
