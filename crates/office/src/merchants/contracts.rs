//! Contracts as they are entered, and their secrets: what a merchant gave so that we may act for it
//! at a channel (rulings 56, 70). A contract's number is told to everybody, so no secret may stand
//! there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use heliu_engine::Engine;
use heliu_engine::enrolment::contracts::faults_of_contract;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::channel::Channel;
use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_trade::directory::{ChannelAccount, Contract};
use heliu_trade::fee::{FeeTerms, parse_rate};
use heliu_trade::id::{ChannelAccountId, MerchantId};
use heliu_trade::wallet::WalletKind;
use serde::{Deserialize, Serialize};

use crate::channels::find_channel;
use crate::error::OfficeError;
use crate::keys::sealed;

/// Contracts have at most one key of each role, which a new one replaces.
const VERSION: u32 = 1;

/// A contract for one wallet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewContract {
    /// The wallet's word.
    pub wallet: String,
    /// Through which channel account.
    pub channel_account_id: String,
    /// The merchant's number at the channel.
    pub sub_merchant_id: String,
    /// The merchant's own app id there.
    pub sub_app_id: Option<String>,
    /// The fee as a percentage, such as `0.38%`.
    pub fee: String,
}

/// Contracts as they are entered for a merchant.
pub(crate) struct Entered<'a> {
    /// Whose.
    pub(crate) merchant_id: &'a MerchantId,
    /// Those that it gets, at most one for a wallet.
    pub(crate) new: &'a [NewContract],
    /// Tokens of those, or of contracts that stand, by wallet.
    pub(crate) tokens: &'a BTreeMap<String, String>,
    /// Its contracts that stand.
    pub(crate) standing: &'a [Contract],
}

impl Entered<'_> {
    /// The contracts and their sealed tokens, as far as nothing is wrong with them; what is wrong
    /// goes to `faults`.
    pub(crate) async fn check(
        &self,
        engine: &Engine,
        faults: &mut Faults,
    ) -> Result<(Vec<Contract>, Vec<SealedKey>), OfficeError> {
        let (mut contracts, mut wallets) = (Vec::new(), BTreeSet::new());
        for entered in self.new {
            if !wallets.insert(&entered.wallet) {
                faults.add(format!("contract {}", entered.wallet), Problem::Twice);
                continue;
            }
            contracts.extend(self.contract(engine, entered, faults).await?);
        }
        let mut keys = Vec::new();
        for (word, token) in self.tokens {
            let mut known = contracts.iter().chain(self.standing);
            let field = format!("token {word}");
            match known.find(|contract| contract.wallet.as_str() == *word) {
                Some(contract) => {
                    keys.extend(token_of(engine, contract, &field, token, faults).await?);
                }
                // The contract that it belongs to has been told already.
                None if wallets.contains(word) => {}
                None => faults.add(
                    field,
                    Problem::unfit(
                        format!("belongs to no contract: there is no {word} contract"),
                        format!("give it too: --contract {word}=..."),
                    ),
                ),
            }
        }
        for contract in &contracts {
            note_missing_tokens(engine, contract, &keys, faults).await?;
        }
        Ok((contracts, keys))
    }

    async fn contract(
        &self,
        engine: &Engine,
        entered: &NewContract,
        faults: &mut Faults,
    ) -> Result<Option<Contract>, OfficeError> {
        let word = &entered.wallet;
        let field = |what: &str| format!("contract {word}: {what}");
        let wallet = WalletKind::parse(word);
        if wallet.is_none() {
            let known = WalletKind::ALL.map(|wallet| wallet.as_str().to_owned());
            faults.add(
                format!("contract {word}: wallet"),
                Problem::NotOneOf(known.into()),
            );
        }
        let rate_ppm = parse_rate(&entered.fee);
        if let Err(fault) = &rate_ppm {
            let why = format!("is none: {fault}");
            faults.add(field("fee"), Problem::unfit(why, ""));
        }
        let id = ChannelAccountId::from(entered.channel_account_id.as_str());
        let found = account(engine, &id).await?;
        if found.is_none() {
            let problem = Problem::unfit(
                format!("is missing: there is no channel account {id}"),
                "write it first: heliu channels put",
            );
            faults.add(field("channel account"), problem);
        }
        let (Some(wallet), Some((account, channel))) = (wallet, found) else {
            return Ok(None);
        };
        let contract = Contract {
            merchant_id: self.merchant_id.clone(),
            wallet,
            channel_account_id: id,
            sub_merchant_id: entered.sub_merchant_id.clone(),
            sub_app_id: entered.sub_app_id.clone(),
            fee: FeeTerms {
                rate_ppm: rate_ppm.unwrap_or_default(),
                ..FeeTerms::default()
            },
        };
        let of_contract = faults_of_contract(&contract, &account, &*channel);
        let is_sound = of_contract.iter().next().is_none();
        faults.extend(of_contract);
        Ok(is_sound.then_some(contract))
    }
}

/// An account that stands, with its channel.
async fn account(
    engine: &Engine,
    id: &ChannelAccountId,
) -> Result<Option<(ChannelAccount, Arc<dyn Channel>)>, OfficeError> {
    let Some((account, _)) = engine.store().find_channel_account(id).await? else {
        return Ok(None);
    };
    let channel = find_channel(engine, account.channel_id.as_str());
    let missing = || OfficeError::new(format!("there is no channel {}", account.channel_id));
    let channel = channel.ok_or_else(missing)?;
    Ok(Some((account, channel)))
}

async fn channel_of(engine: &Engine, contract: &Contract) -> Result<Arc<dyn Channel>, OfficeError> {
    let id = &contract.channel_account_id;
    let found = account(engine, id).await?;
    let missing = || OfficeError::new(format!("there is no channel account {id}"));
    Ok(found.ok_or_else(missing)?.1)
}

/// Seals a contract's token.
async fn token_of(
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

/// Finds which tokens a new contract lacks.
async fn note_missing_tokens(
    engine: &Engine,
    contract: &Contract,
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
                format!("give it: --token {wallet}=@FILE"),
            );
            faults.add(format!("contract {wallet}: {role}"), problem);
        }
    }
    Ok(())
}
