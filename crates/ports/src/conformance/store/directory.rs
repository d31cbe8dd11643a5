//! The directory: what was enrolled is found; a repeat writes the same again.

use std::collections::BTreeMap;
use std::sync::Arc;

use heliu_trade::calendar::HolidayYear;
use heliu_trade::directory::{
    Agent, App, ChannelAccount, Contract, Merchant, MerchantState, PartnerNumber, RoutingTerms,
};
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::fee::{CardKind, FeeTerms, Place, Tariff};
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{AppId, ChannelAccountId, DialectId, MerchantId};
use heliu_trade::money::{Currency, ExchangeRate, RateDirection};
use heliu_trade::parties::Party;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::WalletKind;

use crate::keys::{KeyOwner, SealedKey};
use crate::store::{AppRecord, DirectoryChange, Enrolment, Store, StoreErrorKind};

pub(super) fn key(owner: &KeyOwner, version: u32) -> SealedKey {
    SealedKey {
        owner: owner.name(),
        role: "request".to_owned(),
        version,
        sealed: format!("sealed {version}"),
        fingerprint: format!("fingerprint {version}"),
        is_proved: false,
    }
}

pub(super) fn enrolment(merchant: &str) -> Enrolment {
    let merchant_id = MerchantId::from(merchant);
    let contract = |wallet| Contract {
        merchant_id: merchant_id.clone(),
        wallet,
        channel_account_id: "an_account".into(),
        sub_merchant_id: "2088".to_owned(),
        sub_app_id: (wallet == WalletKind::Wechat).then(|| "wx1".to_owned()),
        fee: Tariff::from(FeeTerms {
            rate_ppm: 3_800,
            max_fen: Some(500),
            ..FeeTerms::default()
        }),
        routing: RoutingTerms::default(),
    };
    Enrolment {
        merchant: Merchant {
            merchant_id: merchant_id.clone(),
            name: "小店".to_owned(),
            short_name: String::new(),
            state: MerchantState::Enabled,
        },
        apps: vec![App {
            app_id: AppId::from(format!("app of {merchant}")),
            merchant_id: merchant_id.clone(),
            dialect_id: "a_dialect".into(),
            agent_id: Some("an_agent".into()),
            partners: vec![PartnerNumber {
                institution: "A".to_owned(),
                partner_id: "257".to_owned(),
                app_id: String::new(),
            }],
            settings: BTreeMap::from([("a_switch".to_owned(), "on".to_owned())]),
        }],
        contracts: vec![contract(WalletKind::Alipay), contract(WalletKind::Wechat)],
    }
}

pub(super) async fn what_was_enrolled_is_found(store: &Arc<dyn Store>) {
    let (dialect, app) = (DialectId::from("a_dialect"), AppId::from("app of m-1"));
    assert_eq!(store.find_app(&dialect, &app).await, Ok(None));
    let owner = KeyOwner::App(dialect.clone(), app.clone());
    let keys = vec![key(&owner, 1), key(&owner, 2)];
    let mut enrolment_1 = enrolment("m-1");
    for (name, switch) in [("小店", "on"), ("大店", "off")] {
        name.clone_into(&mut enrolment_1.merchant.name);
        let settings = &mut enrolment_1.apps.first_mut().expect("one").settings;
        settings.insert("a_switch".to_owned(), switch.to_owned());
        let change = DirectoryChange::Enrol {
            enrolment: enrolment_1.clone(),
            keys: keys.clone(),
        };
        store.change_directory(change).await.expect("enrolled");
    }
    let change = DirectoryChange::Enrol {
        enrolment: enrolment("m-2"),
        keys: Vec::new(),
    };
    store.change_directory(change).await.expect("enrolled");

    let expected = AppRecord {
        app: enrolment_1.apps.first().expect("one").clone(),
        merchant: enrolment_1.merchant.clone(),
        contracts: enrolment_1.contracts.clone(),
        fees: store
            .list_fees(Owner::Merchant("m-1".into()))
            .await
            .expect("read"),
        keys: keys.clone(),
    };
    assert_eq!(store.find_app(&dialect, &app).await, Ok(Some(expected)));
    assert_eq!(
        store.find_app(&DialectId::from("another"), &app).await,
        Ok(None)
    );
    for (merchant, expected) in [
        ("m-1", Some(enrolment_1.clone())),
        ("m-2", Some(enrolment("m-2"))),
        ("m-", None),
        ("m-10", None),
    ] {
        let found = store.find_merchant(&MerchantId::from(merchant)).await;
        assert_eq!(found, Ok(expected), "{merchant}");
    }
    assert_eq!(
        store.list_merchants().await,
        Ok(vec![enrolment_1, enrolment("m-2")])
    );
    assert_eq!(store.list_keys(owner.name()).await, Ok(keys));

    let account_id = ChannelAccountId::from("an_account");
    assert_eq!(store.find_channel_account(&account_id).await, Ok(None));
    assert_eq!(store.list_channel_accounts().await, Ok(Vec::new()));
    let account = ChannelAccount {
        channel_account_id: account_id.clone(),
        channel_id: "a_channel".into(),
        settings: BTreeMap::from([("base".to_owned(), "http://127.0.0.1:9".to_owned())]),
    };
    let keys = vec![key(&KeyOwner::ChannelAccount(account_id.clone()), 1)];
    let (account_again, keys_again) = (account.clone(), keys.clone());
    let change = DirectoryChange::PutChannelAccount {
        account: account_again,
        keys: keys_again,
    };
    store.change_directory(change).await.expect("written");
    assert_eq!(
        store.find_channel_account(&account_id).await,
        Ok(Some((account.clone(), keys)))
    );
    let before = ChannelAccount {
        channel_account_id: "a".into(),
        ..account.clone()
    };
    let change = DirectoryChange::PutChannelAccount {
        account: before.clone(),
        keys: Vec::new(),
    };
    store.change_directory(change).await.expect("written");
    assert_eq!(
        store.list_channel_accounts().await,
        Ok(vec![before, account])
    );
}

