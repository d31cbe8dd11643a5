//! 费率表: which fee a payment has, which version is in force, and where one is below another.

use heliu_trade::fee::schedule::{
    FeeVersion, NotNext, begins_after, first_below, in_force, is_next,
};
use heliu_trade::fee::{
    BelowAt, CardKind, FeeFault, FeeProposal, FeeTerms, Place, Speed, Tariff, TariffFault,
};
use heliu_trade::followup::subject::Owner;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::{Funding, WalletKind};

fn rate(rate_ppm: i64) -> FeeTerms {
    FeeTerms {
        rate_ppm,
        ..FeeTerms::default()
    }
}

fn band(from_fen: i64, until_fen: Option<i64>) -> Place {
    Place {
        from_fen,
        until_fen,
        ..Place::default()
    }
}

const CREDIT: Place = Place {
    speed: Speed::T1,
    card: Some(CardKind::Credit),
    from_fen: 0,
    until_fen: None,
};
const SAME_DAY: Place = Place {
    speed: Speed::T0,
    card: None,
    ..CREDIT
};

/// 0.38 %; 0.6 % by credit card; 0.3 % from 1,000 yuan on; by credit card of less than 10 yuan 1 %.
fn tariff() -> Tariff {
    let few = Place {
        until_fen: Some(1_000),
        ..CREDIT
    };
    Tariff::from(rate(3_800))
        .with(few, rate(10_000))
        .with(CREDIT, rate(6_000))
        .with(band(100_000, None), rate(3_000))
}

#[test]
fn the_line_for_a_card_goes_before_one_for_all_and_then_one_for_a_band() {
    assert_eq!(tariff().check(), Ok(()));
    for (receivable_fen, funding, rate_ppm) in [
        (99_999, Funding::Debit, 3_800),
        (100_000, Funding::Debit, 3_000),
        (100_000, Funding::Balance, 3_000),
        (100_000, Funding::Credit, 6_000),
        (1_000, Funding::WalletCredit, 6_000),
        (999, Funding::Unknown, 10_000),
        (999, Funding::Debit, 3_800),
    ] {
        let terms = *tariff().terms(CardKind::of(funding), receivable_fen);
        assert_eq!(terms, rate(rate_ppm), "{receivable_fen} by {funding:?}");
        let fee_fen = terms.fee_fen(receivable_fen, funding);
        assert_eq!(tariff().fee_fen(receivable_fen, funding), fee_fen);
    }
}

#[test]
fn payments_of_the_same_day_have_the_same_tariff_or_one_of_their_own() {
    assert_eq!(tariff().at(Speed::T0), tariff());
    let own = tariff().with(SAME_DAY, rate(5_000));
    assert_eq!(own.check(), Ok(()));
    assert_eq!(own.at(Speed::T1), tariff());
    assert_eq!(own.at(Speed::T0), rate(5_000).into());
    let by_credit = Place {
        speed: Speed::T0,
        ..CREDIT
    };
    let with_credit = own.with(by_credit, rate(7_000));
    let expected = Tariff::from(rate(5_000)).with(CREDIT, rate(7_000));
    assert_eq!(with_credit.at(Speed::T0), expected);
}

#[test]
fn a_tariff_that_leaves_a_doubt_is_refused() {
    let plain = || Tariff::from(rate(3_800));
    let unfair = TariffFault::Terms(FeeFault::OutOfRange);
    for (tariff, fault) in [
        (Tariff::from(rate(-1)), unfair.clone()),
        (plain().with(CREDIT, rate(100_001)), unfair),
        (
            plain().with(band(-1, None), rate(1)),
            TariffFault::EmptyBand,
        ),
        (
            plain().with(band(5, Some(5)), rate(1)),
            TariffFault::EmptyBand,
        ),
        (
            plain()
                .with(band(0, Some(6)), rate(1))
                .with(band(5, None), rate(1)),
            TariffFault::Overlap,
        ),
        (
            plain().with(
                Place {
                    speed: Speed::T0,
                    ..CREDIT
                },
                rate(1),
            ),
            TariffFault::NoRestOfT0,
        ),
    ] {
        assert_eq!(tariff.check(), Err(fault), "{tariff:?}");
    }
    let touching = plain()
        .with(band(0, Some(5)), rate(1))
        .with(band(5, Some(9)), rate(2));
    assert_eq!(touching.check(), Ok(()));
}

