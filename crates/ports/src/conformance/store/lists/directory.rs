//! The directory in a list.

use std::sync::Arc;

use heliu_trade::directory::MerchantState;

use super::{agents, all, made};
use crate::lists::{AccountFilter, AgentFilter, MerchantFilter};
use crate::store::Store;

pub(in super::super) async fn the_directory_is_listed_by_page(store: &Arc<dyn Store>) {
    made::make(store).await;
    let every = store.list_merchants().await.expect("read");
    assert_eq!(
        all(
            |page| store.page_merchants(MerchantFilter::default(), page),
            1
        )
        .await,
        every
    );
    let of =
        |state, agent: Option<usize>, account: Option<&str>, text: Option<&str>| MerchantFilter {
            state,
            agent: agent.and_then(|index| agents().get(index).cloned()),
            channel_account_id: account.map(Into::into),
            text: text.map(str::to_owned),
        };
    for (filter, expected) in [
        (
            of(Some(MerchantState::Pending), None, None, None),
            &["m-1"][..],
        ),
        (of(None, Some(0), None, None), &["m-0"]),
        (of(None, Some(2), None, None), &["m-1"]),
        (of(None, Some(3), None, None), &[]),
        (of(None, None, Some("an_account"), None), &["m-0", "m-1"]),
        (of(None, None, Some("other"), None), &[]),
        (of(None, None, None, Some("m-")), &["m-0", "m-1"]),
        (of(None, None, None, Some("店")), &["m-0"]),
        (of(None, None, None, Some("100%")), &["m-1"]),
        (of(None, None, None, Some("%")), &["m-1"]),
        (of(None, None, None, Some("app-1")), &["m-1"]),
        (of(None, None, None, Some("big")), &[]),
        (of(None, None, None, Some("")), &["m-0", "m-1"]),
    ] {
        let found = all(|page| store.page_merchants(filter.clone(), page), 1).await;
        let ids: Vec<_> = found
            .iter()
            .map(|of| of.merchant.merchant_id.as_str())
            .collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
    let every = store.list_agents().await.expect("read");
    assert_eq!(
        all(|page| store.page_agents(AgentFilter::default(), page), 2).await,
        every
    );
    for (dialect, text, count) in [
        (Some("wire"), None, 2),
        (None, Some("10"), 2),
        (None, Some("lev"), 1),
        (Some("x"), None, 0),
    ] {
        let filter = AgentFilter {
            dialect_id: dialect.map(Into::into),
            text: text.map(str::to_owned),
        };
        let found = all(|page| store.page_agents(filter.clone(), page), 1).await;
        assert_eq!(found.len(), count, "{filter:?}");
    }
    let every = store.list_channel_accounts().await.expect("read");
    let found = all(
        |page| store.page_channel_accounts(AccountFilter::default(), page),
        2,
    )
    .await;
    assert_eq!(found, every);
    for (channel, text, count) in [
        (Some("two"), None, 2),
        (None, Some("acc"), 2),
        (Some("two"), Some("acc"), 1),
    ] {
        let filter = AccountFilter {
            channel_id: channel.map(Into::into),
            text: text.map(str::to_owned),
        };
        let found = all(|page| store.page_channel_accounts(filter.clone(), page), 1).await;
        assert_eq!(found.len(), count, "{filter:?}");
    }
}
