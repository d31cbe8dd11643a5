//! What stands on accounts, and the lines behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use heliu_trade::followup::subject::Owner;
use heliu_trade::id::PlatformNo;
use heliu_trade::ledger::{Account, EntryKind};

use super::super::steps::START;
use super::{all, made, naive};
use crate::journal::{BookedLine, JournalFilter};
use crate::lists::{Cursor, Page};
use crate::store::Store;

pub(in super::super) async fn accounts_are_equal_to_the_journal(store: &Arc<dyn Store>) {
    made::make(store).await;
    let books = naive::books(store).await;
    let owners = books.iter().map(|book| book.order.subject().owner);
    let owners: BTreeSet<_> = owners.collect();
    let mut kinds = Vec::new();
    for owner in &owners {
        // All lines of its book: number, entry, when, kind, account, amount.
        let mut lines: Vec<(PlatformNo, u32, _, EntryKind, Account, i64)> = Vec::new();
        for book in books
            .iter()
            .filter(|book| book.order.subject().owner == *owner)
        {
            for entry in &book.trail.entries {
                lines.extend(entry.lines.iter().map(|line| {
                    let number = book.order.order_no.0;
                    let (account, fen) = (line.account.clone(), line.amount_fen);
                    (number, entry.index, entry.at, entry.kind, account, fen)
                }));
            }
        }
        lines.sort_by_key(|line| (line.0, line.1));
        kinds.extend(lines.iter().map(|line| line.3));
        let accounts: Vec<_> = lines.iter().map(|line| line.4.clone()).collect();
        for (from, until) in [
            (None, None),
            (Some(START), Some(START.plus_ms(1_001))),
            (Some(START.plus_ms(1_001)), None),
            (None, Some(START)),
        ] {
            let is_on =
                |at| from.is_none_or(|from| at >= from) && until.is_none_or(|until| at < until);
            let filter = |account| JournalFilter {
                owner: owner.clone(),
                account,
                from,
                until,
            };
            let mut expected: BTreeMap<String, [i64; 3]> = BTreeMap::new();
            for line in lines
                .iter()
                .filter(|line| until.is_none_or(|until| line.2 < until))
            {
                let sums = expected.entry(line.4.name()).or_default();
                if is_on(line.2) {
                    sums[0] += line.5.max(0);
                    sums[1] -= line.5.min(0);
                }
                sums[2] += line.5;
            }
            let balances = store.balances(filter(None)).await.expect("read");
            let found = balances.iter().map(|of| {
                let sums = [of.debit_fen, of.credit_fen, of.balance_fen];
                (of.account.name(), sums)
            });
            let found: Vec<_> = found.collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
            for account in std::iter::once(None).chain(accounts.first().cloned().map(Some)) {
                let read = |page| store.list_journal(filter(account.clone()), page);
                let is_asked = |of: &Account| account.as_ref().is_none_or(|asked| asked == of);
                let wanted: Vec<_> = lines
                    .iter()
                    .filter(|line| is_on(line.2) && is_asked(&line.4))
                    .cloned()
                    .collect();
                for size in [13, 1_000] {
                    let listed = all(read, size).await.into_iter();
                    let listed: Vec<_> = listed
                        .map(|of: BookedLine| {
                            let place = (of.subject_no, of.entry_index);
                            (place.0, place.1, of.at, of.kind, of.account, of.amount_fen)
                        })
                        .collect();
                    assert_eq!(listed, wanted, "{account:?} in pages of {size}");
                }
            }
        }
    }
    assert!(kinds.contains(&EntryKind::SettledDirect), "some are direct");
    assert!(
        kinds.contains(&EntryKind::ChannelCostReturned),
        "a cost went back"
    );
    let nobody = JournalFilter::whole(Owner::Platform);
    assert_eq!(store.balances(nobody.clone()).await.expect("read"), []);
    let nowhere = Page::after(Cursor::new("1.x"), 9);
    let none = store.list_journal(nobody, nowhere).await.expect("read");
    assert_eq!(none.rows, []);
}
