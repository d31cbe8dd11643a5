//! Who may put fees in force alone: the one rule, wherever fees are entered.

use heliu_trade::directory::Contract;
use heliu_trade::fee::rate_text;
use heliu_trade::fee::schedule::FeeVersion;

use crate::actor::Actor;
use crate::error::OfficeError;

/// Whether what somebody enters is in force at once: while nobody is on the list of people, who
/// could look at it.
///
/// # Errors
/// Two people look at fees: `cure` says how they come to it.
pub(super) fn check_alone(actor: &Actor, cure: &str) -> Result<(), OfficeError> {
    if actor.is_person() {
        let what = "two people look at fees before they are in force";
        return Err(OfficeError::with_cure(what, cure));
    }
    Ok(())
}

/// The same for fees of contracts, as far as they differ from the newest that stand.
///
/// # Errors
/// As [`check_alone`].
pub(super) fn check_contracts(
    actor: &Actor,
    known: &[FeeVersion],
    contracts: &[Contract],
    is_new_merchant: bool,
) -> Result<(), OfficeError> {
    let differs = |contract: &&Contract| {
        let account = Some(&contract.channel_account_id);
        let newest = known.iter().rfind(|it| it.is_of(contract.wallet, account));
        newest.is_none_or(|newest| newest.tariff != contract.fee)
    };
    let Some(contract) = contracts.iter().find(differs) else {
        return Ok(());
    };
    let (wallet, account) = (contract.wallet.as_str(), &contract.channel_account_id);
    let (merchant_id, rate) = (&contract.merchant_id, rate_text(contract.fee.base.rate_ppm));
    let first = match is_new_merchant {
        true => "add the merchant without contracts; then ",
        false => "",
    };
    let cure = format!(
        "{first}propose the fee: heliu fees propose merchant:{merchant_id} --wallet {wallet} \
         --channel {account} --rate {rate}; another person lets it pass: heliu approvals approve; \
         a contract takes it if none is given with it: heliu merchants edit {merchant_id} \
         --contract {wallet}={account}::{}",
        contract.sub_merchant_id
    );
    check_alone(actor, &cure)
}
