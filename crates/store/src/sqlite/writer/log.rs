//! What the exchange log holds, and of whom: known without counting, since only the writer writes.
//!
//! What a transaction adds counts once it is committed; what it removes is taken off at once, and
//! all is counted anew should it be rolled back.

use std::collections::{HashMap, VecDeque};

use heliu_ports::exchange_shares::{Held, LogLimits, Shares};
use heliu_trade::id::{AppId, PlatformNo};
use rusqlite::Connection;

use crate::bounded::Bounded;
use crate::sqlite::fault::Fault;

/// What a log of this database keeps.
pub(crate) const LIMITS: LogLimits = LogLimits(Held {
    rows: 200_000,
    bytes: 512 * 1024 * 1024,
});
/// Age above which an exchange goes, in s: seven days before the newest one.
const AGE_MAX_S: u64 = 7 * 24 * 3600;
/// Requests that came with a commit and whose answers are still awaited, of which it is remembered
/// that their order is written already; for one that is forgotten the row is looked at again.
const NAMED: usize = 8_192;

/// Whose lines: an app's, or those of all strangers together.
pub(super) type Holder = Option<AppId>;

#[derive(Default)]
struct Lines {
    held: Held,
    /// Numbers of exchanges of which at least one half is there, rising.
    numbers: VecDeque<i64>,
}

impl Lines {
    fn add(&mut self, number: i64, bytes: i64) -> Held {
        let mut added = Held { rows: 0, bytes };
        let at = match self.numbers.back() {
            Some(last) if *last >= number => self.numbers.partition_point(|of| *of < number),
            _ => self.numbers.len(),
        };
        if self.numbers.get(at) != Some(&number) {
            self.numbers.insert(at, number);
            added.rows = 1;
        }
        self.held += added;
        added
    }
}

struct Addition {
    holder: Holder,
    number: i64,
    bytes: i64,
}

/// What is known of the log.
pub(super) struct Log {
    limits: LogLimits,
    lines: HashMap<Holder, Lines>,
    all: Held,
    oldest: i64,
    newest: i64,
    /// By the running transaction.
    added: Vec<Addition>,
    /// Whether the running transaction has removed something.
    is_cut: bool,
    /// Whether it must be counted anew.
    is_stale: bool,
    pub(super) named: Bounded<i64, ()>,
}

impl Log {
    pub(super) fn open(connection: &Connection, limits: LogLimits) -> Result<Self, Fault> {
        let mut log = Self {
            limits,
            lines: HashMap::new(),
            all: Held::default(),
            oldest: i64::MAX,
            newest: 0,
            added: Vec::new(),
            is_cut: false,
            is_stale: false,
            named: Bounded::new(NAMED),
        };
        log.count(connection)?;
        Ok(log)
    }