#[test]
fn a_plain_tariff_is_stored_as_its_terms() {
    let terms = FeeTerms {
        max_fen: Some(500),
        ..rate(3_800)
    };
    let stored = serde_json::to_string(&terms).expect("JSON");
    assert_eq!(
        serde_json::to_string(&Tariff::from(terms)).expect("JSON"),
        stored
    );
    for tariff in [Tariff::from(terms), tariff().with(SAME_DAY, rate(9))] {
        let stored = serde_json::to_string(&tariff).expect("JSON");
        assert_eq!(serde_json::from_str(&stored).ok(), Some(tariff), "{stored}");
    }
}

#[test]
fn a_tariff_below_its_parents_is_found_if_only_at_a_bands_edge() {
    let cost = Tariff::from(rate(3_000));
    let at = |speed, card, amount_fen| {
        Some(BelowAt {
            speed,
            card,
            amount_fen,
        })
    };
    let t1 = |card, amount_fen| at(Speed::T1, card, amount_fen);
    let capped = FeeTerms {
        max_fen: Some(300),
        ..rate(3_800)
    };
    for (child, parent, found) in [
        (tariff(), cost.clone(), None),
        (rate(3_000).into(), cost.clone(), None),
        // 300 fen are 0.3 % of 100,000 fen: one fen more is below, and the band ends there.
        (
            Tariff::from(rate(3_800)).with(band(0, Some(100_001)), capped),
            cost.clone(),
            None,
        ),
        (
            Tariff::from(rate(3_800)).with(band(0, Some(100_002)), capped),
            cost.clone(),
            t1(CardKind::Debit, 100_001),
        ),
        // The parent's band begins within the child's.
        (
            rate(3_800).into(),
            cost.clone().with(band(50_000, Some(50_001)), rate(4_000)),
            t1(CardKind::Debit, 50_000),
        ),
        (
            rate(3_800).into(),
            cost.clone().with(CREDIT, rate(4_000)),
            t1(CardKind::Credit, i64::MAX),
        ),
        (
            rate(3_800).into(),
            cost.with(
                SAME_DAY,
                FeeTerms {
                    min_fen: 5,
                    ..rate(3_800)
                },
            ),
            at(Speed::T0, CardKind::Debit, 5),
        ),
    ] {
        let below = child.below(&parent);
        assert_eq!(
            below.map(|at| (at.speed, at.card)),
            found.map(|at: BelowAt| (at.speed, at.card))
        );
        if found.is_none_or(|at| at.amount_fen != i64::MAX) {
            assert_eq!(below, found, "{child:?} under {parent:?}");
        }
    }
}

fn version(owner: &Owner, account: Option<&str>, version: u32, from: i64, ppm: i64) -> FeeVersion {
    FeeVersion {
        owner: owner.clone(),
        wallet: WalletKind::Wechat,
        channel_account_id: account.map(Into::into),
        version,
        from: Timestamp::from_ms(from),
        tariff: rate(ppm).into(),
    }
}

fn agent(id: &str) -> Owner {
    Owner::Agent(id.into())
}

