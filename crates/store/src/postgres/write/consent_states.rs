//! States of payers who come back from a wallet's consent page.

use deadpool_postgres::GenericClient;
use heliu_ports::store::{ConsentState, StateUse};
use heliu_trade::time::Timestamp;
use tokio_postgres::types::ToSql;

use crate::columns::integer;
use crate::postgres::connections::{change, first};
use crate::postgres::fault::Fault;

/// The key decides who is first. A call whose answer was lost is made again and finds its own
/// state, which is then used: the payer gives consent once more.
pub(crate) async fn use_consent_state(
    client: &impl GenericClient,
    state: &ConsentState,
    now: Timestamp,
) -> Result<StateUse, Fault> {
    let (merchant, order_no) = (state.merchant_id.as_str(), integer(state.order_no.as_u64()));
    let forget = "DELETE FROM consent_state WHERE merchant_id = $1 AND expires_at < $2";
    change(client, forget, &[&merchant, &now.as_ms()]).await?;
    let write = "INSERT INTO consent_state (merchant_id, order_no, nonce, expires_at)
        SELECT $1, $2, $3, $4 WHERE $5 > (SELECT count(*) FROM consent_state WHERE merchant_id = $1 AND order_no = $2)
        ON CONFLICT DO NOTHING";
    let parameters: [&(dyn ToSql + Sync); 5] = [
        &merchant,
        &order_no,
        &state.nonce,
        &state.expires_at.as_ms(),
        &i64::from(ConsentState::OF_ORDER_MAX),
    ];
    if change(client, write, &parameters).await? == 1 {
        return Ok(StateUse::First);
    }
    let known = "SELECT 1::BIGINT FROM consent_state WHERE merchant_id = $1 AND order_no = $2 AND nonce = $3";
    let parameters: [&(dyn ToSql + Sync); 3] = [&merchant, &order_no, &state.nonce];
    let found = first(client, known, &parameters, |columns| columns.integer()).await?;
    Ok(found.map_or(StateUse::TooMany, |_| StateUse::Again))
}
