//! One look at the books: a handle on the one open transaction, with every question the verbs ask.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{Channel, Order};
use crate::accounts::Accounts;
use crate::clock;
use crate::crypto::random_hex;
use crate::error::SandboxError;

/// The books inside one transaction.
pub(crate) struct Book<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    pub(crate) accounts: &'a Accounts,
    pub(crate) now_ms: i64,
    /// The verb of this call, for faults that concern notifications and later events.
    pub(crate) verb: &'static str,
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
        verb: &'static str,
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
        channel: Channel,
        owner: &str,
        number: &str,
    ) -> Result<Option<Order>, SandboxError> {
        self.transaction
            .prepare_cached(
                "select body from orders where channel = ?1 and owner = ?2 and number = ?3",
            )?
            .query_row(params![channel.name(), owner, number], |row| {
                row.get::<_, String>(0)
            })
            .optional()?
            .map(|body| Ok(serde_json::from_str(&body)?))
            .transpose()
    }

    /// Orders of that number in every channel, newest first.
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
                order.channel.name(),
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
                order.channel.name(),
                kind,
                handle,
                order.owner,
                order.number
            ])?;
        Ok(())
    }

    pub(crate) fn drop_handle(
        &self,
        channel: Channel,
        kind: &str,
        handle: &str,
    ) -> Result<(), SandboxError> {
        self.transaction.execute(
            "delete from handles where channel = ?1 and kind = ?2 and handle = ?3",
            params![channel.name(), kind, handle],
        )?;
        Ok(())
    }

    pub(crate) fn order_by(
        &self,
        channel: Channel,
        kind: &str,
        handle: &str,
    ) -> Result<Option<Order>, SandboxError> {
        let found: Option<(String, String)> = self
            .transaction
            .prepare_cached("select owner, number from handles where channel = ?1 and kind = ?2 and handle = ?3")?
            .query_row(params![channel.name(), kind, handle], |row| {
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

    /// 28 digits starting 4200 (WeChat transaction) or 5030 (WeChat refund).
    pub(crate) fn wechat_id(&self, prefix: &str) -> Result<String, SandboxError> {
        Ok(format!(
            "{prefix}000001{}{:06}{:04}",
            clock::day(self.now_ms),
            self.next_sequence()? % 1_000_000,
            random_below(10_000)?
        ))
    }

    /// 28 digits: the day, 22001, and a number.
    pub(crate) fn alipay_trade_no(&self) -> Result<String, SandboxError> {
        Ok(format!(
            "{}22001{:09}{:06}",
            clock::day(self.now_ms),
            self.next_sequence()? % 1_000_000_000,
            random_below(1_000_000)?
        ))
    }

    /// UnionPay's `transIndex`, 24 digits: the time and a number. Its form is not public.
    pub(crate) fn trans_index(&self) -> Result<String, SandboxError> {
        Ok(format!(
            "{}{:06}{:04}",
            clock::compact(self.now_ms),
            self.next_sequence()? % 1_000_000,
            random_below(10_000)?
        ))
    }

    /// `wx`, the time, and 20 hex digits.
    pub(crate) fn prepay_id(&self) -> Result<String, SandboxError> {
        Ok(format!(
            "wx{}{}",
            clock::compact(self.now_ms),
            random_hex(10)?
        ))
    }

    /// The seller behind a sub-merchant number (WeChat), an `app_auth_token` (Alipay) or a `merId`
    /// (UnionPay).
    pub(crate) fn seller(
        &self,
        channel: Channel,
        id: &str,
    ) -> Result<Option<String>, SandboxError> {
        Ok(self
            .transaction
            .prepare_cached("select seller from sub_merchants where channel = ?1 and id = ?2")?
            .query_row(params![channel.name(), id], |row| row.get(0))
            .optional()?)
    }

    /// Enrols a sub-merchant.
    pub(crate) fn add_sub_merchant(
        &self,
        channel: Channel,
        id: &str,
        seller: &str,
    ) -> Result<(), SandboxError> {
        self.transaction.execute(
            "insert into sub_merchants (channel, id, seller) values (?1, ?2, ?3)",
            params![channel.name(), id, seller],
        )?;
        Ok(())
    }
}

fn random_below(limit: u64) -> Result<u64, SandboxError> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|_| SandboxError::Randomness)?;
    Ok(u64::from_le_bytes(bytes) % limit)
}
