//! Items of settlements, by a look at every entry.

use std::collections::BTreeSet;

use heliu_ports::store::{Booked, Gather, Gathered, OwnerStanding, Waiting};
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::ledger::{Account, Entry, EntryKind};
use heliu_trade::record::Record;
use heliu_trade::settlement::{SettlementSums, item_class};

use super::books::Books;

impl Books {
    fn is_direct(&self, subject: &Subject) -> bool {
        let around = self.around.get(subject);
        let mut entries = around.iter().flat_map(|around| &around.entries);
        entries.any(|entry| entry.kind == EntryKind::SettledDirect)
    }

    /// Entries that may be items, of all owners, with what they credit the owner's balance with.
    fn may_be_items(&self) -> impl Iterator<Item = (&Subject, &Entry, i64)> {
        let entries = self.around.iter().flat_map(|(subject, around)| {
            let entries = around.entries.iter();
            entries.map(move |entry| (subject, entry))
        });
        entries.filter_map(|(subject, entry)| {
            let owed_fen = -on(entry, &balance(&subject.owner)?)?;
            let is_item = item_class(entry.kind).is_some() && !self.is_direct(subject);
            is_item.then_some((subject, entry, owed_fen))
        })
    }

    fn to_gather(&self, booked: Booked) -> impl Iterator<Item = (&Subject, &Entry)> {
        let items = self.may_be_items();
        let items = items.filter(move |(subject, entry, _)| {
            let key = ((*subject).clone(), entry.index);
            (booked.from..booked.until).contains(&entry.at)
                && !self.settlement_items.contains_key(&key)
        });
        items.map(|(subject, entry, _)| (subject, entry))
    }

    pub(super) fn owners_to_settle(
        &self,
        booked: Booked,
        after: Option<&Owner>,
        limit: u32,
    ) -> Vec<Owner> {
        let owners = self.to_gather(booked).map(|(subject, _)| &subject.owner);
        page(owners, after, limit)
    }

    pub(super) fn gather_items(&mut self, gather: &Gather) -> Gathered {
        let of_owner = self.to_gather(gather.booked);
        let of_owner = of_owner.filter(|(subject, _)| subject.owner == gather.settlement.owner);
        let keys: Vec<_> = of_owner
            .map(|(subject, entry)| (subject.clone(), entry.index))
            .take(gather.limit as usize)
            .collect();
        let next = keys.last().map(|(subject, _)| subject.no);
        let items = keys.len() as u64;
        let is_full = items >= u64::from(gather.limit);
        for key in keys {
            self.settlement_items.insert(key, gather.settlement.no);
        }
        Gathered {
            items,
            next: next.filter(|_| is_full),
        }
    }

    pub(super) fn sum_items(&self, settlement: &Subject) -> SettlementSums {
        let mut sums = SettlementSums::default();
        for (subject, entry, owed_fen) in self.may_be_items() {
            let key = (subject.clone(), entry.index);
            let is_its = self.settlement_items.get(&key) == Some(&settlement.no);
            if is_its && subject.owner == settlement.owner {
                sums.add(entry.kind, 1, owed_fen);
            }
        }
        sums
    }

    fn waiting<'b>(&'b self, waiting: &'b Waiting) -> impl Iterator<Item = &'b Record> {
        let fits = |record: &&Record| record.kind == waiting.kind && record.state == waiting.state;
        self.records.values().filter(fits)
    }

    pub(super) fn owners_waiting(
        &self,
        waiting: &Waiting,
        after: Option<&Owner>,
        limit: u32,
    ) -> Vec<Owner> {
        let owners = self.waiting(waiting).map(|record| &record.subject.owner);
        page(owners, after, limit)
    }

    pub(super) fn waiting_records(
        &self,
        waiting: &Waiting,
        owner: &Owner,
        limit: u32,
    ) -> Vec<Record> {
        let of_owner = self.waiting(waiting);
        let of_owner = of_owner.filter(|record| record.subject.owner == *owner);
        of_owner.take(limit as usize).cloned().collect()
    }

    pub(super) fn owner_standings(&self, after: Option<&Owner>, limit: u32) -> Vec<OwnerStanding> {
        let with_entries = self.around.iter();
        let with_entries = with_entries.filter(|(_, around)| !around.entries.is_empty());
        let owners = page(
            with_entries.map(|(subject, _)| &subject.owner),
            after,
            limit,
        );
        owners
            .into_iter()
            .map(|owner| self.standing(owner))
            .collect()
    }

    pub(super) fn standing(&self, owner: Owner) -> OwnerStanding {
        let mut standing = OwnerStanding {
            owner,
            balance_fen: 0,
            unpaid_fen: 0,
            frozen_fen: 0,
            reserve_fen: 0,
            due_fen: 0,
            in_transit_fen: 0,
        };
        let of_owner = self.around.iter();
        for (subject, around) in of_owner.filter(|(subject, _)| subject.owner == standing.owner) {
            let balance = balance(&subject.owner).filter(|_| !self.is_direct(subject));
            for entry in &around.entries {
                let fen = |account: &Account| on(entry, account).unwrap_or(0);
                standing.balance_fen += balance.as_ref().map_or(0, fen);
                standing.frozen_fen += fen(&Account::Frozen);
                standing.reserve_fen += fen(&Account::Reserve);
                standing.due_fen += fen(&Account::PayoutDue);
                standing.in_transit_fen += fen(&Account::InTransit);
            }
        }
        let unpaid = self.may_be_items().filter(|(subject, entry, _)| {
            let settlement = self
                .settlement_items
                .get(&((*subject).clone(), entry.index));
            let settlement = settlement.and_then(|no| self.records.get(no));
            subject.owner == standing.owner && settlement.is_none_or(|it| it.state != "paid_out")
        });
        standing.unpaid_fen = -unpaid.map(|(_, _, owed_fen)| owed_fen).sum::<i64>();
        standing
    }
}

/// The balance of an owner who may have one.
fn balance(owner: &Owner) -> Option<Account> {
    (*owner != Owner::Platform).then(|| owner.balance())
}

/// What an entry moves on an account, debits less credits; `None`: nothing.
fn on(entry: &Entry, account: &Account) -> Option<i64> {
    let lines = entry.lines.iter();
    let lines = lines.filter(|line| line.account == *account);
    lines.map(|line| line.amount_fen).reduce(|a, b| a + b)
}

/// Each owner once, in the order of their names, behind one; so many.
fn page<'o>(
    owners: impl Iterator<Item = &'o Owner>,
    after: Option<&Owner>,
    limit: u32,
) -> Vec<Owner> {
    let after = after.map(|owner| owner.name().into_owned());
    let names: BTreeSet<String> = owners.map(|owner| owner.name().into_owned()).collect();
    let behind = names
        .into_iter()
        .filter(|name| after.as_ref().is_none_or(|after| name > after));
    behind
        .take(limit as usize)
        .map(|name| Owner::of_name(&name))
        .collect()
}
