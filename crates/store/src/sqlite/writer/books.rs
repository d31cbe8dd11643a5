//! The books as their writer has them between two transactions.

use heliu_ports::exchange_shares::LogLimits;
use heliu_trade::id::PlatformNo;
use rusqlite::Connection;

use super::log::Log;
use super::recent::Recent;
use super::statements::Statements;
use crate::rows::day::OPEN_FROM;
use crate::sqlite::fault::Fault;
use crate::sqlite::query::first;

/// The books as their writer has them.
pub(super) struct Books<'c> {
    pub(super) connection: &'c Connection,
    pub(super) statements: Statements<'c>,
    pub(super) recent: Recent,
    pub(super) log: Log,
    pub(super) seen: HighWater,
    pub(super) open_from: OpenFrom,
}

/// The first instant after the last business date that is closed (UTC ms): what the books say, and
/// what this transaction makes of it. No entry is booked before it.
pub(super) struct OpenFrom {
    pub(super) saved: i64,
    pub(super) now: i64,
}

/// The highest second of any number of ours: what the books say, and what this transaction adds.
pub(super) struct HighWater {
    pub(super) node: u8,
    pub(super) saved: u64,
    pub(super) seen: u64,
}

impl HighWater {
    /// A number is about to be committed.
    pub(super) fn number(&mut self, number: PlatformNo) {
        self.seen = self.seen.max(number.second());
    }
}

/// Gives a node its line in the books.
pub(crate) fn know_node(connection: &Connection, node: u8) -> Result<(), Fault> {
    connection.execute(
        "INSERT INTO node (node, high_water_second) VALUES (?1, 0) ON CONFLICT (node) DO NOTHING",
        [node],
    )?;
    Ok(())
}

impl<'c> Books<'c> {
    pub(super) fn open(
        connection: &'c Connection,
        node: u8,
        limits: LogLimits,
    ) -> Result<Self, Fault> {
        let sql = "SELECT high_water_second FROM node WHERE node = ?1";
        let second: i64 = connection.query_row(sql, [node], |row| row.get(0))?;
        let second = u64::try_from(second).unwrap_or(0);
        let open_from = first(connection, OPEN_FROM, [], |columns| columns.integer_opt())?;
        let open_from = open_from.flatten().unwrap_or(i64::MIN);
        Ok(Self {
            connection,
            statements: Statements::prepare(connection)?,
            recent: Recent::default(),
            log: Log::open(connection, limits)?,
            seen: HighWater {
                node,
                saved: second,
                seen: second,
            },
            open_from: OpenFrom {
                saved: open_from,
                now: open_from,
            },
        })
    }

    /// Forgets the transaction and whatever was only in it.
    pub(super) fn roll_back(&mut self) {
        self.recent.clear();
        self.log.rolled_back();
        self.seen.seen = self.seen.saved;
        self.open_from.now = self.open_from.saved;
        if self.connection.is_autocommit() {
            return;
        }
        if let Err(error) = self.connection.execute_batch("ROLLBACK") {
            tracing::error!(%error, "a transaction cannot be rolled back");
        }
    }

    /// Copies the log into the file, as far as readers allow.
    pub(super) fn checkpoint(&self) -> Result<(), Fault> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        Ok(())
    }
}
