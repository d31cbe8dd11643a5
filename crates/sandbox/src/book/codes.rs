//! What `/control/codes` set for single payment codes and face codes (ruling 15), as JSON texts.

use rusqlite::{OptionalExtension as _, params};

use super::Book;
use crate::error::SandboxError;

impl Book<'_> {
    pub(crate) fn code_plan(&self, code: &str) -> Result<Option<String>, SandboxError> {
        Ok(self
            .transaction
            .prepare_cached("select plan from code_plans where code = ?1")?
            .query_row([code], |row| row.get(0))
            .optional()?)
    }

    pub(crate) fn set_code_plan(&self, code: &str, plan: &str) -> Result<(), SandboxError> {
        self.transaction.execute(
            "insert into code_plans (code, plan) values (?1, ?2)
             on conflict (code) do update set plan = excluded.plan",
            params![code, plan],
        )?;
        Ok(())
    }

    /// Every code that something is set for, with its plan, in the codes' order.
    pub(crate) fn code_plans(&self) -> Result<Vec<(String, String)>, SandboxError> {
        let mut statement = self
            .transaction
            .prepare_cached("select code, plan from code_plans order by code")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn clear_code_plans(&self) -> Result<usize, SandboxError> {
        Ok(self.transaction.execute("delete from code_plans", [])?)
    }
}
