//! Leshua tills.

mod bad_input;
mod clients;
mod notifications;
mod pages;
mod payment_codes;
mod payout_vectors;
mod refunds;
mod vectors;