    /// Counts all anew. The statements read no long text.
    fn count(&mut self, connection: &Connection) -> Result<(), Fault> {
        self.lines.clear();
        self.all = Held::default();
        (self.oldest, self.newest) = (i64::MAX, 0);
        for sql in [
            "SELECT exchange_no, bytes, app_id FROM exchange ORDER BY exchange_no",
            "SELECT a.exchange_no, a.bytes, q.app_id
                FROM exchange_answer AS a LEFT JOIN exchange AS q USING (exchange_no)
                ORDER BY a.exchange_no",
        ] {
            let mut statement = connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let app: Option<String> = row.get(2)?;
                self.add(Addition {
                    holder: app.map(AppId::from),
                    number: row.get(0)?,
                    bytes: row.get(1)?,
                });
            }
        }
        self.is_stale = false;
        Ok(())
    }

    /// Counts anew what may have been counted wrongly.
    pub(super) fn refresh(&mut self, connection: &Connection) -> Result<(), Fault> {
        if self.is_stale {
            self.count(connection)?;
        }
        Ok(())
    }

    fn add(&mut self, addition: Addition) {
        let Addition {
            holder,
            number,
            bytes,
        } = addition;
        self.all += self.lines.entry(holder).or_default().add(number, bytes);
        self.oldest = self.oldest.min(number);
        self.newest = self.newest.max(number);
    }

    /// The running transaction adds half an exchange.
    pub(super) fn adds(&mut self, holder: &Holder, number: i64, bytes: i64) {
        self.added.push(Addition {
            holder: holder.clone(),
            number,
            bytes,
        });
    }

    /// Some of what the running transaction adds was there already; which, nobody knows.
    pub(super) fn had_repeats(&mut self) {
        self.is_stale = true;
    }

    pub(super) fn committed(&mut self) {
        for addition in std::mem::take(&mut self.added) {
            self.add(addition);
        }
        self.is_cut = false;
    }

    pub(super) fn rolled_back(&mut self) {
        self.added.clear();
        self.named.clear();
        self.is_stale |= std::mem::take(&mut self.is_cut);
    }

    /// Whether a body of this holder is kept whole. Only asked for long ones.
    pub(super) fn keeps_whole(&self, holder: &Holder) -> bool {
        let held = self.lines.get(holder).map_or(0, |lines| lines.held.bytes);
        let added = self
            .added
            .iter()
            .filter(|addition| addition.holder == *holder);
        let added: i64 = added.map(|addition| addition.bytes).sum();
        self.limits.keep_whole(held + added)
    }

    fn of_strangers(&self) -> Held {
        self.lines
            .get(&None)
            .map_or(Held::default(), |lines| lines.held)
    }

    /// Whether lines are to be removed.
    pub(super) fn is_over(&self) -> bool {
        self.is_stale
            || self.limits.are_exceeded(self.all, self.of_strangers())
            || is_too_old(self.oldest, self.newest)
    }

    /// Whether that cannot wait for a pause.
    pub(super) fn is_far_over(&self) -> bool {
        self.limits.are_far_exceeded(self.all, self.of_strangers())
    }

    /// What everybody may keep.
    pub(super) fn shares(&self) -> Shares {
        let apps = self.lines.iter().filter(|(holder, _)| holder.is_some());
        let apps: Vec<Held> = apps.map(|(_, lines)| lines.held).collect();
        self.limits.shares(&apps, self.of_strangers())
    }

    /// Whose lines are too many or too old.
    pub(super) fn over(&self, shares: &Shares) -> Vec<Holder> {
        let over = self
            .lines
            .keys()
            .filter(|holder| self.first_over(holder, shares).is_some());
        over.cloned().collect()
    }

    /// The oldest line of a holder, if it is to be removed.
    pub(super) fn first_over(&self, holder: &Holder, shares: &Shares) -> Option<i64> {
        let lines = self.lines.get(holder)?;
        let first = *lines.numbers.front()?;
        let share = match holder {
            Some(_) => shares.of_an_app,
            None => shares.of_strangers,
        };
        (lines.held.exceeds(share) || is_too_old(first, self.newest)).then_some(first)
    }

    /// The oldest line of a holder was removed, of which the books said that it took so much.
    pub(super) fn removed_first(&mut self, holder: &Holder, bytes: i64) {
        self.is_cut = true;
        let Some(lines) = self.lines.get_mut(holder) else {
            return;
        };
        lines.numbers.pop_front();
        let removed = Held { rows: 1, bytes };
        lines.held -= removed;
        self.all -= removed;
        if lines.numbers.is_empty() {
            self.lines.remove(holder);
        }
    }

    /// After lines were removed.
    pub(super) fn look_for_the_oldest(&mut self) {
        let fronts = self
            .lines
            .values()
            .filter_map(|lines| lines.numbers.front());
        self.oldest = fronts.copied().min().unwrap_or(i64::MAX);
    }
}

fn is_too_old(number: i64, newest: i64) -> bool {
    let second = |number| PlatformNo::from_u64(u64::try_from(number).unwrap_or(0)).second();
    second(newest).saturating_sub(second(number)) > AGE_MAX_S
}