/// What was in force stays known; the same fee once more is no version, and a contract that was
/// dropped leaves its fees.
pub(super) async fn a_fee_is_a_version_of_a_schedule(store: &Arc<dyn Store>) {
    let mut standing = enrolment("m-1");
    standing.contracts.truncate(1);
    let first = standing.contracts.first().expect("one").clone();
    let owner = Owner::Merchant("m-1".into());
    let mut expected = Vec::new();
    for (rate_ppm, is_new) in [(3_800, true), (3_800, false), (3_000, true), (3_800, true)] {
        let contract = standing.contracts.first_mut().expect("one");
        contract.fee.base.rate_ppm = rate_ppm;
        if is_new {
            expected.push(FeeVersion {
                owner: owner.clone(),
                wallet: contract.wallet,
                channel_account_id: Some(contract.channel_account_id.clone()),
                version: u32::try_from(expected.len()).expect("few") + 1,
                from: FeeVersion::AT_ONCE,
                tariff: contract.fee.clone(),
            });
        }
        let change = DirectoryChange::Enrol {
            enrolment: standing.clone(),
            keys: Vec::new(),
        };
        store.change_directory(change).await.expect("enrolled");
        let fees = store.list_fees(owner.clone()).await;
        assert_eq!(fees, Ok(expected.clone()), "after {rate_ppm}");
        let found = store.find_merchant(&"m-1".into()).await;
        assert_eq!(found, Ok(Some(standing.clone())), "the newest is told");
    }
    standing.contracts.clear();
    let change = DirectoryChange::EditMerchant {
        enrolment: standing,
        keys: Vec::new(),
        dropped: vec![first.key()],
    };
    store.change_directory(change).await.expect("dropped");
    assert_eq!(store.list_fees(owner).await, Ok(expected));
    let other = store.list_fees(Owner::Merchant("m-2".into())).await;
    assert_eq!(other, Ok(Vec::new()));
}

