//! The payer's page: shows an order, learns who pays, hands the order to the wallet.
//!
//! Server-rendered and plain; it works in the wallets' own browsers and tells any other which wallet to
//! open. What is paid is decided by the books, never by the address: amount and state are read by the
//! order's number. No inline script: a JSON data element carries what the wallet takes, and one static
//! script invokes it.

mod browser;
mod code_image;
mod page;
mod routes;

pub use routes::router;