#[test]
fn the_highest_version_that_has_begun_is_in_force() {
    let owner = agent("10");
    let versions = [
        version(&owner, None, 1, 0, 3_000),
        version(&owner, None, 2, 200, 3_100),
        version(&owner, None, 3, 100, 3_200),
        version(&owner, Some("a"), 1, 300, 2_000),
    ];
    for (account, at, rate_ppm) in [
        ("b", 0, Some(3_000)),
        ("b", 99, Some(3_000)),
        ("b", 100, Some(3_200)),
        ("b", 1_000, Some(3_200)),
        ("a", 299, Some(3_200)),
        ("a", 300, Some(2_000)),
        ("b", -1, None),
    ] {
        let at = Timestamp::from_ms(at);
        let found = in_force(&versions, WalletKind::Wechat, &account.into(), at);
        let found = found.map(|found| found.tariff.base.rate_ppm);
        assert_eq!(found, rate_ppm, "{account} at {at:?}");
    }
    let other = in_force(
        &versions,
        WalletKind::Alipay,
        &"a".into(),
        Timestamp::from_ms(0),
    );
    assert_eq!(other, None);
    let begins = begins_after(&versions, Timestamp::from_ms(100));
    assert_eq!(begins, [200, 300].map(Timestamp::from_ms));
}

#[test]
fn a_schedule_is_compared_now_and_whenever_either_changes() {
    let (child, parent) = (agent("child"), agent("parent"));
    let now = Timestamp::from_ms(50);
    let children = [version(&child, None, 1, 0, 3_000)];
    for (parents, from) in [
        (vec![version(&parent, None, 1, 0, 3_000)], None),
        (vec![version(&parent, None, 1, 0, 3_001)], Some(50)),
        (vec![version(&parent, None, 1, 90, 3_001)], Some(90)),
        (vec![version(&parent, Some("a"), 1, 90, 3_001)], Some(90)),
        // It was too high once; nobody pays by that any more.
        (
            vec![
                version(&parent, None, 1, 0, 9_000),
                version(&parent, None, 2, 40, 1),
            ],
            None,
        ),
        (Vec::new(), None),
    ] {
        let below = first_below(&children, &parents, now);
        let found = below.as_ref().map(|below| below.from.as_ms());
        assert_eq!(found, from, "{parents:?}");
        if let Some(below) = below {
            assert_eq!((below.child, below.parent), (child.clone(), parent.clone()));
        }
    }
}

#[test]
fn a_version_follows_the_newest_or_is_a_repeat() {
    let owner = agent("10");
    let standing = [
        version(&owner, None, 1, 0, 3_000),
        version(&owner, Some("a"), 1, 0, 1),
    ];
    for (new, expected) in [
        (version(&owner, None, 2, 0, 3_000), Ok(true)),
        (version(&owner, None, 1, 0, 3_000), Ok(false)),
        (version(&owner, None, 1, 0, 3_001), Err(NotNext(1))),
        (version(&owner, None, 3, 0, 3_000), Err(NotNext(3))),
        (version(&owner, Some("b"), 1, 0, 3_000), Ok(true)),
        (version(&agent("11"), None, 1, 0, 3_000), Ok(true)),
        (version(&agent("11"), None, 0, 0, 3_000), Err(NotNext(0))),
    ] {
        assert_eq!(is_next(&standing, &new), expected, "{new:?}");
    }
}

#[test]
fn a_proposal_is_one_text_and_begins_on_its_day_or_when_it_is_written() {
    let proposal = FeeProposal {
        owner: agent("10"),
        wallet: WalletKind::Wechat,
        channel_account_id: None,
        follows: 2,
        from: Some(Timestamp::from_ms(100)),
        tariff: tariff(),
    };
    let text = serde_json::to_string(&proposal).expect("JSON");
    assert!(
        text.starts_with(r#"{"owner":"agent:10","wallet":"wechat""#),
        "{text}"
    );
    let read = serde_json::from_str::<FeeProposal>(&text).expect("the same");
    assert_eq!(read, proposal);
    for (now, from) in [(99, 100), (101, 101)] {
        let version = proposal.version(Timestamp::from_ms(now));
        assert_eq!((version.version, version.from.as_ms()), (3, from));
    }
}
