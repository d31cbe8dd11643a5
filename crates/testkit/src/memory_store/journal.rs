//! What stands on a book's accounts, by looking at every entry.

use std::collections::BTreeMap;

use heliu_ports::journal::{Balance, BookedLine, JournalFilter};
use heliu_ports::lists::{Listed, Page};
use heliu_trade::ledger::Account;

use super::books::Books;

impl Books {
    /// Lines on the accounts that are asked for, whenever they were booked.
    fn lines(&self, filter: &JournalFilter) -> Vec<BookedLine> {
        let its = self.around.iter();
        let its = its.filter(|(subject, _)| subject.owner == filter.owner);
        let mut lines = Vec::new();
        for (subject, around) in its {
            for entry in &around.entries {
                lines.extend((0..).zip(&entry.lines).map(|(line_no, line)| BookedLine {
                    subject_no: subject.no,
                    entry_index: entry.index,
                    line_no,
                    kind: entry.kind,
                    at: entry.at,
                    attempt_no: entry.cause.attempt_no,
                    refund_no: entry.cause.refund_no,
                    account: line.account.clone(),
                    amount_fen: line.amount_fen,
                }));
            }
        }
        let wanted = filter.account.as_ref();
        lines.retain(|line| wanted.is_none_or(|account| line.account == *account));
        lines.retain(|line| filter.until.is_none_or(|until| line.at < until));
        lines
    }

    pub(super) fn balances(&self, filter: &JournalFilter) -> Vec<Balance> {
        let mut balances: BTreeMap<String, Balance> = BTreeMap::new();
        for line in self.lines(filter) {
            let new = |account: Account| Balance {
                account,
                debit_fen: 0,
                credit_fen: 0,
                balance_fen: 0,
            };
            let place = balances.entry(line.account.name());
            let balance = place.or_insert_with(|| new(line.account));
            balance.balance_fen += line.amount_fen;
            if filter.from.is_none_or(|from| line.at >= from) {
                balance.debit_fen += line.amount_fen.max(0);
                balance.credit_fen -= line.amount_fen.min(0);
            }
        }
        balances.into_values().collect()
    }

    pub(super) fn list_journal(&self, filter: &JournalFilter, page: &Page) -> Listed<BookedLine> {
        let place = |line: &BookedLine| (line.subject_no, line.entry_index, line.line_no);
        let mut lines = self.lines(filter);
        lines.retain(|line| filter.from.is_none_or(|from| line.at >= from));
        lines.sort_by_key(place);
        if let Some(after) = &page.after {
            match BookedLine::parse_place(after.as_str()) {
                Some(after) => lines.retain(|line| place(line) > after),
                None => lines.clear(),
            }
        }
        Listed::of(lines, page, BookedLine::place)
    }
}
