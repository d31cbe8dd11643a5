//! A day's report: sums of the journal's own rows, so that it cannot but agree with it.
//!
//! Rows stand by their subjects' numbers, which rise with time. What was booked on a day is found
//! among the numbers of that day and the hour before, and in an index that holds what was booked
//! further from its number than that.

use heliu_ports::lists::{DayRow, Span};
use heliu_trade::attempt::Route;
use heliu_trade::id::{ChannelAccountId, MerchantId};
use heliu_trade::ledger::EntryKind;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::WalletKind;
use std::collections::BTreeMap;

use super::{Asked, Kind, numbers};
use crate::columns::{Columns, Result};

/// How far before its subject's number a row may be booked without standing apart, in ms. This and
/// the next are what the index `journal_apart` says.
pub(crate) const BEFORE_MS: i64 = 60_000;
/// How far after it, in ms.
pub(crate) const AFTER_MS: i64 = 3_600_000;

/// What the rows of that index have in common.
pub(crate) fn apart() -> String {
    format!(
        "j.at - ((j.subject_no >> 23) + 1577836800) * 1000 NOT BETWEEN {} AND {AFTER_MS}",
        -BEFORE_MS
    )
}

/// The first of the numbers near which a row of that stretch of time is booked, and the one behind
/// the last.
pub(crate) fn near(from: Timestamp, until: Timestamp) -> (i64, i64) {
    let near = numbers(Span {
        from: Some(from.plus_ms(-AFTER_MS)),
        until: Some(until.plus_ms(BEFORE_MS)),
    });
    (near.0.unwrap_or(0), near.1.unwrap_or(i64::MAX))
}

/// Sums by merchant, kind, wallet and channel account. The wallet and the account of the payment
/// stand with the order; those of another attempt in its route.
pub(crate) fn ask(from: Timestamp, until: Timestamp, kind: Kind) -> Asked {
    let booked = format!("j.at >= {} AND j.at < {}", from.as_ms(), until.as_ms());
    let (lowest, highest) = near(from, until);
    let near = format!("j.subject_no >= {lowest} AND j.subject_no < {highest}");
    let apart = apart();
    let columns = "j.owner, j.subject_no, j.kind, j.attempt_no, j.line_index, j.amount_fen";
    // SQLite finds numbers by way of their owners only, which it meets by hops from each to the
    // next.
    let (owners, by_owner) = match kind {
        Kind::Sqlite => (
            "owners(owner) AS (SELECT min(owner) FROM journal_row UNION ALL \
             SELECT (SELECT min(t.owner) FROM journal_row t WHERE t.owner > o.owner) FROM owners o \
             WHERE o.owner IS NOT NULL), ",
            "owners o CROSS JOIN journal_row j WHERE j.owner = o.owner AND",
        ),
        Kind::Postgres => ("", "journal_row j WHERE"),
    };
    let sql = format!(
        "/* list */ WITH RECURSIVE {owners}booked AS (\
         SELECT {columns} FROM {by_owner} {near} AND {booked} \
         UNION ALL SELECT {columns} FROM journal_row j WHERE {apart} AND {booked} \
             AND (j.subject_no < {lowest} OR j.subject_no >= {highest})) \
         SELECT j.owner, j.kind, s.wallet, s.channel_account_id, a.route, \
         CAST(sum(CASE WHEN j.line_index = 0 THEN 1 ELSE 0 END) AS BIGINT), \
         CAST(sum(CASE WHEN j.amount_fen > 0 THEN j.amount_fen ELSE 0 END) AS BIGINT) \
         FROM booked j \
         LEFT JOIN order_state s ON s.merchant_id = j.owner AND s.order_no = j.subject_no \
             AND s.paid_attempt_no = j.attempt_no \
         LEFT JOIN attempt a ON a.merchant_id = j.owner AND a.attempt_no = j.attempt_no \
             AND a.order_no = CASE WHEN s.order_no IS NULL THEN j.subject_no END \
         GROUP BY 1, 2, 3, 4, 5"
    );
    let texts = Vec::new();
    Asked { sql, texts }
}

/// What was booked of a kind, by a merchant, a wallet and a channel account.
pub(crate) struct Booked {
    place: Place,
    kind: EntryKind,
    count: u64,
    amount_fen: i64,
}

type Place = (MerchantId, Option<&'static str>, Option<ChannelAccountId>);

/// Reads a row of [`ask`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Booked> {
    let merchant_id: MerchantId = columns.name()?;
    let kind = columns.word(EntryKind::parse)?;
    let wallet = columns.word_opt(WalletKind::parse)?;
    let account = columns.name_opt()?;
    let (wallet, account) = match columns.json_opt::<Route>()? {
        Some(route) => (Some(route.wallet), Some(route.channel_account_id)),
        None => (wallet, account),
    };
    Ok(Booked {
        place: (merchant_id, wallet.map(WalletKind::as_str), account),
        kind,
        count: columns.number()?,
        amount_fen: columns.integer()?,
    })
}

/// The report's lines.
pub(crate) fn lines(booked: Vec<Booked>) -> Vec<DayRow> {
    let mut lines: BTreeMap<Place, DayRow> = BTreeMap::new();
    for of in booked {
        let (merchant_id, wallet, account) = of.place.clone();
        let line = lines.entry(of.place).or_insert_with(|| DayRow {
            merchant_id,
            wallet: wallet.and_then(WalletKind::parse),
            channel_account_id: account,
            sums: heliu_ports::lists::Sums::default(),
        });
        line.sums.add(of.kind, of.count, of.amount_fen);
    }
    lines.into_values().collect()
}
