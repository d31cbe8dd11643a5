//! The exchange log: written beside the books, capped by count and age, cut off at its old end.

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRequest};
use heliu_trade::id::{AppId, OrderNo};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::batch::Books;
use crate::bounded::Bounded;
use crate::columns::integer;
use crate::sqlite::fault::Fault;

/// Requests that are kept; older ones go, with their answers.
const KEPT: i64 = 200_000;
/// Requests of callers whom we do not know that are kept among them, so that strangers cannot drive out
/// what merchants sent.
const KEPT_OF_STRANGERS: i64 = 10_000;
/// Age above which a request goes, in ms: seven days before the newest one.
const AGE_MAX_MS: i64 = 7 * 24 * 3600 * 1000;
/// Above this excess old requests go at once, with the running batch, instead of waiting for a pause.
const EXCESS_MAX: i64 = 20_000;
/// Requests removed in one go: some milliseconds of the writer's time.
const BITE: i64 = 1_000;
/// Requests that came with a commit and whose answers are still awaited, of which it is remembered that
/// their order is written already; for one that is forgotten the row is looked at again.
const NAMED: usize = 8_192;

/// What the writer knows of the log without counting it.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    all: i64,
    of_strangers: i64,
    oldest_at: i64,
    newest_at: i64,
}

/// The log's extent as committed, and as the running transaction will leave it.
pub(super) struct Log {
    saved: Extent,
    now: Extent,
    named: Bounded<i64, ()>,
}

impl Extent {
    fn of(connection: &Connection) -> Result<Self, Fault> {
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let end = |sql: &str| -> rusqlite::Result<i64> {
            Ok(connection
                .query_row(sql, [], |row| row.get(0))
                .optional()?
                .unwrap_or(0))
        };
        Ok(Self {
            all: count("SELECT count(*) FROM exchange")?,
            of_strangers: count("SELECT count(*) FROM exchange WHERE app_id IS NULL")?,
            oldest_at: end("SELECT at FROM exchange ORDER BY exchange_no LIMIT 1")?,
            newest_at: end("SELECT at FROM exchange ORDER BY exchange_no DESC LIMIT 1")?,
        })
    }

    fn count(&mut self, request: &ExchangeRequest) {
        if self.all == 0 {
            self.oldest_at = request.at.as_ms();
        }
        self.all += 1;
        self.of_strangers += i64::from(request.app_id.is_none());
        self.newest_at = self.newest_at.max(request.at.as_ms());
    }
}

impl Log {
    pub(super) fn open(connection: &Connection) -> Result<Self, Fault> {
        let extent = Extent::of(connection)?;
        Ok(Self {
            saved: extent,
            now: extent,
            named: Bounded::new(NAMED),
        })
    }

    pub(super) fn committed(&mut self) {
        self.saved = self.now;
    }

    pub(super) fn rolled_back(&mut self) {
        self.now = self.saved;
        self.named.clear();
    }

    fn is_over(&self) -> bool {
        self.now.all > KEPT
            || self.now.of_strangers > KEPT_OF_STRANGERS
            || (self.now.all > 0 && self.now.newest_at - self.now.oldest_at > AGE_MAX_MS)
    }
}

