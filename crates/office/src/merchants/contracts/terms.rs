//! Fees and priorities of contracts.

use std::collections::{BTreeMap, BTreeSet};

use heliu_engine::enrolment::{Faults, Problem};
use heliu_trade::directory::Contract;
use heliu_trade::fee::{FeeTerms, parse_rate};
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
                contract.fee = FeeTerms {
                    rate_ppm,
                    ..contract.fee
                };
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
