//! What a merchant's payments cost it, and who shares in that: worked out when the directory is
//! read, for all that is to come into force and for each speed, so that a payment looks up and
//! computes nothing.

use std::collections::BTreeMap;

use heliu_trade::directory::Contract;
use heliu_trade::fee::schedule::{FeeVersion, begins_after, in_force};
use heliu_trade::fee::{Level, ShareTerms, Speed, Tariff};
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{ChannelAccountId, PartyId};
use heliu_trade::parties::{LEVELS_MAX, Party, Tree};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::WalletKind;

/// What all agents pay, and who stands above whom.
pub(crate) struct Costs {
    parties: Vec<Party>,
    versions: BTreeMap<PartyId, Vec<FeeVersion>>,
}

impl Costs {
    pub(crate) fn of(parties: Vec<Party>, all: Vec<FeeVersion>) -> Self {
        let mut versions = BTreeMap::<_, Vec<_>>::new();
        for version in all {
            if let Owner::Agent(party_id) = &version.owner {
                versions.entry(party_id.clone()).or_default().push(version);
            }
        }
        Self { parties, versions }
    }

    /// A party and those above it that pay anything, the lowest first. One without a schedule has
    /// no part: it pays what the next one above it pays.
    fn chain(&self, party_id: &PartyId) -> Vec<(&PartyId, &[FeeVersion])> {
        let tree = Tree::of(&self.parties);
        let party = tree.find(party_id);
        let above = party.into_iter().flat_map(|party| tree.above(party));
        let all = party.into_iter().chain(above).take(LEVELS_MAX);
        let paying = all.filter_map(|party| {
            let versions = self.versions.get(&party.party_id)?;
            Some((&party.party_id, versions.as_slice()))
        });
        paying.collect()
    }
}

/// What is in force for a contract from one instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InForce {
    /// What the merchant is asked for.
    pub(crate) fee: Tariff,
    /// Who shares in it.
    pub(crate) shares: ShareTerms,
}

/// What is in force at once for payments of each speed, in the order of [`Speed::ALL`].
type BySpeed = [InForce; Speed::ALL.len()];

/// What is and will be in force for a contract, from each instant on.
struct ContractFees {
    wallet: WalletKind,
    channel_account_id: ChannelAccountId,
    terms: Vec<(Timestamp, BySpeed)>,
}

/// What is and will be in force for each of a merchant's contracts.
pub(crate) struct MerchantFees(Vec<ContractFees>);

impl MerchantFees {
    pub(crate) fn of(
        contracts: &[Contract],
        fees: &[FeeVersion],
        agent: Option<(&Costs, &PartyId)>,
        now: Timestamp,
    ) -> Self {
        let chain = agent.map(|(costs, party_id)| costs.chain(party_id));
        let chain = chain.unwrap_or_default();
        let costs = chain.iter().flat_map(|(_, versions)| *versions);
        let begins = begins_after(fees.iter().chain(costs), now);
        let of_contract = |contract: &Contract| {
            let at = |at| {
                let of_speed = |speed| in_force_at(contract, fees, &chain, (at, speed));
                (at, Speed::ALL.map(of_speed))
            };
            let mut terms = vec![at(now)];
            terms.extend(begins.iter().map(|begin| at(*begin)));
            terms.dedup_by(|later, earlier| later.1 == earlier.1);
            ContractFees {
                wallet: contract.wallet,
                channel_account_id: contract.channel_account_id.clone(),
                terms,
            }
        };
        Self(contracts.iter().map(of_contract).collect())
    }

    /// What is in force for payments of a speed by one of the contracts. A clock that was set back
    /// finds what was in force when the directory was read.
    pub(crate) fn of_contract(&self, contract: &Contract, speed: Speed, now: Timestamp) -> InForce {
        let is_its = |it: &&ContractFees| {
            it.wallet == contract.wallet && it.channel_account_id == contract.channel_account_id
        };
        let found = self.0.iter().find(is_its).and_then(|found| {
            let begun = found.terms.iter().rfind(|(from, _)| *from <= now);
            begun.or_else(|| found.terms.first())
        });
        let mut by_speed = Speed::ALL
            .into_iter()
            .zip(found.iter().flat_map(|(_, all)| all));
        match by_speed.find(|(of, _)| *of == speed) {
            Some((_, terms)) => terms.clone(),
            None => in_force_at(contract, &[], &[], (now, speed)),
        }
    }
}

fn in_force_at(
    contract: &Contract,
    fees: &[FeeVersion],
    chain: &[(&PartyId, &[FeeVersion])],
    (at, speed): (Timestamp, Speed),
) -> InForce {
    let (wallet, account) = (contract.wallet, &contract.channel_account_id);
    let tariff = |of: &FeeVersion| of.tariff.at(speed);
    let fee = in_force(fees, wallet, account, at).map(tariff);
    let levels = chain.iter().filter_map(|(party_id, versions)| {
        let cost = tariff(in_force(versions, wallet, account, at)?);
        let party_id = (*party_id).clone();
        Some(Level { party_id, cost })
    });
    InForce {
        fee: fee.unwrap_or_else(|| contract.fee.at(speed)),
        shares: ShareTerms::of(levels.collect()),
    }
}

