//! Secrets of contracts: what a merchant gave so that we may act for it at a channel (rulings 56, 70). A contract's
//! number is told to everybody, so no secret may stand there.

use std::collections::BTreeMap;

use heliu_engine::Engine;
use heliu_ports::channel::ChannelDescriptor;
use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_trade::directory::{ChannelAccount, Contract};
use heliu_trade::wallet::WalletKind;

use crate::failure::Failure;

/// Contracts have at most one key of each role, which a new one replaces.
const VERSION: u32 = 1;

/// What the channel of an account states.
pub(super) fn channel_of(account: &ChannelAccount) -> Result<&'static ChannelDescriptor, Failure> {
    let channel = heliu_channels::find(account.channel_id.as_str());
    let missing = || Failure::new(format!("there is no channel {}", account.channel_id));
    Ok(channel.ok_or_else(missing)?.descriptor())
}

/// A new contract's number must be one.
pub(super) fn check_number(
    contract: &Contract,
    descriptor: &ChannelDescriptor,
) -> Result<(), Failure> {
    (descriptor.check_sub_merchant_id)(&contract.sub_merchant_id).map_err(|why| {
        let wallet = contract.wallet.as_str();
        Failure::with_cure(
            format!("the {wallet} contract's number is none: {why}"),
            "write it as in --contract WALLET=ACCOUNT:FEE:NUMBER; a token goes into --token WALLET=@FILE",
        )
    })
}

/// Seals the tokens that were given with `new` contracts, or for those that stand already, and finds the new ones
/// that lack theirs.
pub(super) async fn seal(
    engine: &Engine,
    new: &[Contract],
    standing: &[Contract],
    tokens: &BTreeMap<String, String>,
) -> Result<Vec<SealedKey>, Failure> {
    let mut keys = Vec::new();
    for (word, token) in tokens {
        let wallet = WalletKind::parse(word)
            .ok_or_else(|| Failure::new(format!("there is no wallet {word}")))?;
        let mut contracts = new.iter().chain(standing);
        let contract = contracts.find(|contract| contract.wallet == wallet);
        let contract = contract.ok_or_else(|| {
            let what = format!("there is no {word} contract that the token could belong to");
            Failure::with_cure(what, &format!("give it too: --contract {word}=..."))
        })?;
        let descriptor = descriptor_of(engine, contract).await?;
        let [(role, _)] = descriptor.contract_keys else {
            return Err(Failure::new(format!(
                "contracts with {} have no token",
                descriptor.name
            )));
        };
        let owner = KeyOwner::of_contract(contract);
        keys.push(engine.vault().seal_key(&owner, role, VERSION, token)?);
    }
    for contract in new {
        let descriptor = descriptor_of(engine, contract).await?;
        let owner = KeyOwner::of_contract(contract).name();
        for (role, form) in descriptor.contract_keys {
            let is_given = keys
                .iter()
                .any(|key| key.owner == owner && key.role == *role);
            if !is_given && engine.store().list_keys(owner.clone()).await?.is_empty() {
                let wallet = contract.wallet.as_str();
                return Err(Failure::with_cure(
                    format!("the {wallet} contract lacks its {role} ({form})"),
                    &format!("give it: --token {wallet}=@FILE"),
                ));
            }
        }
    }
    Ok(keys)
}

async fn descriptor_of(
    engine: &Engine,
    contract: &Contract,
) -> Result<&'static ChannelDescriptor, Failure> {
    let id = &contract.channel_account_id;
    let found = engine.store().find_channel_account(id).await?;
    let (account, _) =
        found.ok_or_else(|| Failure::new(format!("there is no channel account {id}")))?;
    channel_of(&account)
}
