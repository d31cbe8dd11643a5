//! One look at the books: a handle on the one open transaction, with every question the verbs ask.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{Order, Verb};
use crate::accounts::Accounts;
use crate::error::SandboxError;

/// The books inside one transaction.
pub(crate) struct Book<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    pub(crate) accounts: &'a Accounts,
    pub(crate) now_ms: i64,
    /// The verb of this call, for faults that concern notifications and later events.
    pub(crate) verb: Verb,
    /// Notifications that must arrive before the answer (fault `early_notifications`).
    pub(crate) early: Vec<i64>,
    /// Whether the timers have something new to look at.
    pub(crate) woken: bool,
}

impl<'a> Book<'a> {
    pub(crate) fn new(
        transaction: &'a Transaction<'a>,
        accounts: &'a Accounts,
        now_ms: i64,
        verb: Verb,
    ) -> Self {
        Self {
            transaction,
            accounts,
            now_ms,
            verb,
            early: Vec::new(),
            woken: false,
        }
    }

    pub(crate) fn order(
        &self,
        channel: &str,
        owner: &str,
        number: &str,
    ) -> Result<Option<Order>, SandboxError> {
        self.transaction
            .prepare_cached(
                "select body from orders where channel = ?1 and owner = ?2 and number = ?3",
            )?
            .query_row(params![channel, owner, number], |row| {
                row.get::<_, String>(0)
            })
            .optional()?
            .map(|body| Ok(serde_json::from_str(&body)?))
            .transpose()
    }

    /// Orders of that number in every upstream, newest first.
    pub(crate) fn orders_numbered(&self, number: &str) -> Result<Vec<Order>, SandboxError> {
        self.orders_where(
            "select body from orders where number = ?1 order by sequence desc limit 20",
            params![number],
        )
    }

    /// The newest orders.
    pub(crate) fn newest_orders(&self, limit: u32, skip: u32) -> Result<Vec<Order>, SandboxError> {
        self.orders_where(
            "select body from orders order by sequence desc limit ?1 offset ?2",
            params![limit, skip],
        )
    }

    fn orders_where(
        &self,
        sql: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<Order>, SandboxError> {
        let mut statement = self.transaction.prepare_cached(sql)?;
        let bodies = statement.query_map(values, |row| row.get::<_, String>(0))?;
        bodies
            .map(|body| Ok(serde_json::from_str(&body?)?))
            .collect()
    }

    pub(crate) fn save(&self, order: &Order) -> Result<(), SandboxError> {
        self.transaction
            .prepare_cached(
                "insert into orders (channel, owner, number, body) values (?1, ?2, ?3, ?4)
                 on conflict (channel, owner, number) do update set body = excluded.body",
            )?
            .execute(params![
                order.channel,
                order.owner,
                order.number,
                serde_json::to_string(order)?
            ])?;
        Ok(())
    }

    /// Makes `handle` lead to the order. Kinds: `transaction`, `prepay`, `code`, `refund`,
    /// `refund_id`.
    pub(crate) fn add_handle(
        &self,
        order: &Order,
        kind: &str,
        handle: &str,
    ) -> Result<(), SandboxError> {
        self.transaction
            .prepare_cached(
                "insert into handles (channel, kind, handle, owner, number) values (?1, ?2, ?3, ?4, ?5)
                 on conflict do nothing",
            )?
            .execute(params![
                order.channel,
                kind,
                handle,
                order.owner,
                order.number
            ])?;
        Ok(())
    }

    pub(crate) fn drop_handle(
        &self,
        channel: &str,
        kind: &str,
        handle: &str,
    ) -> Result<(), SandboxError> {
        self.transaction.execute(
            "delete from handles where channel = ?1 and kind = ?2 and handle = ?3",
            params![channel, kind, handle],
        )?;
        Ok(())
    }

    pub(crate) fn order_by(
        &self,
        channel: &str,
        kind: &str,
        handle: &str,
    ) -> Result<Option<Order>, SandboxError> {
        let found: Option<(String, String)> = self
            .transaction
            .prepare_cached("select owner, number from handles where channel = ?1 and kind = ?2 and handle = ?3")?
            .query_row(params![channel, kind, handle], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        match found {
            Some((owner, number)) => self.order(channel, &owner, &number),
            None => Ok(None),
        }
    }

    /// A number that never repeats, over restarts too.
    pub(crate) fn next_sequence(&self) -> Result<i64, SandboxError> {
        Ok(self
            .transaction
            .prepare_cached(
                "insert into settings (name, value) values ('sequence', '1')
                 on conflict (name) do update set value = cast(value as integer) + 1
                 returning cast(value as integer)",
            )?
            .query_row([], |row| row.get(0))?)
    }

    /// The seller behind what a request names it by: its number, or a token of it.
    pub(crate) fn seller(&self, channel: &str, id: &str) -> Result<Option<String>, SandboxError> {
        Ok(self
            .transaction
            .prepare_cached("select seller from sub_merchants where channel = ?1 and id = ?2")?
            .query_row(params![channel, id], |row| row.get(0))
            .optional()?)
    }

    /// Enrols a sub-merchant.
    pub(crate) fn add_sub_merchant(
        &self,
        channel: &str,
        id: &str,
        seller: &str,
    ) -> Result<(), SandboxError> {
        self.transaction.execute(
            "insert into sub_merchants (channel, id, seller) values (?1, ?2, ?3)",
            params![channel, id, seller],
        )?;
        Ok(())
    }
}