#[cfg(test)]
mod tests {
    use heliu_trade::directory::RoutingTerms;
    use heliu_trade::fee::{FeeTerms, Place};

    use super::*;

    fn tariff(rate_ppm: i64) -> Tariff {
        Tariff::from(FeeTerms {
            rate_ppm,
            ..FeeTerms::default()
        })
    }

    fn version(owner: Owner, version: u32, from: i64, rate_ppm: i64) -> FeeVersion {
        FeeVersion {
            owner,
            wallet: WalletKind::Wechat,
            channel_account_id: None,
            version,
            from: Timestamp::from_ms(from),
            tariff: tariff(rate_ppm),
        }
    }

    fn party(party_id: &str, parent_id: Option<&str>) -> Party {
        Party {
            party_id: party_id.into(),
            parent_id: parent_id.map(Into::into),
            name: party_id.to_owned(),
            is_enabled: true,
        }
    }

    /// What a fee is of a speed: 0.38 % and 0.5 %, and of those above 0.25 % and 0.3 %.
    #[test]
    fn payments_of_the_same_day_have_lines_of_their_own_at_every_level() {
        let of_both = |t1_ppm, t0_ppm| {
            let at = Place {
                speed: Speed::T0,
                ..Place::default()
            };
            tariff(t1_ppm).with(at, tariff(t0_ppm).base)
        };
        let contract = Contract {
            merchant_id: "m".into(),
            wallet: WalletKind::Wechat,
            channel_account_id: "a".into(),
            sub_merchant_id: String::new(),
            sub_app_id: None,
            fee: of_both(3_800, 5_000),
            routing: RoutingTerms::default(),
        };
        let cost = FeeVersion {
            tariff: of_both(2_500, 3_000),
            ..version(Owner::Agent("top".into()), 1, 0, 0)
        };
        let costs = Costs::of(vec![party("top", None)], vec![cost]);
        let (now, top) = (Timestamp::from_ms(100), PartyId::from("top"));
        let contracts = std::slice::from_ref(&contract);
        let known = MerchantFees::of(contracts, &[], Some((&costs, &top)), now);
        for (speed, fee_ppm, cost_ppm) in [(Speed::T1, 3_800, 2_500), (Speed::T0, 5_000, 3_000)] {
            let found = known.of_contract(&contract, speed, now);
            assert_eq!(found.fee, tariff(fee_ppm), "{speed:?}");
            let costs = found.shares.levels().iter();
            let costs: Vec<_> = costs.map(|level| level.cost.clone()).collect();
            assert_eq!(costs, [tariff(cost_ppm)], "{speed:?}");
        }
    }

    #[test]
    fn what_comes_into_force_later_is_known_beforehand() {
        let contract = Contract {
            merchant_id: "m".into(),
            wallet: WalletKind::Wechat,
            channel_account_id: "a".into(),
            sub_merchant_id: String::new(),
            sub_app_id: None,
            fee: tariff(5_000),
            routing: RoutingTerms::default(),
        };
        let merchant = || Owner::Merchant("m".into());
        let agent = |id: &str| Owner::Agent(id.into());
        let fees = [
            version(merchant(), 1, 0, 3_800),
            version(merchant(), 2, 500, 5_000),
        ];
        let parties = [("top", None), ("mid", Some("top")), ("low", Some("mid"))];
        let parties = parties.map(|(id, parent)| party(id, parent));
        let costs = vec![
            version(agent("low"), 1, 300, 3_000),
            version(agent("top"), 1, 0, 2_500),
            version(agent("other"), 1, 0, 1),
        ];
        let costs = Costs::of(parties.into(), costs);
        let (now, low) = (Timestamp::from_ms(100), PartyId::from("low"));
        let contracts = std::slice::from_ref(&contract);
        let known = MerchantFees::of(contracts, &fees, Some((&costs, &low)), now);
        for (at, rate_ppm, shares) in [
            (0, 3_800, &[("top", 2_500)][..]),
            (100, 3_800, &[("top", 2_500)]),
            (299, 3_800, &[("top", 2_500)]),
            (300, 3_800, &[("low", 3_000), ("top", 2_500)]),
            (500, 5_000, &[("low", 3_000), ("top", 2_500)]),
        ] {
            let found = known.of_contract(&contract, Speed::T1, Timestamp::from_ms(at));
            assert_eq!(found.fee, tariff(rate_ppm), "at {at}");
            let levels = found.shares.levels().iter();
            let levels: Vec<_> = levels
                .map(|level| (level.party_id.as_str(), level.cost.base.rate_ppm))
                .collect();
            assert_eq!(levels, shares, "at {at}");
        }
        let alone = MerchantFees::of(contracts, &[], None, now);
        let found = alone.of_contract(&contract, Speed::T1, now);
        assert_eq!(
            (&found.fee, found.shares.is_empty()),
            (&tariff(5_000), true)
        );
    }
}
