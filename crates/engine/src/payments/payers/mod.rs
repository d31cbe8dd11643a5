//! Who pays: what wallets tell of a payer, and what a device needs to ask. No money moves here.

pub(crate) mod face_credential;
pub(crate) mod find_payer;
pub(crate) mod mini_program_session;

use std::sync::Arc;

use heliu_ports::channel::LookupRefused;
use heliu_ports::keys::KeyOwner;
use heliu_trade::directory::Contract;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::routing::contract_for;
use heliu_trade::wallet::WalletKind;

use crate::Inner;
use crate::common::directory::{AccountProfile, AppProfile, books_unavailable};
use crate::common::upstream::Line;

/// The merchant's contract by which a wallet is paid.
fn contract_of(profile: &AppProfile, wallet: WalletKind) -> Result<&Contract, TradeError> {
    contract_for(&profile.contracts, wallet).ok_or_else(|| {
        let problem = "the merchant has no contract for this wallet";
        TradeError::advised(ErrorCode::NoContract, problem)
    })
}

/// A contract's account, and the way to its channel.
async fn way_of<'a>(
    inner: &'a Inner,
    contract: &Contract,
) -> Result<(Arc<AccountProfile>, Line<'a>), TradeError> {
    let account = inner
        .account(&contract.channel_account_id)
        .await
        .map_err(books_unavailable)?;
    let line = inner
        .line_of(&account, || KeyOwner::of_contract(contract))
        .await
        .map_err(books_unavailable)?;
    Ok((account, line))
}

/// A facet that a channel may have.
fn had<T>(facet: Option<T>) -> Result<T, TradeError> {
    facet.ok_or_else(|| refused(LookupRefused::Unsupported))
}

/// A channel's refusal of a credential, a session or a payer as a merchant hears it.
fn refused(refused: LookupRefused) -> TradeError {
    match refused {
        LookupRefused::Unsupported => TradeError::advised(
            ErrorCode::NoContract,
            "this wallet has no such service here",
        ),
        LookupRefused::Refused(word) => TradeError::advised(
            ErrorCode::LookupRefused,
            "the wallet refused: a code is good once and for minutes",
        )
        .because(word),
        LookupRefused::Unknown(unknown) => {
            tracing::warn!(why = unknown.why, "a wallet's service gave no answer");
            TradeError::new(
                ErrorCode::OutcomeUnknown,
                "the wallet gave no answer; nothing happened, ask again",
            )
        }
    }
}
