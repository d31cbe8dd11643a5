//! `journal_row`: an entry that moves an amount between two accounts is one row, of any other entry
//! each line is; read back as entries.

use heliu_trade::id::{AttemptNo, RefundNo};
use heliu_trade::ledger::{Account, Entry, EntryCause, EntryKind, Line};

use crate::columns::{Columns, Result};

/// All rows of a subject, in order.
pub(crate) const OF_SUBJECT: &str = "SELECT entry_index, kind, at, attempt_no, refund_no, \
    account, amount_fen, counter_account FROM journal_row WHERE owner = $1 AND subject_no = $2 \
    ORDER BY entry_index, line_index";

/// How a row is written: a line of an entry, and the one that takes the opposite if the entry has
/// just these two. [`read`] and [`entries`] are the way back.
pub(crate) struct EntryRow<'e> {
    pub(crate) line_index: u32,
    pub(crate) line: &'e Line,
    pub(crate) counter: Option<&'e Line>,
}

/// The rows of an entry.
pub(crate) fn rows_of(entry: &Entry) -> Vec<EntryRow<'_>> {
    let row = |line_index, line, counter| EntryRow {
        line_index,
        line,
        counter,
    };
    match entry.lines.as_slice() {
        [line, counter] if line.amount_fen == -counter.amount_fen => {
            vec![row(0, line, Some(counter))]
        }
        lines => (0..)
            .zip(lines)
            .map(|(index, line)| row(index, line, None))
            .collect(),
    }
}

/// An entry with the lines of one row.
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Entry> {
    let mut entry = Entry {
        index: columns.count()?,
        kind: columns.word(EntryKind::parse)?,
        at: columns.at()?,
        cause: EntryCause {
            attempt_no: columns.number_opt()?.map(AttemptNo::from_u64),
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
