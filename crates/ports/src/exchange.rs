//! The exchange log: what merchants sent and what they were answered, masked, for the inspector.
//!
//! The request half rides in the first commit of its order or joins the next batch; the answer half
//! joins a later batch without being waited for (ruling 39).

use std::borrow::Cow;

use heliu_trade::id::{AppId, DialectId, OrderNo, PlatformNo};
use heliu_trade::time::Timestamp;

use crate::exchange_shares::LINE_BYTES;

/// What is kept of a text that is not kept whole, in bytes (ruling 31).
pub const BEGINNING_BYTES_MAX: usize = 4096;

/// A text of which no more than its beginning is kept; what was cut off ends in `…`.
#[must_use]
pub fn beginning(text: &str) -> Cow<'_, str> {
    if text.len() <= BEGINNING_BYTES_MAX {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(BEGINNING_BYTES_MAX);
    let mut kept = text.get(..end).unwrap_or_default().to_owned();
    kept.push('…');
    Cow::Owned(kept)
}

/// The request half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeRequest {
    /// Names the exchange. Never shown: its answer's `X-Request-Id` hides it
    /// ([`crate::keys::Vault::request_id`]).
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
    /// Body, secrets masked; of a refused request only its beginning. The store cuts it too once
    /// its app holds more of the log than its share (ruling 62).
    pub body: String,
    /// The address it came from.
    pub peer: String,
}

impl ExchangeRequest {
    /// What it takes of the log if this is kept of its body.
    #[must_use]
    pub fn bytes(&self, body: &str) -> i64 {
        line_bytes([&self.path, &self.query, body])
    }
}

/// What a half takes with these texts.
fn line_bytes<const N: usize>(texts: [&str; N]) -> i64 {
    let bytes = texts.iter().map(|text| text.len()).sum::<usize>();
    i64::try_from(bytes).unwrap_or(i64::MAX - LINE_BYTES) + LINE_BYTES
}

/// The answer half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeAnswer {
    /// Which exchange.
    pub exchange_no: PlatformNo,
    /// Who signed the request: it takes room in that app's share of the log.
    pub app_id: Option<AppId>,
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

impl ExchangeAnswer {
    /// What it takes of the log.
    #[must_use]
    pub fn bytes(&self) -> i64 {
        line_bytes([&self.body, self.signing.as_deref().unwrap_or_default()])
    }
}

/// A line for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExchangeRecord {
    /// A request that no commit carried.
    Request(ExchangeRequest),
    /// An answer.
    Answer(ExchangeAnswer),
}

impl ExchangeRecord {
    /// Roughly what it holds in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let bytes = match self {
            Self::Request(request) => request.bytes(&request.body),
            Self::Answer(answer) => answer.bytes(),
        };
        usize::try_from(bytes).unwrap_or(0)
    }
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
    use super::{BEGINNING_BYTES_MAX, Secret, beginning, mask};

    #[test]
    fn of_a_long_text_the_beginning_is_kept_in_whole_characters() {
        let fits = "a".repeat(BEGINNING_BYTES_MAX);
        assert_eq!(beginning(&fits), fits.as_str());
        assert_eq!(beginning(&format!("{fits}b")), format!("{fits}…"));
        let chinese = "测".repeat(2_000);
        assert_eq!(
            beginning(&chinese),
            format!("{}…", "测".repeat(BEGINNING_BYTES_MAX / 3))
        );
    }

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
