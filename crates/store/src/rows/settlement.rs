//! `settlement_item`: which entry of the journal is an item of which settlement. All statements are
//! such that both databases understand them.
//!
//! What was booked in a stretch of time is found as reports find it: among the numbers of that time
//! and the hour before, and, booked further from its number than that, in an index of the owner's.

use heliu_ports::lists::Span;
use heliu_ports::store::{Booked, Gather, OwnerStanding};
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::PlatformNo;
use heliu_trade::ledger::EntryKind;
use heliu_trade::settlement::{SettlementSums, item_class};

use super::lists::numbers;
use super::lists::report::{AFTER_MS, BEFORE_MS, apart};
use crate::columns::{Columns, Result, integer};

/// The balances of owners, by the accounts' words.
const BALANCES: &str = "'merchant_balance', 'agent_balance'";

/// The kinds of entries that may be items.
fn kinds() -> String {
    let items = EntryKind::ALL.into_iter();
    let items = items.filter(|kind| item_class(*kind).is_some());
    let words: Vec<_> = items.map(|kind| format!("'{}'", kind.as_str())).collect();
    words.join(", ")
}

/// Whether a row of the journal is of an entry on its owner's balance of a kind that may be an
/// item, of an order with which the channel has not settled.
fn may_be_item() -> String {
    format!(
        "j.kind IN ({}) AND (j.account IN ({BALANCES}) OR j.counter_account IN ({BALANCES})) \
         AND NOT EXISTS (SELECT 1 FROM journal_row d WHERE d.owner = j.owner \
             AND d.subject_no = j.subject_no AND d.kind = 'settled_direct')",
        kinds()
    )
}

/// Whether it is none yet.
const IS_FREE: &str = "NOT EXISTS (SELECT 1 FROM settlement_item i WHERE i.owner = j.owner \
    AND i.subject_no = j.subject_no AND i.entry_index = j.entry_index)";

/// The conditions of rows that were booked in a stretch of time: of nearly all of them, and of the
/// rest.
fn stretches(booked: Booked) -> (String, String) {
    let Booked { from, until } = booked;
    let (lowest, highest) = numbers(Span {
        from: Some(from.plus_ms(-AFTER_MS)),
        until: Some(until.plus_ms(BEFORE_MS)),
    });
    let (lowest, highest) = (lowest.unwrap_or(0), highest.unwrap_or(i64::MAX));
    let then = format!("j.at >= {} AND j.at < {}", from.as_ms(), until.as_ms());
    (
        format!("{then} AND j.subject_no >= {lowest} AND j.subject_no < {highest}"),
        format!(
            "{then} AND {} AND (j.subject_no < {lowest} OR j.subject_no >= {highest})",
            apart()
        ),
    )
}

/// Owners behind $1, by hops from each to the next.
const OWNERS: &str = "owners(owner) AS (SELECT min(owner) FROM journal_row WHERE owner > $1 \
    UNION ALL SELECT (SELECT min(t.owner) FROM journal_row t WHERE t.owner > o.owner) \
    FROM owners o WHERE o.owner IS NOT NULL)";

/// Owners behind $1 of whom something is to be gathered; so many ($2).
pub(crate) fn owners_to_settle(booked: Booked) -> String {
    let (near, apart) = stretches(booked);
    let item = may_be_item();
    let exists = |stretch: &str| {
        format!(
            "EXISTS (SELECT 1 FROM journal_row j WHERE j.owner = o.owner AND {stretch} \
             AND {item} AND {IS_FREE})"
        )
    };
    format!(
        "/* list */ WITH RECURSIVE {OWNERS} SELECT o.owner FROM owners o \
         WHERE o.owner IS NOT NULL AND ({} OR {}) LIMIT CAST($2 AS BIGINT)",
        exists(&near),
        exists(&apart)
    )
}

/// Gathers of nearly all rows, in the order of their numbers, at most as many entries as the limit
/// says; tells the number of each.
pub(crate) fn gather_near(gather: &Gather) -> String {
    let (near, _) = stretches(gather.booked);
    let after = gather.after.map_or(0, |no| integer(no.as_u64()));
    gather_rows(gather, &format!("{near} AND j.subject_no >= {after}"))
}

/// Gathers the rest.
pub(crate) fn gather_apart(gather: &Gather) -> String {
    let (_, apart) = stretches(gather.booked);
    gather_rows(gather, &apart)
}

fn gather_rows(gather: &Gather, stretch: &str) -> String {
    let (item, number) = (may_be_item(), integer(gather.settlement.no.as_u64()));
    format!(
        "INSERT INTO settlement_item (owner, subject_no, entry_index, settlement_no) \
         SELECT DISTINCT j.owner, j.subject_no, j.entry_index, {number} FROM journal_row j \
         WHERE j.owner = $1 AND {stretch} AND {item} AND {IS_FREE} \
         ORDER BY j.subject_no, j.entry_index LIMIT {} \
         ON CONFLICT (owner, subject_no, entry_index) DO NOTHING RETURNING subject_no",
        gather.limit
    )
}

