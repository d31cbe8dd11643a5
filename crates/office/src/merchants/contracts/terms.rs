//! Fees and priorities of contracts.

use std::collections::{BTreeMap, BTreeSet};

use heliu_engine::enrolment::{Faults, Problem};
use heliu_trade::directory::Contract;
use heliu_trade::fee::parse_rate;
use heliu_trade::routing::ContractKey;

use super::named::find_named;
use super::{SHOWN, is_told};

/// Gives contracts other fees, by their names; one of `given` has its fee already.
pub(super) fn set_fees(
    contracts: &mut [Contract],
    fees: &BTreeMap<String, String>,
    given: &BTreeSet<ContractKey>,
    faults: &mut Faults,
) -> BTreeSet<ContractKey> {
    let mut touched = BTreeSet::new();
    for (word, fee) in fees {
        let field = format!("fee {word}");
        let place = match find_named(contracts, word, SHOWN) {
            Ok(place) => place,
            Err(problem) => {
                faults.add(field, problem);
                continue;
            }
        };
        let Some(contract) = contracts.get_mut(place) else {
            continue;
        };
        let key = contract.key();
        if given.contains(&key) || touched.contains(&key) {
            faults.add(field, Problem::Twice);
            continue;
        }
        match parse_rate(fee) {
            Ok(rate_ppm) => {
                contract.fee.base.rate_ppm = rate_ppm;
                touched.insert(key);
            }
            Err(fault) => faults.add(field, Problem::unfit(format!("is none: {fault}"), "")),
        }
    }
    touched
}

/// Gives contracts other priorities, by their names.
pub(super) fn set_priorities(
    contracts: &mut [Contract],
    priorities: &BTreeMap<String, String>,
    told: &BTreeSet<String>,
    faults: &mut Faults,
) -> BTreeSet<ContractKey> {
    let mut touched = BTreeSet::new();
    for (word, number) in priorities {
        let field = format!("priority {word}");
        let place = match find_named(contracts, word, SHOWN) {
            Ok(place) => place,
            Err(_) if is_told(told, contracts, word) => continue,
            Err(problem) => {
                faults.add(field, problem);
                continue;
            }
        };
        let Ok(priority) = number.parse() else {
            faults.add(field, Problem::Malformed("a number from 0 on".to_owned()));
            continue;
        };
        if let Some(contract) = contracts.get_mut(place) {
            if !touched.insert(contract.key()) {
                faults.add(field, Problem::Twice);
            }
            contract.routing.priority = priority;
        }
    }
    touched
}

/// Finds contracts of one wallet with one priority, where a change touches the wallet: nobody could
/// say which is taken.
pub(super) fn note_equal_priorities(
    contracts: &[Contract],
    touched: &BTreeSet<ContractKey>,
    faults: &mut Faults,
) {
    for (index, contract) in contracts.iter().enumerate() {
        let (wallet, priority) = (contract.wallet, contract.routing.priority);
        if !touched.iter().any(|key| key.wallet == wallet) {
            continue;
        }
        let mut before = contracts.iter().take(index);
        let same = before.find(|of| of.wallet == wallet && of.routing.priority == priority);
        let Some(other) = same else { continue };
        let (word, account) = (wallet.as_str(), &contract.channel_account_id);
        let other = &other.channel_account_id;
        faults.add(
            format!("contract {word}: priority"),
            Problem::unfit(
                format!("is {priority} through {other} and through {account}"),
                format!(
                    "give each its own, the lowest is taken: --priority {word}:{account}=NUMBER; \
                     or remove one: heliu merchants edit, --drop-contract {word}:{other}"
                ),
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use heliu_engine::enrolment::Faults;
    use heliu_trade::directory::{Contract, RoutingTerms};
    use heliu_trade::fee::Tariff;
    use heliu_trade::routing::ContractKey;
    use heliu_trade::wallet::WalletKind::{self, Alipay, Wechat};

    use super::{note_equal_priorities, set_fees, set_priorities};

    fn contract((wallet, account, priority): (WalletKind, &str, u32)) -> Contract {
        Contract {
            merchant_id: "m".into(),
            wallet,
            channel_account_id: account.into(),
            sub_merchant_id: String::new(),
            sub_app_id: None,
            fee: Tariff::default(),
            routing: RoutingTerms {
                priority,
                ..RoutingTerms::default()
            },
        }
    }

    fn named(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        pairs.iter().map(owned).collect()
    }

    fn told(faults: &Faults) -> Vec<String> {
        let faults = faults.iter();
        let said = faults.map(|fault| format!("{} {}", fault.field, fault.problem));
        said.collect()
    }

    #[test]
    fn contracts_change_places_and_no_two_of_a_wallet_are_equal() {
        const STAND: [(WalletKind, &str, u32); 3] =
            [(Wechat, "a", 0), (Wechat, "b", 1), (Alipay, "a", 0)];
        let good: &[&str] = &[];
        for (given, expected) in [
            (&[("wechat:a", "1"), ("wechat:b", "0")][..], good),
            (&[("alipay", "1")], good),
            (&[("wechat:a", "4294967295")], good),
            (
                &[("wechat:b", "0")],
                &["contract wechat: priority is 0 through a and through b"],
            ),
            (
                &[("wechat", "3")],
                &["priority wechat names several contracts: wechat:a, wechat:b"],
            ),
            (
                &[("wechat:c", "3")],
                &["priority wechat:c belongs to no contract: there is no wechat:c contract"],
            ),
            (
                &[("wechat:a", "-1")],
                &["priority wechat:a must be a number from 0 on"],
            ),
            (
                &[("alipay", "2"), ("alipay:a", "3")],
                &["priority alipay:a is given twice"],
            ),
        ] {
            let mut contracts = STAND.map(contract);
            let mut faults = Faults::new();
            let none = BTreeSet::new();
            let touched = set_priorities(&mut contracts, &named(given), &none, &mut faults);
            note_equal_priorities(&contracts, &touched, &mut faults);
            assert_eq!(told(&faults), expected, "{given:?}");
        }
    }

    #[test]
    fn a_fee_is_changed_of_a_contract_that_stands_and_is_not_given() {
        let stand = [(Wechat, "a", 0), (Wechat, "b", 1), (Alipay, "a", 0)];
        let given: BTreeSet<ContractKey> = [contract((Alipay, "a", 0)).key()].into();
        for (fees, rates_ppm, expected) in [
            (&[("wechat:b", "0.38%")][..], [0, 3_800, 0], ""),
            (&[("wechat", "1%")], [0; 3], "fee wechat names several"),
            (&[("alipay", "1%")], [0; 3], "fee alipay is given twice"),
            (&[("wechat:a", "11%")], [0; 3], "fee wechat:a is none"),
            (&[("unionpay", "1%")], [0; 3], "fee unionpay belongs to no"),
        ] {
            let mut contracts = stand.map(contract);
            let mut faults = Faults::new();
            set_fees(&mut contracts, &named(fees), &given, &mut faults);
            let rates = contracts.each_ref().map(|of| of.fee.base.rate_ppm);
            assert_eq!(rates, rates_ppm, "{fees:?}");
            let said = told(&faults).join("\n");
            assert!(said.starts_with(expected), "{fees:?}: {said}");
            assert_eq!(said.is_empty(), expected.is_empty(), "{said}");
        }
    }
}
