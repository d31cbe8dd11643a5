//! What payers open: the page behind `pay_url`, and the picture behind `code_img_url`. Source:
//! Chaoying v2.5.3, sections 4.8 and 4.9.

use heliu_ports::dialect::PageReference;
use heliu_trade::order::Order;
use heliu_trade::wallet::Scene;

use crate::lexical::{is_path_in_any_case as is_path, only_value, query_value};
use crate::page_token;

/// Where `pay_url` leads.
pub(super) const PATH: &str = "/pay/alipay/jspay";
/// Where `code_img_url` leads.
pub(super) const CODE_IMAGE_PATH: &str = "/pay/qrcode";
/// Longest merchant number that is looked at in an address.
const APP_LENGTH_MAX: usize = 32;

/// The address of the page of the payer whom the order names.
pub(super) fn url(order: &Order, public_url: &str, proof: &str) -> String {
    let token = page_token::of(order, proof);
    format!("{public_url}{PATH}?token={token}")
}

/// Reads such an address.
pub(super) fn read(path: &str, query: &str) -> Option<PageReference> {
    let token = only_value(query, "token").filter(|_| is_path(path, PATH))?;
    page_token::read(&token, Scene::Jsapi, APP_LENGTH_MAX)
}

/// The address of a code's picture.
pub(super) fn code_image_url(code: &str, public_url: &str) -> String {
    format!("{public_url}{CODE_IMAGE_PATH}?uuid={}", query_value(code))
}

/// Reads the address behind `code_img_url`: `uuid` is the code itself.
pub(super) fn code_image(path: &str, query: &str) -> Option<String> {
    /// Longest code, in bytes: what a picture of ours holds.
    const CODE_MAX: usize = 512;
    only_value(query, "uuid")
        .filter(|code| is_path(path, CODE_IMAGE_PATH) && code.len() <= CODE_MAX)
}
