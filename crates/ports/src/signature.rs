//! A signature as data: an algorithm, pieces of text with the places where a key goes, a rendering.
//!
//! Translators describe, the vault executes. So no translator ever holds a key, the comparison is
//! written once, and an inspector can show the exact string to sign with the key masked.

use bytes::Bytes;

/// Which of a signer's keys, in words of the dialect or channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyRole(pub &'static str);

impl KeyRole {
    /// 交易密钥: signs trade requests and answers.
    pub const TRADE: Self = Self("trade");
    /// 异步通知密钥: signs notifications.
    pub const NOTIFY: Self = Self("notify");
    /// 代理商密钥: an agent's.
    pub const AGENT: Self = Self("agent");
}

/// How a text becomes a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// MD5 over the pieces, keys included where they stand.
    Md5,
    /// HMAC-SHA256 over the pieces, under the key of this role.
    HmacSha256(KeyRole),
    /// RSASSA-PKCS1-v1_5 with SHA-256 over the pieces, under the key of this role (private to sign,
    /// public to verify).
    RsaSha256(KeyRole),
    /// The same over the 64 lower-case hexadecimal digits of the pieces' SHA-256: the digest is
    /// taken twice.
    RsaSha256OfHex(KeyRole),
}

/// How the signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendering {
    /// Hexadecimal, lower case; compared in any case.
    LowerHex,
    /// Hexadecimal, upper case; compared in any case.
    UpperHex,
    /// Standard Base64 with padding.
    Base64,
    /// Standard Base64, with padding, of the lower-case hexadecimal text; compared as it is.
    Base64OfHex,
}

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Text(Bytes),
    /// The key of this role goes here.
    Key(KeyRole),
}

impl Piece {
    /// A piece of text.
    pub fn text(text: impl Into<Bytes>) -> Self {
        Self::Text(text.into())
    }
}

/// A signature to make or to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureSpec {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The text.
    pub pieces: Vec<Piece>,
    /// The form.
    pub rendering: Rendering,
}

impl SignatureSpec {
    /// The string to sign with every key masked, for people.
    #[must_use]
    pub fn masked(&self) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(bytes) => text.push_str(&String::from_utf8_lossy(bytes)),
                Piece::Key(role) => {
                    text.push_str("***");
                    text.push_str(role.0);
                    text.push_str(" key***");
                }
            }
        }
        text
    }
}

/// The readings of what may have been signed: a short list, strictest first, made only when needed
/// (ruling 28). An empty list means that the signature cannot hold, whatever the key.
pub trait Readings: Send + Sync {
    /// Their names, for the inspector and the metric.
    fn names(&self) -> &[&'static str];

    /// The reading at `index`, below the number of names.
    fn spec(&self, index: usize) -> SignatureSpec;
}

/// No reading at all: the signature is missing or malformed.
#[derive(Debug, Clone, Copy)]
pub struct NoReadings;

impl Readings for NoReadings {
    fn names(&self) -> &[&'static str] {
        &[]
    }

    fn spec(&self, _index: usize) -> SignatureSpec {
        SignatureSpec {
            algorithm: Algorithm::Md5,
            pieces: Vec::new(),
            rendering: Rendering::LowerHex,
        }
    }
}

/// What leaves the house. Only the keys can finish the second kind.
pub enum Outgoing<T> {
    /// As it is.
    Plain(T),
    /// To be signed.
    Sign {
        /// What to sign.
        spec: SignatureSpec,
        /// Puts the signature in its place.
        place: Box<dyn FnOnce(String) -> T + Send>,
    },
}
