//! Business dates, by looking at every entry.

use heliu_ports::store::{
    AuditHead, ClosedDate, DayBalance, DayBalances, DayProof, RolledUp, Totals,
};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::ledger::{Account, EntryKind};
use heliu_trade::time::Timestamp;

use super::books::{Books, Rolled};

impl Books {
    /// The first instant that is not closed.
    pub(super) fn open_from(&self) -> Timestamp {
        let last = self.closed_dates.last_key_value();
        last.map_or(Timestamp::from_ms(i64::MIN), |(date, _)| date.end())
    }

    pub(super) fn first_booked(&self) -> Option<Timestamp> {
        let entries = self.around.values().flat_map(|around| &around.entries);
        entries.map(|entry| entry.at).min()
    }

    pub(super) fn close_date(&mut self, date: BusinessDate, now: Timestamp) -> ClosedDate {
        let last = self.audit.last();
        let audit = last.map_or_else(AuditHead::default, |row| AuditHead {
            seq: row.seq,
            hash: row.hash.clone(),
        });
        let closed = self.closed_dates.entry(date).or_insert(ClosedDate {
            date,
            closed_at: now,
            audit,
        });
        closed.clone()
    }

    /// What the journal says of a date; all that is before the first one counts to it.
    fn booked(&self, date: BusinessDate) -> Rolled {
        let before = self.closed_dates.range(..date).next_back();
        let from = before.map_or(Timestamp::from_ms(i64::MIN), |(date, _)| date.end());
        let mut rolled = Rolled::new();
        for (subject, around) in &self.around {
            let entries = around.entries.iter();
            for entry in entries.filter(|entry| entry.at >= from && entry.at < date.end()) {
                for line in &entry.lines {
                    let key = (subject.owner.name().into_owned(), line.account.name());
                    let balance = rolled.entry(key).or_insert_with(|| DayBalance {
                        owner: subject.owner.clone(),
                        account: line.account.clone(),
                        debit_fen: 0,
                        credit_fen: 0,
                        bridged_fen: 0,
                        lines: 0,
                    });
                    balance.debit_fen += line.amount_fen.max(0);
                    balance.credit_fen -= line.amount_fen.min(0);
                    balance.lines += 1;
                    if matches!(entry.kind, EntryKind::BridgeOut | EntryKind::BridgeIn) {
                        balance.bridged_fen += line.amount_fen;
                    }
                }
            }
        }
        rolled
    }

    pub(super) fn roll_up(&mut self, date: BusinessDate) -> RolledUp {
        let booked = self.booked(date);
        let done = RolledUp {
            accounts: u64::try_from(booked.len()).unwrap_or(0),
            lines: booked.values().map(|balance| balance.lines).sum(),
        };
        self.rolled.insert(date, booked);
        done
    }

    pub(super) fn day_balances(&self, asked: &DayBalances) -> Vec<DayBalance> {
        let Some(rolled) = self.rolled.get(&asked.date) else {
            return Vec::new();
        };
        let after = asked.after.as_ref();
        let after = after.map(|(owner, account)| (owner.name().into_owned(), account.name()));
        let found = rolled
            .iter()
            .filter(|(key, _)| after.as_ref().is_none_or(|after| *key > after))
            .map(|(_, balance)| balance)
            .filter(|balance| {
                !asked.only_shares || matches!(balance.account, Account::AgentAccrued(_))
            });
        let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
        found.take(limit).cloned().collect()
    }

    pub(super) fn prove_day(&self, date: BusinessDate) -> DayProof {
        let (booked, bridge) = (self.booked(date), self.lines_of(&Account::Bridge));
        let sum_fen = booked
            .values()
            .map(|balance| balance.debit_fen - balance.credit_fen);
        DayProof {
            booked: totals(&booked),
            rolled: self.rolled.get(&date).map(totals).unwrap_or_default(),
            sum_fen: sum_fen.sum(),
            bridge_fen: bridge.iter().sum(),
        }
    }

    fn lines_of(&self, account: &Account) -> Vec<i64> {
        let entries = self.around.values().flat_map(|around| &around.entries);
        let lines = entries.flat_map(|entry| &entry.lines);
        let its = lines.filter(|line| line.account == *account);
        its.map(|line| line.amount_fen).collect()
    }
}

fn totals(rolled: &Rolled) -> Totals {
    Totals {
        lines: rolled.values().map(|balance| balance.lines).sum(),
        debit_fen: rolled.values().map(|balance| balance.debit_fen).sum(),
    }
}
