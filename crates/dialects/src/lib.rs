//! Dialects: pure two-way translators between a merchant protocol's bytes and the house's own
//! words.
//!
//! One folder each, all with the same files: `mod` (what it states about itself), a folder for each
//! surface with one file an interface, `notify`, `sign`, `codes`, `README.md` (the source of each
//! rule), `golden` (test data). A dialect has no key, no database, no clock, no HTTP framework and
//! no logger, and knows no other dialect.
//!
//! What several wires read or write alike stands beside the folders, named for what it does: `form`
//! and `multipart` (parameters), `parameters` (their rules), `basket` (goods in JSON), `signature`
//! (hashes over forms), `object` and `xml` (JSON and XML being written), `lexical` (numbers,
//! addresses, white space), `payment` (payer, coupons, refunds), `kind` (a body of the wrong kind),
//! `page_token` (what a payer's page is named by), `invocation` (what a page inside WeChat takes),
//! `detail` (the header behind an error).
//!
//! To add one: a folder, a line in [`all`], and `tests/conformance` passes.

use std::sync::Arc;

use heliu_ports::dialect::Dialect;

pub mod chaoying;
pub mod fufu;
pub mod leshua;

mod basket;
mod detail;
mod form;
mod invocation;
mod kind;
mod lexical;
mod multipart;
mod object;
mod page_token;
mod parameters;
mod payment;
mod signature;
#[cfg(test)]
mod tests;
mod xml;

/// Every dialect.
#[must_use]
pub fn all() -> Vec<Arc<dyn Dialect>> {
    vec![
        Arc::new(fufu::Fufu),
        Arc::new(chaoying::Chaoying),
        Arc::new(leshua::Leshua),
    ]
}

/// The dialect of this id.
#[must_use]
pub fn find(id: &str) -> Option<Arc<dyn Dialect>> {
    all()
        .into_iter()
        .find(|dialect| dialect.descriptor().id == id)
}
