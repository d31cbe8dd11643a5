//! Contracts as people name them: `WALLET`, or `WALLET:ACCOUNT` where a wallet has several.

use heliu_engine::enrolment::Problem;
use heliu_trade::directory::Contract;

/// The place of the one that a word names.
///
/// # Errors
/// None has this name, or several have.
pub(super) fn find_named(
    contracts: &[Contract],
    word: &str,
    cure: impl Into<String>,
) -> Result<usize, Problem> {
    let (wallet, account) = match word.split_once(':') {
        Some((wallet, account)) => (wallet, Some(account)),
        None => (word, None),
    };
    let is_meant = |contract: &Contract| {
        contract.wallet.as_str() == wallet
            && account.is_none_or(|account| contract.channel_account_id.as_str() == account)
    };
    let found: Vec<_> = contracts
        .iter()
        .enumerate()
        .filter(|(_, contract)| is_meant(contract))
        .collect();
    match found.as_slice() {
        [(place, _)] => Ok(*place),
        [] => Err(Problem::unfit(
            format!("belongs to no contract: there is no {word} contract"),
            cure,
        )),
        several => {
            let several = several.iter();
            let names = several.map(|(_, of)| name_of(contracts, of));
            let names = names.collect::<Vec<_>>().join(", ");
            Err(Problem::unfit(
                format!("names several contracts: {names}"),
                "name one of them as WALLET:ACCOUNT",
            ))
        }
    }
}

/// The shortest name that names a contract among a merchant's.
pub(super) fn name_of(contracts: &[Contract], contract: &Contract) -> String {
    let wallet = contract.wallet;
    let is_other = |other: &Contract| {
        other.wallet == wallet && other.channel_account_id != contract.channel_account_id
    };
    if contracts.iter().any(is_other) {
        format!("{}:{}", wallet.as_str(), contract.channel_account_id)
    } else {
        wallet.as_str().to_owned()
    }
}
