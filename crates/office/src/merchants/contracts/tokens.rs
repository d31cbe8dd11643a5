//! Tokens of contracts: the secrets by which a merchant lets us act for it at a channel.

use heliu_engine::Engine;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_trade::directory::Contract;

use super::named::name_of;
use super::new::channel_of;
use crate::error::OfficeError;
use crate::keys::sealed;

/// Contracts have at most one key of each role, which a new one replaces.
const VERSION: u32 = 1;

/// Seals a contract's token.
pub(super) async fn token_of(
    engine: &Engine,
    contract: &Contract,
    field: &str,
    token: &str,
    faults: &mut Faults,
) -> Result<Option<SealedKey>, OfficeError> {
    let channel = channel_of(engine, contract).await?;
    let [(role, _)] = channel.descriptor().contract_keys else {
        let why = format!(
            "is not wanted: contracts with {} have no token",
            channel.descriptor().name
        );
        faults.add(field, Problem::unfit(why, ""));
        return Ok(None);
    };
    let owner = KeyOwner::of_contract(contract);
    Ok(sealed(engine, &owner, role, VERSION, token, field, faults))
}

/// Finds which tokens a new contract lacks; `all` are the merchant's, among which it is named.
pub(super) async fn note_missing_tokens(
    engine: &Engine,
    contract: &Contract,
    all: &[Contract],
    given: &[SealedKey],
    faults: &mut Faults,
) -> Result<(), OfficeError> {
    let channel = channel_of(engine, contract).await?;
    let owner = KeyOwner::of_contract(contract).name();
    for (role, form) in channel.descriptor().contract_keys {
        let is_given = given
            .iter()
            .any(|key| key.owner == owner && key.role == *role);
        if !is_given && engine.store().list_keys(owner.clone()).await?.is_empty() {
            let wallet = contract.wallet.as_str();
            let problem = Problem::unfit(
                format!("is missing: {form}"),
                format!("give it: --token {}=@FILE", name_of(all, contract)),
            );
            faults.add(format!("contract {wallet}: {role}"), problem);
        }
    }
    Ok(())
}
