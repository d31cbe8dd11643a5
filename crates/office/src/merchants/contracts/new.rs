//! A contract as it is entered.

use std::sync::Arc;

use heliu_engine::Engine;
use heliu_engine::enrolment::contracts::faults_of_contract;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_ports::channel::Channel;
use heliu_trade::directory::{ChannelAccount, Contract};
use heliu_trade::fee::{FeeTerms, Tariff, parse_rate};
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{ChannelAccountId, MerchantId};
use heliu_trade::wallet::WalletKind;
use serde::{Deserialize, Serialize};

use crate::channels::find_channel;
use crate::error::OfficeError;

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
    /// The fee as a percentage, such as `0.38%`; empty: the newest that stands of this wallet
    /// through this account, be it another contract's or one that was let pass beforehand.
    pub fee: String,
}

/// The contract that is entered, with the routing terms of the one that it takes the place of; what
/// is wrong goes to `faults`.
pub(super) async fn contract(
    engine: &Engine,
    merchant_id: &MerchantId,
    entered: &NewContract,
    standing: &[Contract],
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
    let id = ChannelAccountId::from(entered.channel_account_id.as_str());
    let mut same = standing.iter();
    let same = same.find(|of| Some(of.wallet) == wallet && of.channel_account_id == id);
    let fee = match wallet.filter(|_| entered.fee.is_empty()) {
        Some(wallet) => {
            let fees = engine
                .store()
                .list_fees(Owner::Merchant(merchant_id.clone()));
            let fees = fees.await?;
            let newest = fees.iter().rfind(|it| it.is_of(wallet, Some(&id)));
            newest.map(|newest| newest.tariff.clone()).ok_or_else(|| {
                Problem::unfit(
                    "is missing: none stands of this wallet through this account",
                    "give it, such as 0.38%, or have it let pass first: heliu fees propose",
                )
            })
        }
        None => parse_rate(&entered.fee)
            .map(|rate_ppm| {
                Tariff::from(FeeTerms {
                    rate_ppm,
                    ..FeeTerms::default()
                })
            })
            .map_err(|fault| Problem::unfit(format!("is none: {fault}"), "")),
    };
    let fee = fee.unwrap_or_else(|problem| {
        faults.add(field("fee"), problem);
        Tariff::default()
    });
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
    let routing = same.map(|of| of.routing).unwrap_or_default();
    let contract = Contract {
        merchant_id: merchant_id.clone(),
        wallet,
        channel_account_id: id,
        sub_merchant_id: entered.sub_merchant_id.clone(),
        sub_app_id: entered.sub_app_id.clone(),
        fee,
        routing,
    };
    let of_contract = faults_of_contract(&contract, &account, &*channel);
    let is_sound = of_contract.iter().next().is_none();
    faults.extend(of_contract);
    Ok(is_sound.then_some(contract))
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

/// The channel that a contract goes through.
pub(super) async fn channel_of(
    engine: &Engine,
    contract: &Contract,
) -> Result<Arc<dyn Channel>, OfficeError> {
    let id = &contract.channel_account_id;
    let found = account(engine, id).await?;
    let missing = || OfficeError::new(format!("there is no channel account {id}"));
    Ok(found.ok_or_else(missing)?.1)
}