/// A version is written behind the newest of its owner, wallet and account, once and for good; of
/// a contract's it is what the contract tells.
pub(super) async fn a_version_of_fees_follows_the_newest(store: &Arc<dyn Store>) {
    let change = DirectoryChange::Enrol {
        enrolment: enrolment("m-1"),
        keys: Vec::new(),
    };
    store.change_directory(change).await.expect("enrolled");
    let (merchant, agent) = (Owner::Merchant("m-1".into()), Owner::Agent("p-1".into()));
    let version = |owner: &Owner, account: Option<&str>, version, rate_ppm| FeeVersion {
        owner: owner.clone(),
        wallet: WalletKind::Wechat,
        channel_account_id: account.map(Into::into),
        version,
        from: Timestamp::from_ms(86_400_000),
        tariff: Tariff::from(FeeTerms {
            rate_ppm,
            ..FeeTerms::default()
        })
        .with(
            Place {
                card: Some(CardKind::Credit),
                ..Place::default()
            },
            FeeTerms::default(),
        ),
    };
    let account = Some("an_account");
    for (version, is_written) in [
        (version(&merchant, account, 2, 6_000), true),
        (version(&merchant, account, 2, 6_000), true),
        (version(&merchant, account, 2, 6_001), false),
        (version(&merchant, account, 4, 6_000), false),
        (version(&agent, None, 1, 3_000), true),
        (version(&agent, account, 1, 2_900), true),
        (version(&agent, None, 3, 3_000), false),
        (version(&Owner::Agent("p-2".into()), None, 1, 3_100), true),
    ] {
        let told = format!("{version:?}");
        let change = DirectoryChange::PutFees(version);
        let kind = store.change_directory(change).await.map_err(|it| it.kind());
        let expected = is_written.then_some(()).ok_or(StoreErrorKind::Conflict);
        assert_eq!(kind, expected, "{told}");
    }
    let of_agent = vec![
        version(&agent, None, 1, 3_000),
        version(&agent, account, 1, 2_900),
    ];
    assert_eq!(store.list_fees(agent.clone()).await, Ok(of_agent.clone()));
    let mut costs = of_agent;
    costs.push(version(&Owner::Agent("p-2".into()), None, 1, 3_100));
    assert_eq!(store.list_costs().await, Ok(costs));
    let (dialect, app) = (DialectId::from("a_dialect"), AppId::from("app of m-1"));
    let found = store.find_app(&dialect, &app).await.expect("read");
    let found = found.expect("it stands");
    assert_eq!(found.fees.len(), 3, "two wallets, one of them changed");
    let newest = version(&merchant, account, 2, 6_000);
    assert_eq!(found.fees.last(), Some(&newest));
    let wechat = found
        .contracts
        .iter()
        .find(|of| of.wallet == WalletKind::Wechat);
    assert_eq!(wechat.map(|of| &of.fee), Some(&newest.tariff));

    let party = Party {
        party_id: "p-1".into(),
        parent_id: None,
        name: "a party".to_owned(),
        is_enabled: true,
    };
    let agent = Agent {
        agent_id: "an_agent".into(),
        dialect_id: dialect,
        party_id: "p-1".into(),
        is_enabled: true,
        settings: BTreeMap::new(),
        mini_programs: BTreeMap::new(),
    };
    let agents = vec![agent];
    let change = DirectoryChange::PutParty { party, agents };
    store.change_directory(change).await.expect("written");
    let brought = store.list_fees_brought("p-1".into()).await;
    assert_eq!(brought, Ok(found.fees.clone()));
    let mut standing = enrolment("m-1");
    let wallet = WalletKind::Alipay;
    let others = standing.contracts.iter().filter(|of| of.wallet == wallet);
    let dropped = others.map(Contract::key).collect();
    standing.contracts.clear();
    let change = DirectoryChange::EditMerchant {
        enrolment: standing,
        keys: Vec::new(),
        dropped,
    };
    store.change_directory(change).await.expect("dropped");
    let mut fees = found.fees;
    fees.retain(|version| version.wallet != wallet);
    let brought = store.list_fees_brought("p-1".into()).await;
    assert_eq!(brought, Ok(fees), "a dropped contract's are over");
    let none = store.list_fees_brought("p-2".into()).await;
    assert_eq!(none, Ok(Vec::new()));
}

pub(super) async fn holidays_are_kept_by_year(store: &Arc<dyn Store>) {
    assert_eq!(store.holidays().await, Ok(Vec::new()));
    let year = |line| HolidayYear::parse(line).expect("a year");
    let (first, next) = (year("2027 off 0101-0103 work 0109"), year("2028 off 0101"));
    for (written, expected) in [
        (vec![next.clone()], vec![next.clone()]),
        (vec![first.clone()], vec![first.clone(), next.clone()]),
        (
            vec![year("2027 off 0101"), next.clone()],
            vec![year("2027 off 0101"), next.clone()],
        ),
    ] {
        let change = DirectoryChange::PutHolidays(written);
        store.change_directory(change).await.expect("written");
        assert_eq!(store.holidays().await, Ok(expected));
    }
}

pub(super) async fn rates_come_and_go(store: &Arc<dyn Store>) {
    let rate = |text, way| ExchangeRate::parse(text, way).expect("a rate");
    let (thb, hkd): (Currency, Currency) = (
        "THB".parse().expect("a currency"),
        "HKD".parse().expect("a currency"),
    );
    let (old, new, inverse) = (
        rate("0.2", RateDirection::CnyPerUnit),
        rate("0.2028", RateDirection::CnyPerUnit),
        rate("1.09", RateDirection::UnitsPerCny),
    );
    let changes = [(thb, Some(old)), (hkd, Some(inverse)), (thb, Some(new))];
    for (currency, rate) in changes {
        let change = DirectoryChange::PutRate(currency, rate);
        store.change_directory(change).await.expect("written");
    }
    assert_eq!(store.rates().await, Ok(vec![(hkd, inverse), (thb, new)]));
    store
        .change_directory(DirectoryChange::PutRate(hkd, None))
        .await
        .expect("removed");
    assert_eq!(store.rates().await, Ok(vec![(thb, new)]));
}
