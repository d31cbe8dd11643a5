//! The merchants' HTTP surface: one pipeline for all dialects, and the server under every surface.
//!
//! The pipeline's order is fixed here, once: route, the address's limit, decode, find the signer,
//! verify, the signer's limit, may this signer act for this merchant, freshness, execute, encode,
//! sign, record. A dialect cannot forget to verify, because it does not own the pipeline.

mod entry;
mod limits;
mod misses;
mod paces;
mod pipeline;
mod recording;
mod routes;
mod serve;
mod verification;
mod visitor;

pub use entry::Gateway;
pub use limits::{RateLimits, guarded};
pub use routes::{router, with_any_slashes};
pub use serve::{ServeLimits, serve, worker_threads};
pub use visitor::TrustedProxies;
