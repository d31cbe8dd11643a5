//! Which order a merchant means.

use heliu_ports::store::OrderKey;
use heliu_trade::attempt::Attempt;
use heliu_trade::command::{OrderReference, Reference};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::Order;

use super::Caller;
use crate::Inner;

/// The order that the first present reference names; a later one only where the wire falls back
/// (ruling 23).
pub(crate) async fn resolve(
    inner: &Inner,
    caller: &Caller,
    reference: &OrderReference,
) -> Result<(Order, Vec<Attempt>), TradeError> {
    for candidate in &reference.candidates {
        let key = match candidate {
            Reference::Platform(number) => number.map(OrderKey::Platform),
            Reference::Merchant(number) => {
                Some(OrderKey::Merchant(caller.app_id().clone(), number.clone()))
            }
        };
        if let Some(key) = key
            && let Some(found) = inner
                .find_order(caller.merchant_id(), caller.app_id(), key)
                .await?
        {
            return Ok(found);
        }
        if !reference.falls_back {
            break;
        }
    }
    Err(TradeError::new(
        ErrorCode::OrderNotFound,
        "this merchant has no such order",
    ))
}
