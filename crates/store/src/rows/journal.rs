//! `journal_row`: an entry that moves an amount between two accounts is one row, of any other entry each
//! line is; read back as entries.

use heliu_trade::id::{AttemptNo, OrderNo, RefundNo};
use heliu_trade::journal::{Account, Entry, EntryKind, EntrySubject, Line};

use crate::columns::{Columns, Result};

/// All rows of an order, in order.
pub(crate) const OF_ORDER: &str = "SELECT order_no, entry_index, kind, at, attempt_no, refund_no, \
    account, amount_fen, counter_account FROM journal_row WHERE merchant_id = $1 AND order_no = $2 \
    ORDER BY entry_index, line_index";

/// An entry with the lines of one row.
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Entry> {
    let order_no = OrderNo::from_u64(columns.number()?);
    let mut entry = Entry {
        index: columns.count()?,
        kind: columns.word(EntryKind::parse)?,
        at: columns.at()?,
        subject: EntrySubject {
            order_no,
            attempt_no: AttemptNo::from_u64(columns.number()?),
            refund_no: columns.number_opt()?.map(RefundNo::from_u64),
        },
        lines: Vec::with_capacity(2),
    };
    let account = columns.word(Account::parse)?;
    let amount_fen = columns.integer()?;
    entry.lines.push(Line {
        account,
        amount_fen,
    });
    if let Some(account) = columns.word_opt(Account::parse)? {
        entry.lines.push(Line {
            account,
            amount_fen: -amount_fen,
        });
    }
    Ok(entry)
}

/// Puts rows of the same entry together; they come in order.
pub(crate) fn entries(rows: Vec<Entry>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for row in rows {
        match entries.last_mut() {
            Some(entry) if entry.index == row.index => entry.lines.extend(row.lines),
            _ => entries.push(row),
        }
    }
    entries
}
