//! The exchange log: what merchants sent and what they were answered, masked, for the inspector.
//!
//! The request half rides in the first commit of its order or joins the next batch; the answer half
//! joins a later batch without being waited for (ruling 39).

use heliu_trade::id::{AppId, DialectId, OrderNo, PlatformNo};
use heliu_trade::time::Timestamp;

/// The request half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeRequest {
    /// Names the exchange; the `X-Request-Id` of its answer.
    pub exchange_no: PlatformNo,
    /// When it came (UTC).
    pub at: Timestamp,
    /// On which dialect.
    pub dialect_id: DialectId,
    /// Who signed, if the request named somebody whom we know.
    pub app_id: Option<AppId>,
    /// Path.
    pub path: String,
    /// Query.
    pub query: String,
    /// Body, secrets masked; of a refused request only its beginning.
    pub body: String,
    /// The address it came from.
    pub peer: String,
}

/// The answer half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeAnswer {
    /// Which exchange.
    pub exchange_no: PlatformNo,
    /// HTTP status.
    pub status: u16,
    /// Body, secrets masked.
    pub body: String,
    /// `ok`, or the error's code.
    pub outcome: String,
    /// The reading of the signature that matched.
    pub reading: Option<&'static str>,
    /// For a refused signature: the string that should have been signed, key masked, and what came.
    pub signing: Option<String>,
    /// The order it was about.
    pub order_no: Option<OrderNo>,
    /// How long it took, in ms.
    pub duration_ms: i64,
}

/// A line for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExchangeRecord {
    /// A request that no commit carried.
    Request(ExchangeRequest),
    /// An answer.
    Answer(ExchangeAnswer),
}

/// A text that is masked before anything is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    text: String,
    leaves_ends: bool,
}

impl Secret {
    /// A payer's code: its ends stay, since people look for payments by them.
    #[must_use]
    pub fn code(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            leaves_ends: true,
        }
    }

    /// A password, a login code, what somebody registered with: nothing of it stays.
    #[must_use]
    pub fn whole(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            leaves_ends: false,
        }
    }

    /// In the clear.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is kept instead.
    #[must_use]
    pub fn masked(&self) -> String {
        if self.leaves_ends {
            mask(&self.text)
        } else {
            "***".to_owned()
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Masks a secret such as a payment code: first two and last four characters stay.
#[must_use]
pub fn mask(secret: &str) -> String {
    let length = secret.chars().count();
    let is_hidden = |index: usize| length <= 6 || (2..length - 4).contains(&index);
    let mut text = String::with_capacity(secret.len());
    for (index, character) in secret.chars().enumerate() {
        text.push(if is_hidden(index) { '*' } else { character });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Secret, mask};

    #[test]
    fn a_secret_prints_nothing_and_leaves_what_it_may() {
        let (code, whole) = (
            Secret::code("284214903060794755"),
            Secret::whole("12345678"),
        );
        assert_eq!(format!("{code:?} {whole:?}"), "Secret(***) Secret(***)");
        assert_eq!(code.masked(), "28************4755");
        assert_eq!(whole.masked(), "***");
    }

    #[test]
    fn a_masked_code_keeps_its_prefix_and_its_last_digits() {
        assert_eq!(mask("284214903060794755"), "28************4755");
        assert_eq!(mask("1234"), "****");
    }
}
