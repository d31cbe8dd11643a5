//! Contracts and tokens as they are typed, by every command that takes them.

use clap::Args;
use heliu_office::merchants::NewContract;
use std::collections::BTreeMap;

use super::arguments::{pairs, secrets};
use crate::failure::Failure;

/// The form of a contract.
const CONTRACT: &str = "WALLET=ACCOUNT:FEE:SUB_MERCHANT[@SUB_APPID]";
/// The form of a token.
const TOKEN: &str = "WALLET=@FILE";

/// The form of a priority.
const PRIORITY: &str = "WALLET[:ACCOUNT]=NUMBER";

/// Contracts, tokens by which the merchant lets us act for it, and priorities.
#[derive(Debug, Args)]
pub(super) struct Contracts {
    /// A contract as WALLET=CHANNEL_ACCOUNT:FEE:SUB_MERCHANT, with @ and the merchant's own app id
    /// behind it if it has one; the fee is a percentage, such as 0.38%. It takes the place of one
    /// for the same wallet through the same account; beside one through another account it needs a
    /// priority of its own
    #[arg(long = "contract", value_name = CONTRACT)]
    contracts: Vec<String>,
    /// The token by which the merchant lets us act for it, for contracts whose channel wants one,
    /// as WALLET=@FILE, or WALLET:ACCOUNT=@FILE where a wallet has several; also a new one for a
    /// contract that stands
    #[arg(long = "token", value_name = TOKEN)]
    tokens: Vec<String>,
    /// Which contract of a wallet is taken: the one with the lowest number, which is 0 unless it is
    /// told; for contracts that are given and that stand
    #[arg(long = "priority", value_name = PRIORITY)]
    priorities: Vec<String>,
}

/// What was typed of contracts; tokens and priorities by the contract's name.
pub(super) struct Given {
    pub(super) contracts: Vec<NewContract>,
    pub(super) tokens: BTreeMap<String, String>,
    pub(super) priorities: BTreeMap<String, String>,
}

impl Contracts {
    /// What was typed.
    pub(super) fn read(self) -> Result<Given, Failure> {
        let contracts = self.contracts.iter().map(|text| contract(text));
        Ok(Given {
            contracts: contracts.collect::<Result<_, _>>()?,
            tokens: secrets("token", &self.tokens)?,
            priorities: pairs(&self.priorities)?,
        })
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