/// Where the next gathering goes on, after one of `limit` that told these numbers.
pub(crate) fn next(numbers: &[PlatformNo], limit: u32) -> Option<PlatformNo> {
    let is_full = u32::try_from(numbers.len()).is_ok_and(|count| count >= limit);
    numbers.iter().max().copied().filter(|_| is_full)
}

/// Whether something of a subject ($1: owner, $2: number) is an item of a settlement.
pub(crate) const IS_SETTLED: &str =
    "SELECT 1 FROM settlement_item WHERE owner = $1 AND subject_no = $2 LIMIT 1";

/// What entries of a row move on their owner's balance: debits less credits.
fn on_balance() -> String {
    format!("CASE WHEN j.account IN ({BALANCES}) THEN j.amount_fen ELSE -j.amount_fen END")
}

/// Sums by kind of a settlement's ($1: owner, $2: number) items.
pub(crate) fn sum_items() -> String {
    let moved = on_balance();
    format!(
        "/* list */ SELECT j.kind, CAST(count(*) AS BIGINT), CAST(sum({moved}) AS BIGINT) \
         FROM settlement_item i JOIN journal_row j ON j.owner = i.owner \
             AND j.subject_no = i.subject_no AND j.entry_index = i.entry_index \
         WHERE i.owner = $1 AND i.settlement_no = $2 \
         AND (j.account IN ({BALANCES}) OR j.counter_account IN ({BALANCES})) GROUP BY j.kind"
    )
}

/// A kind of items, how many, and what they move on the balance.
pub(crate) fn read_sum(columns: &mut Columns<'_>) -> Result<(EntryKind, u64, i64)> {
    Ok((
        columns.word(EntryKind::parse)?,
        columns.number()?,
        columns.integer()?,
    ))
}

/// What sums by kind come to.
pub(crate) fn total(sums: Vec<(EntryKind, u64, i64)>) -> SettlementSums {
    let mut total = SettlementSums::default();
    for (kind, count, moved_fen) in sums {
        total.add(kind, count, -moved_fen);
    }
    total
}

/// Owners behind $1 with records of a kind ($2) in a state ($3); so many ($4).
pub(crate) const OWNERS_WAITING: &str = "/* list */ SELECT DISTINCT r.owner FROM record r \
    WHERE r.owner > $1 AND r.kind = $2 AND r.state = $3 ORDER BY r.owner \
    LIMIT CAST($4 AS BIGINT)";

/// Reads an owner's name.
pub(crate) fn read_owner(columns: &mut Columns<'_>) -> Result<Owner> {
    Ok(Owner::of_name(&columns.string()?))
}

/// How owners behind $1 stand; so many ($2).
pub(crate) fn standings() -> String {
    let item = may_be_item();
    let side = |accounts: &str, what: &str| {
        format!(
            "coalesce((SELECT CAST(sum(CASE WHEN j.account IN ({accounts}) THEN j.amount_fen \
             ELSE -j.amount_fen END) AS BIGINT) FROM journal_row j WHERE j.owner = o.owner \
             AND (j.account IN ({accounts}) OR j.counter_account IN ({accounts})) {what}), 0)"
        )
    };
    let direct = "AND NOT EXISTS (SELECT 1 FROM journal_row d WHERE d.owner = j.owner \
        AND d.subject_no = j.subject_no AND d.kind = 'settled_direct')";
    let unpaid = format!(
        "AND {item} AND NOT EXISTS (SELECT 1 FROM settlement_item i \
         JOIN record r ON r.owner = i.owner AND r.subject_no = i.settlement_no \
         WHERE i.owner = j.owner AND i.subject_no = j.subject_no \
         AND i.entry_index = j.entry_index AND r.state = 'paid_out')"
    );
    format!(
        "/* list */ WITH RECURSIVE {OWNERS} SELECT o.owner, {}, {}, {}, {}, {}, {} FROM owners o \
         WHERE o.owner IS NOT NULL LIMIT CAST($2 AS BIGINT)",
        side(BALANCES, direct),
        side(BALANCES, &unpaid),
        side("'frozen'", ""),
        side("'reserve'", ""),
        side("'payout_due'", ""),
        side("'in_transit'", ""),
    )
}

/// Reads a row of [`standings`].
pub(crate) fn read_standing(columns: &mut Columns<'_>) -> Result<OwnerStanding> {
    Ok(OwnerStanding {
        owner: read_owner(columns)?,
        balance_fen: columns.integer()?,
        unpaid_fen: columns.integer()?,
        frozen_fen: columns.integer()?,
        reserve_fen: columns.integer()?,
        due_fen: columns.integer()?,
        in_transit_fen: columns.integer()?,
    })
}
