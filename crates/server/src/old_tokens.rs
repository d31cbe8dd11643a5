//! Contracts made before tokens were keys have theirs where the number stands, which merchants are told: it is sealed,
//! and the number is unknown from then on (ruling 70). What they are known by: their channel wants a key, and they have
//! none.

use heliu_ports::exchange::Secret;
use heliu_ports::keys::{KeyOwner, Vault};
use heliu_ports::store::{DirectoryChange, Store};
use heliu_trade::directory::Contract;

use crate::failure::Failure;

/// The version of a contract's first key.
const VERSION: u32 = 1;

/// Seals those that there are, and tells the operator what else there is to do.
pub(crate) async fn conceal(store: &dyn Store, vault: &dyn Vault) -> Result<(), Failure> {
    let mut count = 0;
    for enrolment in store.list_merchants().await? {
        for contract in enrolment.contracts {
            count += usize::from(conceal_one(store, vault, contract).await?);
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

async fn conceal_one(
    store: &dyn Store,
    vault: &dyn Vault,
    contract: Contract,
) -> Result<bool, Failure> {
    let number = contract.sub_merchant_id.clone();
    let found = store
        .find_channel_account(&contract.channel_account_id)
        .await?;
    // An account that is gone, or a channel that this program does not know, is told where it is needed.
    let channel = found.and_then(|(account, _)| heliu_channels::find(account.channel_id.as_str()));
    let descriptor = channel.as_ref().map(|channel| channel.descriptor());
    let Some([(role, _)]) = descriptor.map(|descriptor| descriptor.contract_keys) else {
        return Ok(false);
    };
    let standing = KeyOwner::of_contract(&contract).name();
    if number.is_empty() || !store.list_keys(standing).await?.is_empty() {
        return Ok(false);
    }
    let owner = KeyOwner::of_contract(&Contract {
        sub_merchant_id: String::new(),
        ..contract.clone()
    });
    let key = vault.seal_key(&owner, role, VERSION, &number)?;
    let change = DirectoryChange::ConcealNumber {
        merchant_id: contract.merchant_id,
        wallet: contract.wallet,
        secret: Secret::whole(number),
        keys: vec![key],
    };
    store.change_directory(change).await?;
    Ok(true)
}
