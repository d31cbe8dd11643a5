//! Transfers: money that a customer lets an upstream pay to somebody, and the lines of the account
//! that it comes from.

use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::Book;
use crate::clock;
use crate::error::SandboxError;

/// One transfer, by the number that its customer gave it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Transfer {
    pub(crate) channel: String,
    pub(crate) number: String,
    /// The card, the account, or the wallet's user.
    pub(crate) payee: String,
    pub(crate) holder: String,
    pub(crate) amount_fen: i64,
    /// All that was asked for, in one text: a repeat must be the same.
    pub(crate) content: String,
    pub(crate) state: TransferState,
    /// The upstream's own number of it.
    pub(crate) bank_no: String,
    /// What is told beside the state: why it failed or came back, what is odd about it.
    pub(crate) text: String,
    pub(crate) received_ms: i64,
    pub(crate) paid_ms: Option<i64>,
    pub(crate) returned_ms: Option<i64>,
    /// What happens to it later, and when.
    pub(crate) next: Option<(i64, Turn)>,
}

/// How a transfer stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TransferState {
    /// Nothing has left the account.
    Processing,
    Paid,
    Failed,
    /// Paid, and come back.
    Returned,
}

/// What happens to a transfer by itself, with the text that goes with it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Turn {
    Fails(String),
    Returns(String),
}

/// One line of the account.
#[derive(Serialize)]
pub(crate) struct Line {
    pub(crate) at_ms: i64,
    /// What came in; what went out is below zero.
    pub(crate) amount_fen: i64,
    /// What was there afterwards.
    pub(crate) balance_fen: i64,
    /// The transfer's number; empty if the line is of none.
    pub(crate) request_no: String,
    pub(crate) bank_no: String,
    pub(crate) text: String,
}

