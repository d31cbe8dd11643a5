//! Adds rows to one table, many with one statement.
//!
//! A statement opens its table, finds the place and closes it again, which costs more than the row
//! does. Rows that one statement adds share that, and where keys rise each finds its place beside
//! the one before.

use rusqlite::types::ToSql;
use rusqlite::{Connection, Result, Statement};

use crate::sqlite::fault::Fault;

/// Rows that one statement adds: as many as wait, in as few statements as these sizes allow.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// The prepared statements of one table, for each size one.
pub(super) struct Adder<'c>([Statement<'c>; SIZES.len()]);

impl<'c> Adder<'c> {
    /// `insert` names the table and `columns` columns; `conflict` may say what a row does that is
    /// there.
    pub(super) fn prepare(
        connection: &'c Connection,
        insert: &str,
        columns: usize,
        conflict: &str,
    ) -> Result<Self> {
        let row = format!("({})", vec!["?"; columns].join(", "));
        let prepare = |size: usize| {
            let rows = vec![row.as_str(); size].join(", ");
            connection.prepare(&format!("{insert} VALUES {rows} {conflict}"))
        };
        let [many, some, few, one] = SIZES;
        Ok(Self([
            prepare(many)?,
            prepare(some)?,
            prepare(few)?,
            prepare(one)?,
        ]))
    }

    /// Adds `rows`, each bound by `bind`; how many were not there before.
    pub(super) fn add<T>(
        &mut self,
        mut rows: &[T],
        bind: impl Fn(&mut Cells<'_, 'c>, &T) -> std::result::Result<(), Fault>,
    ) -> std::result::Result<usize, Fault> {
        let mut added = 0;
        for (size, statement) in SIZES.into_iter().zip(&mut self.0) {
            while let Some((together, rest)) = rows.split_at_checked(size) {
                let mut cells = Cells { statement, next: 1 };
                for row in together {
                    bind(&mut cells, row)?;
                }
                added += statement.raw_execute()?;
                rows = rest;
            }
        }
        Ok(added)
    }
}

/// The values of a statement, bound one after the other, so that nobody counts them.
pub(super) struct Cells<'s, 'c> {
    statement: &'s mut Statement<'c>,
    next: usize,
}

impl Cells<'_, '_> {
    pub(super) fn put(&mut self, value: impl ToSql) -> Result<()> {
        self.statement.raw_bind_parameter(self.next, value)?;
        self.next += 1;
        Ok(())
    }
}
