//! Contracts and tokens as they are typed, by every command that takes them.

use clap::Args;
use heliu_office::merchants::NewContract;
use std::collections::BTreeMap;

use super::arguments::secrets;
use crate::failure::Failure;

/// The form of a contract.
const CONTRACT: &str = "WALLET=ACCOUNT:FEE:SUB_MERCHANT[@SUB_APPID]";
/// The form of a token.
const TOKEN: &str = "WALLET=@FILE";

/// Contracts, and tokens by which the merchant lets us act for it.
#[derive(Debug, Args)]
pub(super) struct Contracts {
    /// A contract as WALLET=CHANNEL_ACCOUNT:FEE:SUB_MERCHANT, with @ and the merchant's own app id
    /// behind it if it has one; the fee is a percentage, such as 0.38%. It takes the place of one
    /// for the same wallet
    #[arg(long = "contract", value_name = CONTRACT)]
    contracts: Vec<String>,
    /// The token by which the merchant lets us act for it, for contracts whose channel wants one,
    /// as WALLET=@FILE; also a new one for a contract that stands
    #[arg(long = "token", value_name = TOKEN)]
    tokens: Vec<String>,
}

impl Contracts {
    /// Contracts, and tokens by wallet.
    pub(super) fn read(self) -> Result<(Vec<NewContract>, BTreeMap<String, String>), Failure> {
        let contracts = self.contracts.iter().map(|text| contract(text));
        let contracts = contracts.collect::<Result<_, _>>()?;
        Ok((contracts, secrets("token", &self.tokens)?))
    }
}

fn contract(text: &str) -> Result<NewContract, Failure> {
    let malformed = || Failure::new(format!("{text} is not {CONTRACT}"));
    let (wallet, rest) = text.split_once('=').ok_or_else(malformed)?;
    let mut parts = rest.splitn(3, ':');
    let account = parts.next().ok_or_else(malformed)?;
    let fee = parts.next().ok_or_else(malformed)?;
    let rest = parts.next().ok_or_else(malformed)?;
    let (sub_merchant_id, sub_app_id) = match rest.rsplit_once('@') {
        Some((sub_merchant_id, sub_app_id)) => (sub_merchant_id, Some(sub_app_id.to_owned())),
        None => (rest, None),
    };
    Ok(NewContract {
        wallet: wallet.to_owned(),
        channel_account_id: account.to_owned(),
        sub_merchant_id: sub_merchant_id.to_owned(),
        sub_app_id,
        fee: fee.to_owned(),
    })
}
