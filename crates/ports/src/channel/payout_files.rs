//! Payouts by file: a batch that people hand to a bank, and the result that it hands back.

use std::fmt;

use heliu_trade::directory::ChannelAccount;
use heliu_trade::verdict::PayoutResult;

use super::payouts::Payee;

/// A batch of payouts that becomes a file.
#[derive(Debug, Clone, Copy)]
pub struct PayoutBatchFile<'a> {
    /// The operator's account.
    pub account: &'a ChannelAccount,
    /// Our number of the batch.
    pub batch_no: &'a str,
    /// The day on which it is to be paid, `yyyy-MM-dd`.
    pub date: &'a str,
    /// Its payouts, in the order of the file.
    pub lines: &'a [PayoutLine<'a>],
}

/// A payout of a batch.
#[derive(Debug, Clone, Copy)]
pub struct PayoutLine<'a> {
    /// The bill's number.
    pub bill_no: &'a str,
    /// The number that is sent: what the bank may pay at most once.
    pub request_no: &'a str,
    /// In fen CNY.
    pub amount_fen: i64,
    /// Who is paid.
    pub payee: Payee<'a>,
    /// What the payee reads beside the amount.
    pub remark: &'a str,
}

/// A batch as a file. Its bytes hold card numbers in the clear.
#[derive(Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// A name for it.
    pub name: String,
    /// The file; the same batch always has the same bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, in lower-case hexadecimal.
    pub sha256: String,
}

impl fmt::Debug for WrittenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrittenFile")
            .field("name", &self.name)
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}

/// What was sent as a file, to compare its result with.
#[derive(Debug, Clone, Copy)]
pub struct SentFile<'a> {
    /// The operator's account.
    pub account: &'a ChannelAccount,
    /// Our number of the batch.
    pub batch_no: &'a str,
    /// SHA-256 of the file that was handed to the bank, in lower-case hexadecimal.
    pub sha256: &'a str,
    /// Its payouts.
    pub lines: &'a [SentLine<'a>],
}

/// A payout that stood in a file.
#[derive(Debug, Clone, Copy)]
pub struct SentLine<'a> {
    /// The bill's number.
    pub bill_no: &'a str,
    /// The number under which it was sent.
    pub request_no: &'a str,
    /// In fen CNY.
    pub amount_fen: i64,
}

/// What a result file says of one bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillResult {
    /// The bill's number.
    pub bill_no: String,
    /// The number under which it was sent.
    pub request_no: String,
    /// Paid, failed or returned; a file says nothing else.
    pub result: PayoutResult,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, {field}: {problem}")]
pub struct FileFault {
    /// The line, from 1 on.
    pub line: usize,
    /// The column or what else it is about.
    pub field: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

/// Payouts by file. A channel may have them instead of [`Payouts`].
///
/// [`Payouts`]: super::payouts::Payouts
pub trait PayoutFiles: Send + Sync {
    /// Writes a batch as a file.
    ///
    /// # Errors
    /// What cannot be written, each fault with its place.
    fn write(&self, batch: &PayoutBatchFile<'_>) -> Result<WrittenFile, Vec<FileFault>>;

    /// Reads a result file. It must be about this very file, name no other bill, and add up; bills
    /// that it does not name stay as they are.
    ///
    /// # Errors
    /// What is wrong with it, each fault with its place. Then nothing of it counts.
    fn read(&self, sent: &SentFile<'_>, bytes: &[u8]) -> Result<Vec<BillResult>, Vec<FileFault>>;
}
