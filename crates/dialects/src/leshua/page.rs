//! The payer's page behind `jspay_url`. Source: Leshua trade services, section 3.3.

use heliu_ports::dialect::PageReference;
use heliu_trade::order::Order;
use heliu_trade::wallet::Scene;

use crate::lexical::{is_path, only_value};
use crate::page_token;

/// Where `jspay_url` leads.
pub(super) const PATH: &str = "/cgi-bin/lepos_pay_cashier.cgi";
/// The address of that page at the original, which clients and codes may have kept: the same query
/// (ruling 67).
pub(super) const OLD_PATH: &str = "/cgi-bin/qr/simple_pay.cgi";
/// Longest merchant number that is looked at in an address.
const APP_LENGTH_MAX: usize = 64;

/// The address of an order's page.
pub(super) fn url(order: &Order, public_url: &str, proof: &str) -> String {
    let token = page_token::of(order, proof);
    format!("{public_url}{PATH}?order={token}")
}

/// Reads such an address.
pub(super) fn read(path: &str, query: &str) -> Option<PageReference> {
    let is_page = is_path(path, PATH) || is_path(path, OLD_PATH);
    let order = only_value(query, "order").filter(|_| is_page)?;
    page_token::read(&order, Scene::Qr, APP_LENGTH_MAX)
}
