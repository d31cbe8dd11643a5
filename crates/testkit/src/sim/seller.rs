//! Who sells: a merchant's app, and the dialect in which it asks.

use std::sync::Arc;

use heliu_ports::dialect::Dialect;
use heliu_trade::id::AppId;

/// A merchant's app.
pub(super) struct Seller {
    pub(super) name: String,
    pub(super) app_id: AppId,
    pub(super) dialect: Arc<dyn Dialect>,
}