impl Book<'_> {
    pub(crate) fn transfer(
        &self,
        channel: &str,
        number: &str,
    ) -> Result<Option<Transfer>, SandboxError> {
        self.transaction
            .prepare_cached("select body from transfers where channel = ?1 and number = ?2")?
            .query_row(params![channel, number], |row| row.get::<_, String>(0))
            .optional()?
            .map(|body| Ok(serde_json::from_str(&body)?))
            .transpose()
    }

    pub(crate) fn save_transfer(&self, transfer: &Transfer) -> Result<(), SandboxError> {
        self.transaction
            .prepare_cached(
                "insert into transfers (channel, number, payee, due_ms, body)
                 values (?1, ?2, ?3, ?4, ?5)
                 on conflict (channel, number) do update set due_ms = excluded.due_ms,
                     body = excluded.body",
            )?
            .execute(params![
                transfer.channel,
                transfer.number,
                transfer.payee,
                transfer.next.as_ref().map(|(due_ms, _)| due_ms),
                serde_json::to_string(transfer)?
            ])?;
        Ok(())
    }

    /// The transfer to which something is due by now, the earliest first.
    pub(crate) fn due_transfer(&self) -> Result<Option<Transfer>, SandboxError> {
        self.transaction
            .prepare_cached(
                "select body from transfers where due_ms <= ?1 order by due_ms, sequence limit 1",
            )?
            .query_row([self.now_ms], |row| row.get::<_, String>(0))
            .optional()?
            .map(|body| Ok(serde_json::from_str(&body)?))
            .transpose()
    }

    /// Whether the upstream ever took up a transfer to that payee.
    pub(crate) fn has_transfer_to(&self, channel: &str, payee: &str) -> Result<bool, SandboxError> {
        Ok(self
            .transaction
            .prepare_cached("select 1 from transfers where channel = ?1 and payee = ?2")?
            .exists(params![channel, payee])?)
    }

    /// Writes down that a customer sent a number, and what it was told.
    pub(crate) fn add_transfer_call(
        &self,
        channel: &str,
        number: &str,
        told: &str,
    ) -> Result<(), SandboxError> {
        self.transaction
            .prepare_cached(
                "insert into transfer_calls (channel, number, at_ms, told) values (?1, ?2, ?3, ?4)",
            )?
            .execute(params![channel, number, self.now_ms, told])?;
        Ok(())
    }

    /// When a number was sent, and what was told, oldest first.
    pub(crate) fn transfer_calls(
        &self,
        channel: &str,
        number: &str,
    ) -> Result<Vec<(i64, String)>, SandboxError> {
        let mut statement = self.transaction.prepare_cached(
            "select at_ms, told from transfer_calls where channel = ?1 and number = ?2 order by id",
        )?;
        let rows = statement.query_map(params![channel, number], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The numbers that customers sent, those that got lost among them, in the order of their first
    /// sending.
    pub(crate) fn transfer_numbers(
        &self,
        channel: &str,
        limit: u32,
        skip: u32,
    ) -> Result<Vec<String>, SandboxError> {
        let mut statement = self.transaction.prepare_cached(
            "select number from transfer_calls where channel = ?1
             group by number order by min(id) limit ?2 offset ?3",
        )?;
        let rows = statement.query_map(params![channel, limit, skip], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Writes a line of the account, and says what is there then.
    pub(crate) fn add_line(
        &self,
        channel: &str,
        at_ms: i64,
        amount_fen: i64,
        transfer: Option<&Transfer>,
        text: &str,
    ) -> Result<i64, SandboxError> {
        let balance_fen = self.balance_fen(channel)?.saturating_add(amount_fen);
        let (number, bank_no) = transfer.map_or(("", ""), |transfer| {
            (transfer.number.as_str(), transfer.bank_no.as_str())
        });
        self.transaction
            .prepare_cached(
                "insert into account_lines
                     (channel, day, at_ms, amount_fen, balance_fen, number, bank_no, text)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                channel,
                clock::dashed_day(at_ms),
                at_ms,
                amount_fen,
                balance_fen,
                number,
                bank_no,
                text
            ])?;
        Ok(balance_fen)
    }

    /// Whether the account was ever opened.
    pub(crate) fn has_lines(&self, channel: &str) -> Result<bool, SandboxError> {
        Ok(self
            .transaction
            .prepare_cached("select 1 from account_lines where channel = ?1 limit 1")?
            .exists([channel])?)
    }

    /// What is on the account.
    pub(crate) fn balance_fen(&self, channel: &str) -> Result<i64, SandboxError> {
        let last = self
            .transaction
            .prepare_cached(
                "select balance_fen from account_lines where channel = ?1 order by id desc limit 1",
            )?
            .query_row([channel], |row| row.get(0))
            .optional()?;
        Ok(last.unwrap_or_default())
    }

    /// The lines of one day (`yyyy-MM-dd`), or all of them, in the order of their writing.
    pub(crate) fn lines(
        &self,
        channel: &str,
        day: Option<&str>,
    ) -> Result<Vec<Line>, SandboxError> {
        let mut statement = self.transaction.prepare_cached(
            "select at_ms, amount_fen, balance_fen, number, bank_no, text from account_lines
             where channel = ?1 and (?2 is null or day = ?2) order by id",
        )?;
        let rows = statement.query_map(params![channel, day], line)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What the account lost to a number.
    pub(crate) fn transferred_fen(&self, channel: &str, number: &str) -> Result<i64, SandboxError> {
        Ok(self
            .transaction
            .prepare_cached(
                "select -coalesce(sum(amount_fen), 0) from account_lines
                 where channel = ?1 and number = ?2",
            )?
            .query_row(params![channel, number], |row| row.get(0))?)
    }
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        at_ms: row.get(0)?,
        amount_fen: row.get(1)?,
        balance_fen: row.get(2)?,
        request_no: row.get(3)?,
        bank_no: row.get(4)?,
        text: row.get(5)?,
    })
}
