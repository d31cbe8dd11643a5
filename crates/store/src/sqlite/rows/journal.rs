//! `journal_line`: one row a line, read back as entries.

use heliu_trade::id::{AttemptNo, OrderNo, RefundNo};
use heliu_trade::journal::{Account, Entry, EntryKind, EntrySubject, Line};
use rusqlite::{Result, Row};

use crate::sqlite::columns::Columns;

/// All lines of an order, in order.
pub(crate) const OF_ORDER: &str = "SELECT order_no, entry_index, kind, at, attempt_no, refund_no, \
    account, amount_fen FROM journal_line WHERE merchant_id = ?1 AND order_no = ?2 \
    ORDER BY entry_index, line_index";

/// An entry with one of its lines.
pub(crate) fn read(row: &Row<'_>) -> Result<Entry> {
    let mut columns = Columns::of(row);
    let order_no = OrderNo::from_u64(columns.number()?);
    Ok(Entry {
        index: columns.value()?,
        kind: columns.word(EntryKind::parse)?,
        at: columns.at()?,
        subject: EntrySubject {
            order_no,
            attempt_no: AttemptNo::from_u64(columns.number()?),
            refund_no: columns.number_opt()?.map(RefundNo::from_u64),
        },
        lines: vec![Line {
            account: columns.word(Account::parse)?,
            amount_fen: columns.value()?,
        }],
    })
}

/// Puts lines of the same entry together; they come in order.
pub(crate) fn entries(lines: Vec<Entry>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in lines {
        match entries.last_mut() {
            Some(entry) if entry.index == line.index => entry.lines.extend(line.lines),
            _ => entries.push(line),
        }
    }
    entries
}
