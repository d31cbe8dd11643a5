//! Contracts made before tokens were keys have theirs where the number stands, which merchants are
//! told: it is sealed, and the number is unknown from then on (ruling 70). What they are known by:
//! their channel wants a key, and what stands as the number is none.

use std::collections::BTreeMap;

use heliu_ports::channel::ChannelDescriptor;
use heliu_ports::exchange::Secret;
use heliu_ports::keys::{KeyOwner, Vault};
use heliu_ports::store::{DirectoryChange, Store};
use heliu_trade::directory::Contract;
use heliu_trade::id::ChannelAccountId;

use crate::failure::Failure;

/// The version of a contract's first key.
const VERSION: u32 = 1;

/// Seals those that there are, and tells the operator what else there is to do.
pub(crate) async fn conceal(store: &dyn Store, vault: &dyn Vault) -> Result<(), Failure> {
    let mut channels: BTreeMap<ChannelAccountId, &'static ChannelDescriptor> = BTreeMap::new();
    for account in store.list_channel_accounts().await? {
        // What this program does not know is told where it is needed.
        if let Some(channel) = heliu_channels::find(account.channel_id.as_str()) {
            channels.insert(account.channel_account_id, channel.descriptor());
        }
    }
    channels.retain(|_, channel| !channel.contract_keys.is_empty());
    if channels.is_empty() {
        return Ok(());
    }
    let mut count = 0;
    for enrolment in store.list_merchants().await? {
        for contract in enrolment.contracts {
            if let Some(role) = role_of_token(&channels, &contract) {
                conceal_one(store, vault, contract, role).await?;
                count += 1;
            }
        }
    }
    if count > 0 {
        tracing::warn!(
            count,
            "contracts had a token where their number should stand: it is sealed now. Have those merchants authorise \
             anew, since what was sent and backed up before still tells the old token; then: heliu merchants activate \
             MERCHANT --contract WALLET=ACCOUNT:FEE:NUMBER --token WALLET=@FILE"
        );
    }
    Ok(())
}

/// The role of what stands as a contract's number, if that is a token.
fn role_of_token(
    channels: &BTreeMap<ChannelAccountId, &'static ChannelDescriptor>,
    contract: &Contract,
) -> Option<&'static str> {
    let channel = channels.get(&contract.channel_account_id)?;
    let number = &contract.sub_merchant_id;
    let is_token = !number.is_empty() && (channel.check_sub_merchant_id)(number).is_err();
    let (role, _) = channel.contract_keys.first().filter(|_| is_token)?;
    Some(role)
}

async fn conceal_one(
    store: &dyn Store,
    vault: &dyn Vault,
    contract: Contract,
    role: &str,
) -> Result<(), Failure> {
    let owner = KeyOwner::of_contract(&Contract {
        sub_merchant_id: String::new(),
        ..contract.clone()
    });
    let key = vault.seal_key(&owner, role, VERSION, &contract.sub_merchant_id)?;
    let change = DirectoryChange::ConcealNumber {
        merchant_id: contract.merchant_id,
        wallet: contract.wallet,
        secret: Secret::whole(contract.sub_merchant_id),
        keys: vec![key],
    };
    Ok(store.change_directory(change).await?)
}
