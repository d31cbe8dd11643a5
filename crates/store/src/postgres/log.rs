//! The exchange log as this node knows it between two looks, and what a look does.
//!
//! Nodes share the log and do not tell one another of each line. So each counts what it adds, and
//! looks, sooner if it adds much: how much everybody holds, and whose lines are too many.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use heliu_ports::exchange_shares::{Held, LogLimits, Shares};
use heliu_trade::id::AppId;
use tokio::sync::Notify;
use tokio_postgres::Client;

use super::fault::Fault;

/// What a log of this database keeps.
pub(crate) const LIMITS: LogLimits = LogLimits(Held {
    rows: 500_000,
    bytes: 1280 * 1024 * 1024,
});
/// Age above which a request goes, in ms: seven days before the newest one.
const AGE_MAX_MS: i64 = 7 * 24 * 3600 * 1000;

/// What is known without looking.
pub(crate) struct Log {
    limits: LogLimits,
    /// Bytes of each app at the last look, and the long bodies that this node has added since.
    bytes_of: Mutex<HashMap<AppId, i64>>,
    /// By this node since the last look.
    added: Mutex<Held>,
    is_wanted: Notify,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Log {
    pub(crate) fn new(limits: LogLimits) -> Self {
        Self {
            limits,
            bytes_of: Mutex::default(),
            added: Mutex::default(),
            is_wanted: Notify::new(),
        }
    }

    /// Whether a long body of this app is kept whole; if so it is counted. Strangers' come cut
    /// already.
    pub(crate) fn takes_whole(&self, app: Option<&AppId>, bytes: i64) -> bool {
        let Some(app) = app else { return false };
        let mut bytes_of = lock(&self.bytes_of);
        let held = bytes_of.get(app).copied().unwrap_or(0);
        let is_taken = self.limits.keep_whole(held + bytes);
        if is_taken {
            bytes_of.insert(app.clone(), held + bytes);
        }
        is_taken
    }

    /// This node has added so much: told after it can be seen, so that a look misses nothing that
    /// was told before.
    pub(crate) fn added(&self, more: Held) {
        let mut added = lock(&self.added);
        *added += more;
        if added.exceeds(self.limits.looked_at_after()) {
            *added = Held::default();
            self.is_wanted.notify_one();
        }
    }

    /// Returns when somebody should look.
    pub(crate) async fn wanted(&self) {
        self.is_wanted.notified().await;
    }

    /// Looks, and removes what is too much or too old.
    pub(crate) async fn cut(&self, client: &Client) -> Result<(), Fault> {
        *lock(&self.added) = Held::default();
        client.execute(DELETE_OLD, &[&AGE_MAX_MS]).await?;
        client.execute(DELETE_OLD_ANSWERS, &[&AGE_MAX_MS]).await?;
        let mut apps = Vec::new();
        let mut bytes_of = HashMap::new();
        let (mut all, mut strangers) = (Held::default(), Held::default());
        for row in client.query(HELD, &[]).await? {
            let app: Option<String> = row.try_get(0)?;
            let held = Held {
                rows: row.try_get(1)?,
                bytes: row.try_get(2)?,
            };
            all += held;
            match app {
                None => strangers = held,
                Some(app) => {
                    apps.push(held);
                    bytes_of.insert(AppId::from(app), held.bytes);
                }
            }
        }
        *lock(&self.bytes_of) = bytes_of;
        // Nodes may add so much before the next look.
        let mut limits = self.limits;
        limits.0 -= limits.looked_at_after();
        if !limits.are_exceeded(all, strangers) {
            return Ok(());
        }
        let Shares {
            of_an_app,
            of_strangers,
        } = limits.shares(&apps, strangers);
        let shares = [of_an_app, of_strangers];
        let [apps, strangers] = shares.map(|share| [share.rows, share.bytes]);
        client
            .execute(
                DELETE_EXCESS,
                &[&apps[0], &apps[1], &strangers[0], &strangers[1]],
            )
            .await?;
        Ok(())
    }
}

/// All exchanges of which a half is there, read from indexes alone.
macro_rules! lines {
    () => {
        "SELECT exchange_no, q.app_id, coalesce(q.bytes, 0) + coalesce(a.bytes, 0) AS bytes
            FROM exchange AS q FULL JOIN exchange_answer AS a USING (exchange_no)"
    };
}

const HELD: &str = concat!(
    "SELECT app_id, count(*), sum(bytes)::BIGINT FROM (",
    lines!(),
    ") AS lines GROUP BY app_id"
);

const DELETE_OLD: &str = "DELETE FROM exchange WHERE exchange_no <= first_number(to_timestamp(
    (SELECT at - $1 FROM exchange ORDER BY exchange_no DESC LIMIT 1) / 1000.0)::DATE)";

const DELETE_OLD_ANSWERS: &str =
    "DELETE FROM exchange_answer WHERE exchange_no <= first_number(to_timestamp(
    (SELECT at - $1 FROM exchange ORDER BY exchange_no DESC LIMIT 1) / 1000.0)::DATE)";

/// The shares of an app and of strangers, in rows and bytes: what lies beyond them goes.
const DELETE_EXCESS: &str = concat!(
    "WITH lines AS (",
    lines!(),
    "), newest_first AS (SELECT exchange_no, app_id, row_number() OVER holder AS rows, (sum(bytes) OVER holder)::BIGINT AS bytes
        FROM lines WINDOW holder AS (PARTITION BY app_id ORDER BY exchange_no DESC)),
    excess AS (SELECT exchange_no FROM newest_first
        WHERE CASE WHEN app_id IS NULL THEN rows > $3 OR bytes > $4 ELSE rows > $1 OR bytes > $2 END),
    gone AS (DELETE FROM exchange AS q USING excess WHERE q.exchange_no = excess.exchange_no)
    DELETE FROM exchange_answer AS a USING excess WHERE a.exchange_no = excess.exchange_no"
);
