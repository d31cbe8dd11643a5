//! The payer's page: shows an order, learns who pays, hands the order to the wallet.
//!
//! Server-rendered and plain; it works in the wallets' own browsers and tells any other which
//! wallet to open. What is paid is decided by the books, never by the address: amount and state are
//! read by the order's number, and the page follows the order until it has ended. No inline script:
//! a JSON data element carries what the wallet takes; one static script invokes the wallet, another
//! one follows the order.

mod browser;
mod code_image;
mod page;
mod routes;
mod words;

pub use routes::router;
