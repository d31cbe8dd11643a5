//! Story: the channels misbehave in every way that the sandbox knows. Whatever they do, our books and the
//! channel's belief agree in the end, the books balance, and what the till was told is true.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

mod harness;

#[path = "faults/callbacks.rs"]
mod callbacks;
#[path = "faults/ends.rs"]
mod ends;
#[path = "faults/notices.rs"]
mod notices;
#[path = "faults/pay.rs"]
mod pay;
#[path = "faults/refunds.rs"]
mod refunds;
#[path = "faults/shop.rs"]
mod shop;
#[path = "faults/surplus.rs"]
mod surplus;
