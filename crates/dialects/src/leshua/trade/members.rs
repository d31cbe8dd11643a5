//! The elements of an answer or notification in their order: the same list becomes the document and
//! the text to sign.

use crate::xml;

use super::super::ROOT;
use super::super::sign::SIGN;

/// The element with 子商户号.
pub(in super::super) const SUB_MERCHANT_ID: &str = "sub_merchant_id";

/// The elements, the signature apart. An empty one is left out: clients disagree whether it is
/// signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Members {
    list: Vec<(&'static str, String)>,
    /// Before which element the signature stands.
    sign_at: usize,
}

impl Members {
    pub(in super::super) fn text(
        &mut self,
        name: &'static str,
        value: impl Into<String>,
    ) -> &mut Self {
        let value = xml::readable(value.into());
        if !value.is_empty() {
            self.list.push((name, value));
        }
        self
    }

    pub(in super::super) fn optional(
        &mut self,
        name: &'static str,
        value: Option<impl Into<String>>,
    ) -> &mut Self {
        if let Some(value) = value {
            self.text(name, value);
        }
        self
    }

    pub(in super::super) fn amount(&mut self, name: &'static str, value: i64) -> &mut Self {
        self.text(name, value.to_string())
    }

    /// The signature stands here.
    pub(super) fn signature(&mut self) -> &mut Self {
        self.sign_at = self.list.len();
        self
    }

    /// By name, the signature among them.
    pub(in super::super) fn sort(&mut self) {
        self.list.sort_unstable();
        self.sign_at = self.list.partition_point(|(name, _)| *name < SIGN);
    }

    /// Names and texts, in order.
    pub(in super::super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list.iter().map(|(name, value)| (*name, &**value))
    }

    /// The document, with the signature in its place if there is one.
    pub(in super::super) fn into_xml(self, signature: Option<&str>) -> Vec<u8> {
        let before = self.pairs().take(self.sign_at);
        let after = self.pairs().skip(self.sign_at);
        let sign = signature.map(|signature| (SIGN, signature));
        xml::document(ROOT, before.chain(sign).chain(after))
    }
}
