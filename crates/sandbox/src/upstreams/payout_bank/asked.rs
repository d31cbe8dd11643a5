//! What a payout's body says.

use serde::Deserialize;
use serde_json::json;

/// The most that one payout may be, in fen: ten million yuan.
const MOST_FEN: i64 = 1_000_000_000;
/// Longest names and remarks, in characters.
const TEXT_CHARS_MAX: usize = 64;

/// A payout.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub(super) request_no: String,
    pub(super) amount_fen: i64,
    pub(super) account_no: String,
    pub(super) holder: String,
    holder_kind: HolderKind,
    clearing_no: String,
    bank_name: String,
    remark: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum HolderKind {
    Person,
    Company,
}

impl Asked {
    /// Reads a body; the error names the member that is wrong.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let asked: Self = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        match asked.fault() {
            None => Ok(asked),
            Some(fault) => Err(fault.to_owned()),
        }
    }

    fn fault(&self) -> Option<&'static str> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_long = |text: &str| text.chars().count() > TEXT_CHARS_MAX;
        if !is_number(&self.request_no) {
            return Some("request_no must be 8 to 32 letters and digits");
        }
        if !(1..=MOST_FEN).contains(&self.amount_fen) {
            return Some("amount_fen must be 1 to 1000000000");
        }
        if !(5..=32).contains(&self.account_no.len()) || !digits(&self.account_no) {
            return Some("account_no must be 5 to 32 digits");
        }
        if self.holder.is_empty() || is_long(&self.holder) {
            return Some("holder must have 1 to 64 characters");
        }
        if !matches!(self.clearing_no.len(), 0 | 12) || !digits(&self.clearing_no) {
            return Some("clearing_no must be 12 digits or empty");
        }
        if self.is_company() && self.clearing_no.is_empty() {
            return Some("clearing_no is required for a company's account");
        }
        if is_long(&self.bank_name) || is_long(&self.remark) {
            return Some("bank_name and remark must have at most 64 characters");
        }
        None
    }

    pub(super) fn is_company(&self) -> bool {
        matches!(self.holder_kind, HolderKind::Company)
    }

    /// All of it in one text, by which a repeat is known.
    pub(super) fn content(&self) -> String {
        json!([
            self.amount_fen,
            self.account_no,
            self.holder,
            self.is_company(),
            self.clearing_no,
            self.bank_name,
            self.remark,
        ])
        .to_string()
    }
}

/// Whether it looks like the number of a request.
pub(super) fn is_number(text: &str) -> bool {
    (8..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
