//! 手续费: what a payment costs its merchant, and how the levels above share it (分润).
//!
//! `terms` says what one fee is and how much of it goes back, `compare` whether one fee is below
//! another at any amount, `shares` what each level gets and gives back.

pub mod compare;
pub mod shares;
mod terms;

pub use terms::{Clamp, FeeFault, FeeTerms, RATE_PPM_MAX, fee_returned_fen, parse_rate, rate_text};
