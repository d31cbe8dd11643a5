//! Orders in a list.

use std::sync::Arc;

use heliu_trade::order::OrderState;
use heliu_trade::wallet::WalletKind;

use super::made::Dice;
use super::{FILTERS, agents, all, beginnings, begins, made, naive, perhaps, span};
use crate::lists::{Cursor, Listed, OrderFilter, OrderRow, Page};
use crate::store::Store;

pub(in super::super) async fn orders_are_listed_as_they_stand(store: &Arc<dyn Store>) {
    made::make(store).await;
    let books = naive::books(store).await;
    let rows: Vec<_> = books
        .iter()
        .map(|book| (naive::order_row(book), naive::numbers(book)))
        .collect();
    let numbers: Vec<String> = rows
        .iter()
        .flat_map(|(_, numbers)| numbers.clone())
        .collect();
    let mut dice = Dice::new(1);
    let beginnings = beginnings(&numbers, &mut dice);
    let mut met = 0;
    for _ in 0..FILTERS {
        let filter = OrderFilter {
            created: span(&mut dice),
            merchant_id: perhaps(&mut dice, &["m-0".into(), "m-1".into(), "m-9".into()]),
            agent: perhaps(&mut dice, &agents()),
            states: (0..dice.throw(3))
                .map(|_| *dice.of(&OrderState::ALL))
                .collect(),
            wallet: perhaps(&mut dice, &[WalletKind::Alipay, WalletKind::Wechat]),
            channel_account_id: perhaps(&mut dice, &["acc-a".into(), "acc-b".into()]),
            charge_fen_min: perhaps(&mut dice, &[0, 100, 500]),
            charge_fen_max: perhaps(&mut dice, &[99, 500, 1_000]),
            number: perhaps(&mut dice, &beginnings),
        };
        let fits = |row: &OrderRow, numbers: &[String]| {
            naive::is_within(filter.created, row.order_no.0)
                && filter
                    .merchant_id
                    .as_ref()
                    .is_none_or(|id| row.merchant_id == *id)
                && filter
                    .agent
                    .as_ref()
                    .is_none_or(|of| naive::is_agents(of, &row.merchant_id, &row.app_id))
                && (filter.states.is_empty() || filter.states.contains(&row.state))
                && (filter.wallet.is_none() || filter.wallet == row.wallet)
                && (filter.channel_account_id.is_none()
                    || filter.channel_account_id == row.channel_account_id)
                && filter
                    .charge_fen_min
                    .is_none_or(|min| row.charge_fen >= min)
                && filter
                    .charge_fen_max
                    .is_none_or(|max| row.charge_fen <= max)
                && begins(numbers, filter.number.as_ref())
        };
        let fitting = rows.iter().filter(|(row, numbers)| fits(row, numbers));
        let expected: Vec<_> = fitting.map(|(row, _)| row.clone()).collect();
        met += expected.len();
        // Of a short page candidates are many, of a long one few.
        let size = *dice.of(&[1, 2, 7, 60]);
        let found = all(|page| store.list_orders(filter.clone(), page), size).await;
        assert_eq!(found, expected, "{filter:?}");
    }
    assert!(met > 100, "filters that find something: {met}");
    for number in beginnings {
        let fitting = rows
            .iter()
            .filter(|(_, numbers)| begins(numbers, Some(&number)));
        let expected: Vec<_> = fitting.map(|(row, _)| row.clone()).collect();
        let filter = OrderFilter {
            number: Some(number),
            ..OrderFilter::default()
        };
        let found = store
            .list_orders(filter.clone(), Page::first(1_000))
            .await
            .expect("read");
        assert_eq!(found.rows, expected, "{filter:?}");
    }
    let nowhere = Page::after(Cursor::new("no place"), 10);
    let after = store.list_orders(OrderFilter::default(), nowhere).await;
    assert_eq!(after, Ok(Listed::default()));
}
