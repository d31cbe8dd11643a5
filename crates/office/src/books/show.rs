//! The accounts of an owner: what stands on each, and the entries behind every figure.

use heliu_ports::journal::{Balance, BookedLine, JournalFilter};
use heliu_trade::ledger::Account;
use heliu_trade::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::owners;
use crate::paging::{Paged, Part};
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

/// Which book, and what of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BookAsked {
    /// Whose: `merchant:ID`, `agent:ID` or `platform` (ruling 73).
    pub owner: String,
    /// Only this account, in the word of the list of accounts.
    pub account: Option<String>,
    /// When the day in Beijing begins (UTC) whose debits and credits count, and at whose end the
    /// balances are; absent: all that was ever booked.
    pub midnight: Option<Timestamp>,
}

/// What stands on an account, in fen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    /// The account's word.
    pub account: String,
    /// Debits; not negative.
    pub debit_fen: i64,
    /// Credits; not negative.
    pub credit_fen: i64,
    /// Debits less credits up to the end: what is owed to the account's owner is below zero.
    pub balance_fen: i64,
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRow {
    /// When it was booked (UTC).
    pub at: Timestamp,
    /// Our number of what the entry is about.
    pub subject_no: String,
    /// The entry's place among those of its subject.
    pub entry: u32,
    /// Which way the money moved.
    pub kind: String,
    /// Our number of the refund, if it is one.
    pub refund_no: Option<String>,
    /// The account's word.
    pub account: String,
    /// Above zero a debit, below a credit.
    pub amount_fen: i64,
}

/// The accounts of an owner, by their words.
///
/// # Errors
/// The actor may not, there is no such owner or account, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    asked: BookAsked,
) -> Result<Vec<AccountRow>, OfficeError> {
    actor.check(Permission::See)?;
    let filter = filter(office, asked).await?;
    let balances = office.store().balances(filter).await?;
    Ok(balances.into_iter().map(AccountRow::from).collect())
}

/// The lines behind these figures, in the order of what they are about.
///
/// # Errors
/// As [`show`].
pub async fn entries(
    office: &Office,
    actor: &Actor,
    asked: BookAsked,
    part: Part,
) -> Result<Paged<EntryRow>, OfficeError> {
    actor.check(Permission::See)?;
    let filter = filter(office, asked).await?;
    let listed = office.store().list_journal(filter, part.into()).await?;
    Ok(Paged::of(listed, EntryRow::from))
}

async fn filter(office: &Office, asked: BookAsked) -> Result<JournalFilter, OfficeError> {
    let owner = owners::find(office, &asked.owner).await?;
    let account = asked.account.map(|word| {
        Account::parse(&word).ok_or_else(|| {
            OfficeError::with_cure(
                format!("{word} is no account"),
                format!("heliu books show {owner} lists its accounts"),
            )
        })
    });
    Ok(JournalFilter {
        account: account.transpose()?,
        owner,
        from: asked.midnight,
        until: asked.midnight.map(|midnight| midnight.plus_ms(DAY_MS)),
    })
}

impl From<Balance> for AccountRow {
    fn from(balance: Balance) -> Self {
        Self {
            account: balance.account.name(),
            debit_fen: balance.debit_fen,
            credit_fen: balance.credit_fen,
            balance_fen: balance.balance_fen,
        }
    }
}

impl From<BookedLine> for EntryRow {
    fn from(line: BookedLine) -> Self {
        Self {
            at: line.at,
            subject_no: line.subject_no.to_string(),
            entry: line.entry_index,
            kind: line.kind.as_str().to_owned(),
            refund_no: line.refund_no.map(|number| number.to_string()),
            account: line.account.name(),
            amount_fen: line.amount_fen,
        }
    }
}

impl Row for AccountRow {
    const COLUMNS: &'static [Column] = &["account", "debit_yuan", "credit_yuan", "balance_yuan"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(self.account.as_str()),
            Cell::Fen(self.debit_fen),
            Cell::Fen(self.credit_fen),
            Cell::Fen(self.balance_fen),
        ]
    }
}

impl Row for EntryRow {
    const COLUMNS: &'static [Column] = &[
        "booked_at",
        "subject",
        "entry",
        "kind",
        "refund",
        "account",
        "amount_yuan",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::At(self.at),
            Cell::number(&self.subject_no),
            Cell::Count(i64::from(self.entry)),
            Cell::text(self.kind.as_str()),
            self.refund_no.as_ref().map_or(Cell::Empty, Cell::number),
            Cell::text(self.account.as_str()),
            Cell::Fen(self.amount_fen),
        ]
    }
}