impl Books<'_> {
    /// A repeat changes nothing.
    pub(super) fn add_requests(
        &mut self,
        rows: &[(&ExchangeRequest, Option<OrderNo>)],
    ) -> Result<(), Fault> {
        let added = self
            .statements
            .add_requests
            .add(rows, |cells, (request, order_no)| {
                cells.put(integer(request.exchange_no.as_u64()))?;
                cells.put(request.at.as_ms())?;
                cells.put(request.dialect_id.as_str())?;
                cells.put(request.app_id.as_ref().map(AppId::as_str))?;
                cells.put(request.path.as_str())?;
                cells.put(request.query.as_str())?;
                cells.put(request.body.as_str())?;
                cells.put(request.peer.as_str())?;
                cells.put(order_no.map(|order_no| integer(order_no.as_u64())))?;
                Ok(())
            })?;
        for (request, order_no) in rows {
            self.seen.number(request.exchange_no);
            if order_no.is_some() {
                let exchange_no = integer(request.exchange_no.as_u64());
                self.log.named.keep(exchange_no, ());
            }
            self.log.now.count(request);
        }
        if added < rows.len() {
            // Some were repeats; which, nobody knows any more.
            self.log.now = Extent::of(self.connection)?;
        }
        Ok(())
    }

    pub(super) fn add_answers(&mut self, rows: &[&ExchangeAnswer]) -> Result<(), Fault> {
        self.statements.add_answers.add(rows, |cells, answer| {
            cells.put(integer(answer.exchange_no.as_u64()))?;
            cells.put(answer.status)?;
            cells.put(answer.body.as_str())?;
            cells.put(answer.outcome.as_str())?;
            cells.put(answer.reading)?;
            cells.put(answer.signing.as_deref())?;
            cells.put(answer.order_no.map(|order_no| integer(order_no.as_u64())))?;
            cells.put(answer.duration_ms)?;
            Ok(())
        })?;
        for answer in rows {
            let exchange_no = integer(answer.exchange_no.as_u64());
            if let Some(order_no) = answer.order_no
                && self.log.named.take(&exchange_no).is_none()
            {
                self.statements
                    .name_order
                    .execute(params![exchange_no, integer(order_no.as_u64())])?;
            }
        }
        Ok(())
    }

    /// Whether old requests wait to be removed.
    pub(super) fn has_chores(&self) -> bool {
        self.log.is_over()
    }

    /// Removes some old requests.
    pub(super) fn do_chores(&mut self) -> Result<(), Fault> {
        self.statements.begin.execute([])?;
        self.trim()?;
        self.statements.commit.execute([])?;
        self.log.committed();
        Ok(())
    }

    /// Under lasting load there is no pause to wait for.
    pub(super) fn trim_if_far_over(&mut self) -> Result<(), Fault> {
        let extent = self.log.now;
        let is_far_over =
            extent.all > KEPT + EXCESS_MAX || extent.of_strangers > KEPT_OF_STRANGERS + EXCESS_MAX;
        if is_far_over { self.trim() } else { Ok(()) }
    }

    fn trim(&mut self) -> Result<(), Fault> {
        let extent = self.log.now;
        if extent.of_strangers > KEPT_OF_STRANGERS {
            let sql = "DELETE FROM exchange WHERE exchange_no IN (SELECT exchange_no FROM exchange
                WHERE app_id IS NULL ORDER BY exchange_no LIMIT ?1) RETURNING exchange_no";
            let count = BITE.min(extent.of_strangers - KEPT_OF_STRANGERS);
            let gone: rusqlite::Result<Vec<i64>> = self
                .connection
                .prepare_cached(sql)?
                .query_map([count], |row| row.get(0))?
                .collect();
            let sql = "DELETE FROM exchange_answer WHERE exchange_no = ?1";
            let mut delete = self.connection.prepare_cached(sql)?;
            for exchange_no in gone? {
                delete.execute([exchange_no])?;
                self.log.now.all -= 1;
                self.log.now.of_strangers -= 1;
            }
            return Ok(());
        }
        let count = BITE.min((extent.all - KEPT).max(1));
        let sql = "SELECT exchange_no FROM exchange ORDER BY exchange_no LIMIT 1 OFFSET ?1";
        let last: Option<i64> = self
            .connection
            .prepare_cached(sql)?
            .query_row([count - 1], |row| row.get(0))
            .optional()?;
        let last = last.unwrap_or(i64::MAX);
        let sql = "SELECT count(*) FROM exchange WHERE app_id IS NULL AND exchange_no <= ?1";
        let strangers: i64 = self
            .connection
            .prepare_cached(sql)?
            .query_row([last], |row| row.get(0))?;
        let sql = "DELETE FROM exchange WHERE exchange_no <= ?1";
        let gone = self.connection.prepare_cached(sql)?.execute([last])?;
        let sql = "DELETE FROM exchange_answer WHERE exchange_no <= ?1";
        self.connection.prepare_cached(sql)?.execute([last])?;
        let sql = "SELECT at FROM exchange ORDER BY exchange_no LIMIT 1";
        let oldest: Option<i64> = self
            .connection
            .prepare_cached(sql)?
            .query_row([], |row| row.get(0))
            .optional()?;
        self.log.now.all -= i64::try_from(gone).unwrap_or(i64::MAX);
        self.log.now.of_strangers -= strangers;
        self.log.now.oldest_at = oldest.unwrap_or(extent.newest_at);
        Ok(())
    }
}
