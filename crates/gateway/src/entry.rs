//! What a merchant's request comes in by: the surface and one dialect.

use std::sync::Arc;

use heliu_engine::Engine;
use heliu_ports::dialect::Dialect;

use crate::limits::RateLimits;

/// The merchants' surface.
pub struct Gateway {
    /// The use cases.
    pub engine: Engine,
    /// Who may send how much.
    pub limits: RateLimits,
}

/// One dialect on the surface.
pub(crate) struct Entry {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) dialect: Arc<dyn Dialect>,
}
