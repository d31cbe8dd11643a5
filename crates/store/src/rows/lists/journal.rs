//! What stands on a book's accounts, and the lines behind it. A row that names a counter-account is
//! two lines.

use heliu_ports::journal::{Balance, BookedLine, JournalFilter};
use heliu_ports::lists::{Cursor, Page};
use heliu_trade::id::{AttemptNo, PlatformNo, RefundNo};
use heliu_trade::ledger::{Account, EntryKind};
use heliu_trade::time::Timestamp;

use super::{Asked, Conditions, List, limit};
use crate::columns::{Columns, Result, integer};
use crate::rows::day::{Stretch, stretch};

/// The lines of the rows that a condition takes, both of those that are one row.
fn lines(wanted: &str) -> String {
    let columns = "subject_no, entry_index, kind, at, attempt_no, refund_no";
    format!(
        "SELECT {columns}, 2 * line_index AS line_no, account, amount_fen \
         FROM journal_row j WHERE {wanted} \
         UNION ALL SELECT {columns}, 2 * line_index + 1, counter_account, -amount_fen \
         FROM journal_row j WHERE {wanted} AND counter_account IS NOT NULL"
    )
}

fn until(filter: &JournalFilter, all: &mut Conditions) {
    all.is("owner", Some(&filter.owner.name()));
    if let Some(until) = filter.until.map(Timestamp::as_ms) {
        all.add(format!("at < {until}"));
    }
}

/// Up to when balances may be taken from what was rolled up, as one number or none: the last date
/// that was, and that ends in time; if debits and credits are asked for from an instant on, dates
/// must tell those before it apart.
pub(crate) fn rolled(filter: &JournalFilter) -> Asked {
    let mut all = Conditions::default();
    all.add("rolled_lines IS NOT NULL");
    if let Some(until) = filter.until.map(Timestamp::as_ms) {
        all.add(format!("open_from <= {until}"));
    }
    let wanted = all.sql();
    let last = format!("SELECT max(open_from) FROM business_day WHERE {wanted}");
    let sql = match filter.from.map(Timestamp::as_ms) {
        None => format!("/* list */ {last}"),
        Some(from) => format!(
            "/* list */ SELECT max(d.open_from) FROM business_day d WHERE d.open_from = ({last}) \
             AND (d.open_from <= {from} OR EXISTS (SELECT 1 FROM business_day b \
             WHERE b.open_from = {from} AND b.rolled_lines IS NOT NULL))"
        ),
    };
    all.ask(sql)
}

/// Sums by account: of what was rolled up until `rolled`, and of the lines since.
pub(crate) fn balances(filter: &JournalFilter, rolled: Option<i64>) -> Asked {
    let mut all = Conditions::default();
    until(filter, &mut all);
    let wanted = all.take();
    let from = filter.from.map_or(i64::MIN, Timestamp::as_ms);
    let side = |sign: &str, what: &str| {
        format!("CASE WHEN at >= {from} AND amount_fen {sign} 0 THEN {what} ELSE 0 END")
    };
    let amounts = |lines: &str| {
        format!(
            "SELECT account, {} AS debit_fen, {} AS credit_fen, amount_fen AS balance_fen \
             FROM ({lines}) line",
            side(">", "amount_fen"),
            side("<", "-amount_fen"),
        )
    };
    let parts = match rolled {
        None => amounts(&lines(&wanted)),
        Some(rolled) => {
            let Stretch { near, apart, .. } = stretch(rolled, None);
            let since = format!("{wanted} AND at >= {rolled}");
            let since = |more: &str| amounts(&lines(&format!("{since} AND {more}")));
            format!(
                "SELECT account, CASE WHEN open_from > {from} THEN debit_fen ELSE 0 END AS debit_fen, \
                 CASE WHEN open_from > {from} THEN credit_fen ELSE 0 END AS credit_fen, \
                 debit_fen - credit_fen AS balance_fen FROM day_balance \
                 WHERE owner = $1 AND open_from <= {rolled} UNION ALL {} UNION ALL {}",
                since(&near),
                since(&apart),
            )
        }
    };
    let name = filter.account.as_ref().map(Account::name);
    all.is("account", name.as_deref());
    let wanted = all.sql();
    let sum = |column: &str| format!("CAST(sum({column}) AS BIGINT)");
    let sql = format!(
        "/* list */ SELECT account, {}, {}, {} FROM ({parts}) part WHERE {wanted} GROUP BY account",
        sum("debit_fen"),
        sum("credit_fen"),
        sum("balance_fen"),
    );
    all.ask(sql)
}

/// Reads a row of [`balances`].
pub(crate) fn read_balance(columns: &mut Columns<'_>) -> Result<Balance> {
    Ok(Balance {
        account: columns.word(Account::parse)?,
        debit_fen: columns.integer()?,
        credit_fen: columns.integer()?,
        balance_fen: columns.integer()?,
    })
}

/// By the accounts' words, which databases sort as they like.
pub(crate) fn sorted(mut balances: Vec<Balance>) -> Vec<Balance> {
    balances.sort_by_key(|balance| balance.account.name());
    balances
}

/// The page of lines.
pub(crate) fn list(filter: &JournalFilter, page: &Page) -> List<BookedLine> {
    let mut all = Conditions::default();
    until(filter, &mut all);
    if let Some(from) = filter.from.map(Timestamp::as_ms) {
        all.add(format!("at >= {from}"));
    }
    let after = page.after.as_ref().map(Cursor::as_str);
    let place = after.map(BookedLine::parse_place);
    if let Some(Some((number, ..))) = place {
        all.add(format!("subject_no >= {}", integer(number.as_u64())));
    }
    let lines = lines(&all.take());
    match place {
        None => {}
        Some(None) => all.add("1 = 0"),
        Some(Some((number, entry, line))) => {
            let number = integer(number.as_u64());
            let place = format!("({number}, {entry}, {line})");
            all.add(format!("(subject_no, entry_index, line_no) > {place}"));
        }
    }
    let name = filter.account.as_ref().map(Account::name);
    all.is("account", name.as_deref());
    let (wanted, limit) = (all.sql(), limit(page));
    let sql = format!(
        "/* list */ SELECT subject_no, entry_index, line_no, kind, at, attempt_no, refund_no, \
         account, amount_fen FROM ({lines}) line WHERE {wanted} \
         ORDER BY subject_no, entry_index, line_no LIMIT {limit}"
    );
    List {
        asked: all.ask(sql),
        read,
        place: BookedLine::place,
        page: page.clone(),
    }
}

fn read(columns: &mut Columns<'_>) -> Result<BookedLine> {
    Ok(BookedLine {
        subject_no: PlatformNo::from_u64(columns.number()?),
        entry_index: columns.count()?,
        line_no: columns.count()?,
        kind: columns.word(EntryKind::parse)?,
        at: columns.at()?,
        attempt_no: columns.number_opt()?.map(AttemptNo::from_u64),
        refund_no: columns.number_opt()?.map(RefundNo::from_u64),
        account: columns.word(Account::parse)?,
        amount_fen: columns.integer()?,
    })
}
