//! The directory in a list.

use std::sync::Arc;

use heliu_trade::directory::{ChannelAccount, MerchantState};
use heliu_trade::wallet::WalletKind;

use super::{agents, all, made};
use crate::lists::{AccountFilter, AgentFilter, MerchantFilter};
use crate::store::{DirectoryChange, Store};

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
            ..MerchantFilter::default()
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
    for (wallet, account, expected) in [
        (WalletKind::Alipay, None, &["m-0", "m-1"][..]),
        (WalletKind::Wechat, None, &["m-0"]),
        (WalletKind::Wechat, Some("an_account"), &["m-0"]),
        (WalletKind::Wechat, Some("other"), &[]),
    ] {
        let filter = MerchantFilter {
            wallet: Some(wallet),
            channel_account_id: account.map(Into::into),
            ..MerchantFilter::default()
        };
        let found = all(|page| store.page_merchants(filter.clone(), page), 1).await;
        let ids = found.iter().map(|of| of.merchant.merchant_id.as_str());
        assert_eq!(ids.collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

pub(in super::super) async fn agents_and_accounts_are_listed_with_what_they_have(
    store: &Arc<dyn Store>,
) {
    made::make(store).await;
    let disable = DirectoryChange::SetAgentEnabled {
        dialect_id: "wire".into(),
        agent_id: "11".into(),
        is_enabled: false,
    };
    store.change_directory(disable).await.expect("written");
    let every = store.list_agents().await.expect("read");
    let listed = all(|page| store.page_agents(AgentFilter::default(), page), 2).await;
    let counts: Vec<_> = listed.iter().map(|row| row.merchant_count).collect();
    assert_eq!(counts, [1, 1, 1]);
    let listed: Vec<_> = listed.into_iter().map(|row| row.agent).collect();
    assert_eq!(listed, every);
    for (dialect, is_enabled, text, count) in [
        (Some("wire"), None, None, 2),
        (None, None, Some("10"), 2),
        (None, None, Some("lev"), 1),
        (Some("x"), None, None, 0),
        (None, Some(true), None, 2),
        (None, Some(false), None, 1),
        (Some("other"), Some(false), None, 0),
    ] {
        let filter = AgentFilter {
            is_enabled,
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
    let counts: Vec<_> = found.iter().map(|row| row.contract_count).collect();
    assert_eq!(counts, [0, 0, 0]);
    let found: Vec<_> = found.into_iter().map(|row| row.account).collect();
    assert_eq!(found, every);
    let account = every.first().expect("one").clone();
    let used = DirectoryChange::PutChannelAccount {
        account: ChannelAccount {
            channel_account_id: "an_account".into(),
            ..account
        },
        keys: Vec::new(),
    };
    store.change_directory(used).await.expect("written");
    let filter = AccountFilter {
        text: Some("an_".to_owned()),
        ..AccountFilter::default()
    };
    let found = all(|page| store.page_channel_accounts(filter.clone(), page), 1).await;
    let counts: Vec<_> = found.iter().map(|row| row.contract_count).collect();
    assert_eq!(counts, [3], "two of one merchant, one of the other");
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
