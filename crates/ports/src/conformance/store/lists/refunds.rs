//! Refunds and notifications in a list.

use std::sync::Arc;

use heliu_trade::followup::notification::NoticeKind;
use heliu_trade::followup::notification::NotificationState;
use heliu_trade::refund::RefundState;
use heliu_trade::wallet::WalletKind;

use super::made::Dice;
use super::{FILTERS, agents, all, beginnings, begins, made, naive, perhaps, span};
use crate::lists::{NoticeFilter, NoticeRow, RefundFilter, RefundRow};
use crate::store::Store;

pub(in super::super) async fn refunds_and_notifications_are_listed_as_they_stand(
    store: &Arc<dyn Store>,
) {
    made::make(store).await;
    let books = naive::books(store).await;
    let mut dice = Dice::new(2);
    let rows = naive::refund_rows(&books);
    assert!(rows.len() > 10, "refunds: {}", rows.len());
    let numbers = |row: &RefundRow| {
        let ours = [row.refund_no.to_string(), row.order_no.to_string()];
        let theirs = [
            row.merchant_refund_no.clone(),
            row.merchant_order_no.clone(),
        ];
        [ours, theirs].concat()
    };
    let known: Vec<String> = rows.iter().flat_map(numbers).collect();
    let beginnings = beginnings(&known, &mut dice);
    for _ in 0..FILTERS {
        let filter = RefundFilter {
            created: span(&mut dice),
            merchant_id: perhaps(&mut dice, &["m-0".into(), "m-1".into()]),
            agent: perhaps(&mut dice, &agents()),
            states: (0..dice.throw(3))
                .map(|_| *dice.of(&RefundState::ALL))
                .collect(),
            wallet: perhaps(&mut dice, &[WalletKind::Alipay, WalletKind::Wechat]),
            channel_account_id: perhaps(&mut dice, &["acc-a".into(), "acc-b".into()]),
            payable_fen_min: perhaps(&mut dice, &[30, 31]),
            payable_fen_max: perhaps(&mut dice, &[29, 30]),
            number: perhaps(&mut dice, &beginnings),
        };
        let fits = |row: &RefundRow| {
            naive::is_within(filter.created, row.refund_no.0)
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
                    .payable_fen_min
                    .is_none_or(|min| row.payable_fen >= min)
                && filter
                    .payable_fen_max
                    .is_none_or(|max| row.payable_fen <= max)
                && begins(&numbers(row), filter.number.as_ref())
        };
        let expected: Vec<_> = rows.iter().filter(|row| fits(row)).cloned().collect();
        let found = all(|page| store.list_refunds(filter.clone(), page), 5).await;
        assert_eq!(found, expected, "{filter:?}");
    }
    let rows = naive::notice_rows(&books);
    for _ in 0..FILTERS {
        let filter = NoticeFilter {
            created: span(&mut dice),
            merchant_id: perhaps(&mut dice, &["m-0".into(), "m-1".into()]),
            states: perhaps(
                &mut dice,
                &[NotificationState::Due, NotificationState::GivenUp],
            )
            .into_iter()
            .chain(perhaps(&mut dice, &[NotificationState::Acknowledged]))
            .collect(),
            kind: perhaps(&mut dice, &[NoticeKind::OrderPaid, NoticeKind::RefundEnded]),
        };
        let fits = |row: &&NoticeRow| {
            let of = &row.notification;
            naive::is_within(filter.created, of.notification_no.0)
                && filter
                    .merchant_id
                    .as_ref()
                    .is_none_or(|id| of.subject.owner.merchant() == Some(id))
                && (filter.states.is_empty() || filter.states.contains(&of.state))
                && filter.kind.is_none_or(|kind| of.kind == kind)
        };
        let expected: Vec<_> = rows.iter().filter(fits).cloned().collect();
        let found = all(|page| store.page_notifications(filter.clone(), page), 6).await;
        assert_eq!(found, expected, "{filter:?}");
    }
}
