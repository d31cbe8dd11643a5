//! Business dates: what is closed, and what was booked. Of a date the rows are found by way of
//! their owners, one after the other, so that memory holds few of them.

use heliu_ports::store::{ClosedDate, DayBalance, DayBalances, DayProof, Totals};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::ledger::Account;
use heliu_trade::time::Timestamp;
use rusqlite::{Connection, params};

use crate::rows::day::{
    BALANCES, BEFORE, CLOCK_AHEAD, FIND, FIRST_BOOKED, OPEN_FROM, ROLLED_BRIDGE, ROLLED_THROUGH,
    ROLLED_TOTALS, Stretch, date, read_balance, read_closed, stretch, sums,
};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::{all, all_of, first};

/// Owners whose rows are read in one transaction.
const OWNERS: u32 = 200;

/// The last date that is closed.
pub(crate) fn closed_through(connection: &Connection) -> Result<Option<BusinessDate>, Fault> {
    let last = first(connection, OPEN_FROM, [], |columns| columns.at_opt())?;
    Ok(last.flatten().map(date))
}

/// A date that is closed.
pub(crate) fn closed(
    connection: &Connection,
    date: BusinessDate,
) -> Result<Option<ClosedDate>, Fault> {
    first(connection, FIND, [date.end().as_ms()], read_closed)
}

/// When the first entry was booked.
pub(crate) fn first_booked(connection: &Connection) -> Result<Option<Timestamp>, Fault> {
    let found = first(connection, FIRST_BOOKED, [], |columns| columns.at_opt())?;
    Ok(found.flatten())
}

/// From when on the rows of a date were booked, and until when: all that is before the first date
/// counts to it.
fn bounds(connection: &Connection, date: BusinessDate) -> Result<(i64, i64), Fault> {
    let until = date.end().as_ms();
    let from = first(connection, BEFORE, [until], |columns| columns.integer_opt())?;
    Ok((from.flatten().unwrap_or(i64::MIN), until))
}

/// What was booked on a date in the books of some owners.
pub(crate) struct Part {
    pub(crate) balances: Vec<DayBalance>,
    /// The last of those owners; `None`: there was none behind.
    pub(crate) last: Option<String>,
}

/// What was booked on a date in the books of the owners that stand behind one.
pub(crate) fn booked(
    connection: &Connection,
    date: BusinessDate,
    after: &str,
) -> Result<Part, Fault> {
    let (from, until) = bounds(connection, date)?;
    between(connection, from, Some(until), after)
}

/// The same from one instant on, up to another one.
fn between(
    connection: &Connection,
    from: i64,
    until: Option<i64>,
    after: &str,
) -> Result<Part, Fault> {
    let owners = owners(connection, after)?;
    let Some(last) = owners.last().cloned() else {
        return Ok(Part {
            balances: Vec::new(),
            last: None,
        });
    };
    let Stretch {
        booked,
        near,
        apart,
    } = stretch(from, until);
    // Those that stand apart are few, and found by their time.
    let rows =
        format!("journal_row j WHERE {apart} AND {booked} AND j.owner > ?1 AND j.owner <= ?2");
    let sql = sums(&rows);
    let mut apart = connection.prepare_cached(&sql)?;
    let far = all_of(&mut apart, params![after, last], read_balance)?;
    let rows = format!("journal_row j WHERE j.owner = ?1 AND {near} AND {booked}");
    let sql = sums(&rows);
    let mut near = connection.prepare_cached(&sql)?;
    let mut balances = Vec::new();
    for owner in &owners {
        balances.extend(all_of(&mut near, [owner], read_balance)?);
    }
    Ok(Part {
        balances: merged(balances, far),
        last: Some(last),
    })
}

/// Sums of two kinds together, by the names of owners and accounts.
fn merged(mut balances: Vec<DayBalance>, far: Vec<DayBalance>) -> Vec<DayBalance> {
    balances.extend(far);
    balances
        .sort_by_cached_key(|balance| (balance.owner.name().into_owned(), balance.account.name()));
    balances.dedup_by(|next, first| {
        let is_same = next.owner == first.owner && next.account == first.account;
        if is_same {
            first.debit_fen += next.debit_fen;
            first.credit_fen += next.credit_fen;
            first.bridged_fen += next.bridged_fen;
            first.lines += next.lines;
        }
        is_same
    });
    balances
}

/// Owners behind one, by hops from each to the next.
fn owners(connection: &Connection, after: &str) -> Result<Vec<String>, Fault> {
    let sql = "WITH RECURSIVE owners(owner) AS (
            SELECT min(owner) FROM journal_row WHERE owner > ?1
            UNION ALL SELECT (SELECT min(t.owner) FROM journal_row t WHERE t.owner > o.owner)
            FROM owners o WHERE o.owner IS NOT NULL)
        SELECT owner FROM owners WHERE owner IS NOT NULL LIMIT ?2";
    all(connection, sql, params![after, OWNERS], |columns| {
        columns.string()
    })
}

/// What was rolled up of a date.
pub(crate) fn balances(
    connection: &Connection,
    asked: &DayBalances,
) -> Result<Vec<DayBalance>, Fault> {
    let (owner, account) = asked.after.as_ref().map_or_else(Default::default, |place| {
        (place.0.name().into_owned(), place.1.name())
    });
    let parameters = params![
        asked.date.end().as_ms(),
        owner,
        account,
        i64::from(asked.only_shares),
        asked.limit,
    ];
    all(connection, BALANCES, parameters, read_balance)
}

/// Reads a closed date anew.
pub(crate) fn prove(connection: &Connection, date: BusinessDate) -> Result<DayProof, Fault> {
    let mut proof = DayProof {
        booked: Totals::default(),
        rolled: Totals::default(),
        sum_fen: 0,
        bridge_fen: bridge(connection)?,
    };
    let mut after = String::new();
    loop {
        let part = booked(connection, date, &after)?;
        for balance in &part.balances {
            proof.booked.lines += balance.lines;
            proof.booked.debit_fen += balance.debit_fen;
            proof.sum_fen += balance.debit_fen - balance.credit_fen;
        }
        let Some(last) = part.last else { break };
        after = last;
    }
    let rolled = first(connection, ROLLED_TOTALS, [date.end().as_ms()], |columns| {
        Ok(Totals {
            lines: columns.number()?,
            debit_fen: columns.integer()?,
        })
    })?;
    proof.rolled = rolled.unwrap_or_default();
    Ok(proof)
}

/// What stands on the bridge in all books: as it was rolled up, and what was booked since.
fn bridge(connection: &Connection) -> Result<i64, Fault> {
    let rolled = first(connection, ROLLED_THROUGH, [], |columns| {
        columns.integer_opt()
    })?;
    let rolled = rolled.flatten().unwrap_or(i64::MIN);
    let sum = first(connection, ROLLED_BRIDGE, [], |columns| columns.integer())?;
    let mut sum_fen = sum.unwrap_or(0);
    let mut after = String::new();
    loop {
        let part = between(connection, rolled, None, &after)?;
        let bridges = part
            .balances
            .iter()
            .filter(|balance| balance.account == Account::Bridge);
        sum_fen += bridges
            .map(|bridge| bridge.debit_fen - bridge.credit_fen)
            .sum::<i64>();
        let Some(last) = part.last else { break };
        after = last;
    }
    Ok(sum_fen)
}

/// How far the clock was moved, in ms.
pub(crate) fn clock_ahead_ms(connection: &Connection) -> Result<i64, Fault> {
    let ahead = first(connection, CLOCK_AHEAD, [], |columns| columns.integer())?;
    Ok(ahead.unwrap_or(0))
}
