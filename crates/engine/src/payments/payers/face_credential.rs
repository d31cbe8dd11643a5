//! 刷脸凭证: what a terminal's face-pay kit needs.

use heliu_ports::keys::KeyOwner;
use heliu_trade::command::{FaceCredential, Reply};
use heliu_trade::error::TradeError;

use super::{contract_of, had, refused};
use crate::Inner;
use crate::common::directory::books_unavailable;
use crate::payments::Caller;

/// Asked of the channel each time: the terminal keeps the credential as long as it holds.
/// Served whatever the merchant's state, which gates the making of orders only (ruling 53).
pub(crate) async fn run(
    inner: &Inner,
    caller: &Caller,
    request: FaceCredential,
) -> Result<Reply, TradeError> {
    let contract = contract_of(&caller.profile, request.wallet)?;
    let account = inner
        .account(&contract.channel_account_id)
        .await
        .map_err(books_unavailable)?;
    let line = inner
        .line_of(&account, || KeyOwner::of_contract(contract))
        .await
        .map_err(books_unavailable)?;
    let asked = had(account.channel.face_kits())?.face_credential(
        &line,
        &account.account,
        contract,
        &request,
    );
    let reply = asked.await.map_err(refused)?;
    Ok(Reply::FaceCredential(Box::new(reply)))
}
