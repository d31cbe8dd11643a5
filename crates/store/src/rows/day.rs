//! `business_day` and `day_balance`: dates that are closed, and what was booked on them.
//!
//! What was booked on a date is found as reports find it: among the numbers of that date and the
//! hour before, and in an index that holds what was booked further from its number than that.

use heliu_ports::lists::Span;
use heliu_ports::store::{AuditHead, ClosedDate, DayBalance};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::followup::subject::Owner;
use heliu_trade::ledger::Account;
use heliu_trade::time::Timestamp;

use super::lists::numbers;
use super::lists::report::{AFTER_MS, BEFORE_MS, apart};
use crate::columns::{Columns, Result};

/// The last date that is closed, as the instant after it; no row or none.
pub(crate) const OPEN_FROM: &str = "SELECT max(open_from) FROM business_day";

/// The date that was closed before another one, as the instant after it.
pub(crate) const BEFORE: &str = "SELECT max(open_from) FROM business_day WHERE open_from < $1";

/// When the first entry was booked.
pub(crate) const FIRST_BOOKED: &str = "SELECT min(at) FROM journal_row";

/// A date that is closed, for [`read_closed`].
pub(crate) const FIND: &str =
    "SELECT open_from, closed_at, audit_seq, audit_hash FROM business_day WHERE open_from = $1";

/// Closes a date; one that is closed stays as it is.
pub(crate) const CLOSE: &str = "INSERT INTO business_day (open_from, closed_at, audit_seq, audit_hash) \
    VALUES ($1, $2, $3, $4) ON CONFLICT (open_from) DO NOTHING";

/// So many lines ($1) of a date ($2) were rolled up.
pub(crate) const ROLLED: &str = "UPDATE business_day SET rolled_lines = $1 WHERE open_from = $2";

/// Balances of a date ($1) behind an owner ($2) and an account ($3), of shares only if $4 is 1; so
/// many ($5).
pub(crate) const BALANCES: &str = "SELECT owner, account, debit_fen, credit_fen, bridged_fen, line_count \
    FROM day_balance WHERE open_from = $1 AND (owner, account) > ($2, $3) \
    AND (CAST($4 AS BIGINT) = 0 OR (account >= 'agent_accrued:' AND account < 'agent_accrued;')) \
    ORDER BY owner, account LIMIT CAST($5 AS BIGINT)";

/// How many lines were rolled up of a date, and their debits.
pub(crate) const ROLLED_TOTALS: &str = "SELECT CAST(coalesce(sum(line_count), 0) AS BIGINT), \
    CAST(coalesce(sum(debit_fen), 0) AS BIGINT) FROM day_balance WHERE open_from = $1";

/// The last date that is rolled up, as the instant after it; those before it are, too.
pub(crate) const ROLLED_THROUGH: &str =
    "SELECT max(open_from) FROM business_day WHERE rolled_lines IS NOT NULL";

/// What was rolled up of the bridge, in all books.
pub(crate) const ROLLED_BRIDGE: &str = "SELECT CAST(coalesce(sum(debit_fen - credit_fen), 0) AS BIGINT) \
    FROM day_balance WHERE account = 'bridge'";

/// Writes what was booked on an account on a date, over what stands.
pub(crate) const PUT_BALANCE: &str = "INSERT INTO day_balance (owner, account, open_from, debit_fen, \
    credit_fen, bridged_fen, line_count) VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (owner, account, open_from) DO UPDATE SET debit_fen = excluded.debit_fen, \
    credit_fen = excluded.credit_fen, bridged_fen = excluded.bridged_fen, \
    line_count = excluded.line_count";

/// Reads a row of [`FIND`].
pub(crate) fn read_closed(columns: &mut Columns<'_>) -> Result<ClosedDate> {
    Ok(ClosedDate {
        date: date(columns.at()?),
        closed_at: columns.at()?,
        audit: AuditHead {
            seq: columns.number()?,
            hash: columns.string()?,
        },
    })
}

/// The date that ends at an instant.
pub(crate) fn date(open_from: Timestamp) -> BusinessDate {
    BusinessDate::of(open_from.plus_ms(-1))
}

/// Reads an owner, an account and its sums.
pub(crate) fn read_balance(columns: &mut Columns<'_>) -> Result<DayBalance> {
    Ok(DayBalance {
        owner: Owner::of_name(&columns.string()?),
        account: columns.word(Account::parse)?,
        debit_fen: columns.integer()?,
        credit_fen: columns.integer()?,
        bridged_fen: columns.integer()?,
        lines: columns.number()?,
    })
}

/// A stretch of time in the journal, as conditions on its rows.
pub(crate) struct Stretch {
    /// When they were booked.
    pub(crate) booked: String,
    /// The numbers of nearly all of them.
    pub(crate) near: String,
    /// What the rest is found by.
    pub(crate) apart: String,
}

/// From an instant on, up to another one.
pub(crate) fn stretch(from: i64, until: Option<i64>) -> Stretch {
    let mut booked = format!("j.at >= {from}");
    if let Some(until) = until {
        booked = format!("{booked} AND j.at < {until}");
    }
    let (lowest, highest) = numbers(Span {
        from: Some(Timestamp::from_ms(from).plus_ms(-AFTER_MS)),
        until: until.map(|until| Timestamp::from_ms(until).plus_ms(BEFORE_MS)),
    });
    let (lowest, highest) = (lowest.unwrap_or(0), highest.unwrap_or(i64::MAX));
    Stretch {
        booked,
        near: format!("j.subject_no >= {lowest} AND j.subject_no < {highest}"),
        apart: format!(
            "{} AND (j.subject_no < {lowest} OR j.subject_no >= {highest})",
            apart()
        ),
    }
}

/// Sums by owner and account of the rows that `from` names as `j`: both lines of those that are one
/// row. [`read_balance`] reads them.
pub(crate) fn sums(from: &str) -> String {
    let sum = |what: &str| format!("CAST(sum({what}) AS BIGINT)");
    let side = |sign: &str, what: &str| {
        sum(&format!(
            "CASE WHEN amount_fen {sign} 0 THEN {what} ELSE 0 END"
        ))
    };
    let lines = both_lines(from);
    format!(
        "SELECT owner, account, {}, {}, {}, CAST(count(*) AS BIGINT) FROM ({lines}) line \
         GROUP BY owner, account",
        side(">", "amount_fen"),
        side("<", "-amount_fen"),
        sum("CASE WHEN kind IN ('bridge_out', 'bridge_in') THEN amount_fen ELSE 0 END"),
    )
}

/// The lines of rows that `from` names as `j`.
pub(crate) fn both_lines(from: &str) -> String {
    format!(
        "SELECT j.owner, j.kind, j.account, j.amount_fen FROM {from} \
         UNION ALL SELECT j.owner, j.kind, j.counter_account, -j.amount_fen FROM {from} \
         AND j.counter_account IS NOT NULL"
    )
}

/// How far the clock was moved.
pub(crate) const CLOCK_AHEAD: &str = "SELECT ahead_ms FROM sandbox_clock";

/// Moves the clock, forward only.
pub(crate) const MOVE_CLOCK: &str = "INSERT INTO sandbox_clock AS standing (one, ahead_ms) VALUES (1, $1) \
    ON CONFLICT (one) DO UPDATE SET ahead_ms = excluded.ahead_ms \
    WHERE excluded.ahead_ms > standing.ahead_ms";
