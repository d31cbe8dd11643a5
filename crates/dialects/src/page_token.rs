//! What stands in the address of a payer's page where the wire leaves its form to us: merchant
//! number, our order number and the proof that we gave it, with dots between them. One parameter,
//! since a client is known that spoils `&` in its own copy.

use heliu_ports::dialect::PageReference;
use heliu_trade::id::AppId;
use heliu_trade::order::Order;
use heliu_trade::wallet::Scene;

use crate::lexical::query_value;

/// Writes an order's token, fit for a query.
pub(crate) fn of(order: &Order, proof: &str) -> String {
    let app = query_value(order.app_id.as_str());
    format!("{app}.{}.{proof}", order.order_no)
}

/// Reads a token of a page for orders of this scene.
pub(crate) fn read(token: &str, scene: Scene, app_length_max: usize) -> Option<PageReference> {
    let (order, proof) = token.rsplit_once('.')?;
    let (app, order_no) = order.rsplit_once('.')?;
    let is_short = !app.is_empty() && app.chars().count() <= app_length_max;
    let order_no = order_no.parse().ok().filter(|_| is_short)?;
    Some(PageReference {
        app: AppId::from(app),
        order_no,
        scene,
        proof: Some(proof.to_owned()),
        charge_fen: None,
    })
}
