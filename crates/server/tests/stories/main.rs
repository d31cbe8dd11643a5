//! Stories: the real binary, looked at from outside. One folder a dialect, one for what holds on
//! every wire, and one for each who has to do with the platform. They are one program, so that the
//! harness is compiled once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

mod books;
mod channels;
mod chaoying;
mod door;
mod fufu;
mod harness;
mod leshua;
mod operators;
mod payers;
mod vectors;
mod wires;
