//! 授权码查询: who a payer is whose code a merchant has.

use heliu_trade::command::{PayerLookup, Reply};
use heliu_trade::error::TradeError;

use super::{contract_of, had, refused, way_of};
use crate::Inner;
use crate::common::directory::check_enabled;
use crate::payments::Caller;

/// Asked of the channel each time: a code is good for a minute, and nobody else may hear of it.
pub(crate) async fn run(
    inner: &Inner,
    caller: &Caller,
    request: PayerLookup,
) -> Result<Reply, TradeError> {
    check_enabled(&caller.profile)?;
    let contract = contract_of(&caller.profile, request.wallet)?;
    let (account, line) = way_of(inner, contract).await?;
    let asked = had(account.channel.payer_codes())?.payer_of_code(
        &line,
        &account.account,
        contract,
        &request,
    );
    let found = asked.await.map_err(refused)?;
    Ok(Reply::Payer {
        payer_id: found.payer_id,
    })
}
