//! 刷脸凭证: what a terminal's face-pay kit needs.

use heliu_trade::command::{FaceCredential, Reply};
use heliu_trade::error::TradeError;

use super::{contract_of, had, refused, way_of};
use crate::Inner;
use crate::payments::Caller;

/// Asked of the channel each time: the terminal keeps the credential as long as it holds.
/// Served whatever the merchant's state, which gates the making of orders only (ruling 53).
pub(crate) async fn run(
    inner: &Inner,
    caller: &Caller,
    request: FaceCredential,
) -> Result<Reply, TradeError> {
    let contract = contract_of(&caller.profile, request.wallet)?;
    let (account, line) = way_of(inner, contract).await?;
    let asked = had(account.channel.face_kits())?.face_credential(
        &line,
        &account.account,
        contract,
        &request,
    );
    let reply = asked.await.map_err(refused)?;
    Ok(Reply::FaceCredential(Box::new(reply)))
}
