//! The database file: schema, settings, and one transaction at a time.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::crypto::RsaKey;
use crate::error::SandboxError;

const SCHEMA: &str = "
create table if not exists settings (name text primary key, value text not null) without rowid;
create table if not exists sub_merchants (
    channel text not null, id text not null, seller text not null, primary key (channel, id)
) without rowid;
create table if not exists orders (
    sequence integer primary key autoincrement,
    channel text not null, owner text not null, number text not null, body text not null,
    unique (channel, owner, number)
);
create index if not exists orders_number on orders (number);
create table if not exists handles (
    channel text not null, kind text not null, handle text not null,
    owner text not null, number text not null,
    primary key (channel, kind, handle)
) without rowid;
create table if not exists timers (
    id integer primary key autoincrement, due_ms integer not null, kind text not null,
    channel text not null, owner text not null, number text not null, refund text not null
);
create index if not exists timers_due on timers (due_ms);
create table if not exists notifications (
    id integer primary key autoincrement,
    channel text not null, owner text not null, number text not null,
    url text not null, form text not null, event_id text not null, content text not null,
    created_ms integer not null, tries integer not null default 0, next_ms integer,
    sendings text not null default '[]'
);
create index if not exists notifications_next on notifications (next_ms) where next_ms is not null;
create index if not exists notifications_order on notifications (channel, owner, number);
create table if not exists faults (
    id integer primary key autoincrement, channel text not null, verb text not null,
    fault text not null, remaining integer, ms integer
);
-- Earlier books kept two digits a code; such settings are not worth carrying over.
drop table if exists codes;
create table if not exists code_plans (code text primary key, plan text not null) without rowid;
-- Who may exchange login codes: the service provider's app, mini programs.
create table if not exists apps (app_id text primary key, secret text not null) without rowid;
create table if not exists oauth_codes (
    code text primary key, wallet text not null, app_id text not null, payer text not null,
    created_ms integer not null
) without rowid;
create table if not exists sms (
    id integer primary key autoincrement, mobile text not null, text text not null, at_ms integer not null
);
create index if not exists sms_mobile on sms (mobile);
create table if not exists used_login_codes (
    sequence integer primary key autoincrement, code text not null unique
);
-- Money that customers let an upstream pay to others; a number is good for one payment, for ever.
create table if not exists transfers (
    sequence integer primary key autoincrement,
    channel text not null, number text not null, payee text not null, due_ms integer,
    body text not null, unique (channel, number)
);
create index if not exists transfers_payee on transfers (channel, payee);
create index if not exists transfers_due on transfers (due_ms) where due_ms is not null;
create table if not exists transfer_calls (
    id integer primary key autoincrement,
    channel text not null, number text not null, at_ms integer not null, told text not null
);
create index if not exists transfer_calls_number on transfer_calls (channel, number);
-- The customer's account, line by line.
create table if not exists account_lines (
    id integer primary key autoincrement,
    channel text not null, day text not null, at_ms integer not null, amount_fen integer not null,
    balance_fen integer not null, number text not null, bank_no text not null, text text not null
);
create index if not exists account_lines_day on account_lines (channel, day);
";

/// The one connection; WAL and synchronous=FULL, so that what was answered survives a power cut.
pub(crate) struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    pub(crate) fn open(path: &Path) -> Result<Self, SandboxError> {
        let connection = if path.as_os_str() == ":memory:" {
            Connection::open_in_memory()?
        } else {
            Connection::open(path)?
        };
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.execute_batch(SCHEMA)?;
        Ok(Self {
            connection: Mutex::new(connection),
        })
    }

    /// The connection. A panic elsewhere rolled its transaction back, so a poisoned lock is safe to
    /// take.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn setting(&self, name: &str) -> Result<Option<String>, SandboxError> {
        Ok(self
            .lock()
            .query_row(
                "select value from settings where name = ?1",
                [name],
                |row| row.get(0),
            )
            .optional()?)
    }

    pub(crate) fn set_setting(&self, name: &str, value: &str) -> Result<(), SandboxError> {
        self.lock().execute(
            "insert into settings (name, value) values (?1, ?2)
             on conflict (name) do update set value = excluded.value",
            params![name, value],
        )?;
        Ok(())
    }

    /// A setting that is made at the first start and kept.
    pub(crate) fn kept(
        &self,
        name: &str,
        make: &dyn Fn() -> Result<String, SandboxError>,
    ) -> Result<String, SandboxError> {
        if let Some(value) = self.setting(name)? {
            return Ok(value);
        }
        let value = make()?;
        self.set_setting(name, &value)?;
        Ok(value)
    }

    /// A key that is made at the first start and kept.
    pub(crate) fn kept_key(&self, name: &str) -> Result<RsaKey, SandboxError> {
        let stored = self.kept(name, &|| Ok(STANDARD.encode(RsaKey::generate()?)))?;
        let der = STANDARD
            .decode(stored)
            .map_err(|_| SandboxError::Key("a stored key is not Base64"))?;
        RsaKey::from_pkcs8(&der)
    }

    /// Enrols an app that logs payers in; a repeat replaces its secret.
    pub(crate) fn set_app(&self, app_id: &str, secret: &str) -> Result<(), SandboxError> {
        self.lock().execute(
            "insert into apps (app_id, secret) values (?1, ?2)
             on conflict (app_id) do update set secret = excluded.secret",
            params![app_id, secret],
        )?;
        Ok(())
    }

    /// Enrols a sub-merchant; a repeat changes nothing.
    pub(crate) fn add_sub_merchant(
        &self,
        channel: &str,
        id: &str,
        seller: &str,
    ) -> Result<(), SandboxError> {
        self.lock().execute(
            "insert into sub_merchants (channel, id, seller) values (?1, ?2, ?3) on conflict do nothing",
            params![channel, id, seller],
        )?;
        Ok(())
    }
}
