//! The payer's page behind `qr_code`: `/online/pay/?id=..&tradeNo=..&price=..`. Source: Fufu
//! V1.1.1, section 2.2.

use heliu_ports::dialect::PageReference;
use heliu_trade::id::AppId;
use heliu_trade::money::{parse_yuan, yuan_text};
use heliu_trade::order::Order;
use heliu_trade::wallet::Scene;

use crate::lexical::{is_path, only_value, query_value};

/// Where `qr_code` leads.
pub(super) const PATH: &str = "/online/pay";

/// The address of the payer's page. The price is the charge in CNY (ruling 7).
pub(super) fn url(order: &Order, public_url: &str) -> String {
    format!(
        "{public_url}{PATH}/?id={}&tradeNo={}&price={}",
        query_value(order.app_id.as_str()),
        order.order_no,
        yuan_text(order.charge_fen)
    )
}

/// Reads such an address. The price must be written as `qr_code` writes it and be the order's: on
/// this wire nothing else keeps people from counting through other people's orders (ruling 68).
/// What is paid stands in the books.
pub(super) fn read(path: &str, query: &str) -> Option<PageReference> {
    if !is_path(path, PATH) {
        return None;
    }
    let app = only_value(query, "id").filter(|id| id.chars().count() <= 32)?;
    let order_no = only_value(query, "tradeNo")?.parse().ok()?;
    let price = only_value(query, "price")?;
    let charge_fen = parse_yuan(&price).filter(|charge_fen| yuan_text(*charge_fen) == price)?;
    Some(PageReference {
        proof: None,
        app: AppId::from(app.as_str()),
        order_no,
        scene: Scene::Qr,
        charge_fen: Some(charge_fen),
    })
}
