//! Contracts with channels.

use heliu_ports::channel::{Channel, UpstreamScene};
use heliu_trade::directory::{ChannelAccount, Contract};

use super::names::check_foreign_number;
use super::{Faults, Problem};

/// A contract through an account, with the account's channel.
#[must_use]
pub fn faults_of_contract(
    contract: &Contract,
    account: &ChannelAccount,
    channel: &dyn Channel,
) -> Faults {
    let wallet = contract.wallet;
    let field = |what: &str| format!("contract {}: {what}", wallet.as_str());
    let mut faults = Faults::new();
    let can_pay = |scene| channel.plan(account, wallet, scene).is_some();
    if !UpstreamScene::ALL.into_iter().any(can_pay) {
        let (id, name) = (&account.channel_account_id, channel.descriptor().name);
        let why =
            format!("is through {id}, an account with {name}, which does not take this wallet");
        faults.add(
            field("channel account"),
            Problem::unfit(why, "name an account of the wallet's own channel"),
        );
    }
    faults.note(
        &field("sub-merchant"),
        check_foreign_number(&contract.sub_merchant_id),
    );
    if let Err(why) = (channel.descriptor().check_sub_merchant_id)(&contract.sub_merchant_id) {
        faults.add(
            field("sub-merchant"),
            Problem::unfit(
                format!("is no number: {why}"),
                "write it as in --contract WALLET=ACCOUNT:FEE:NUMBER; a token goes into --token WALLET=@FILE",
            ),
        );
    }
    if let Some(app_id) = &contract.sub_app_id {
        faults.note(&field("app id"), check_foreign_number(app_id));
    }
    if let Err(fault) = contract.fee.check() {
        faults.add(
            field("fee"),
            Problem::unfit(format!("is none: {fault}"), ""),
        );
    }
    faults
}
