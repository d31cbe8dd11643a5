//! Leshua tills.

mod bad_input;
mod clients;
mod notifications;
mod pages;
mod payment_codes;
mod refunds;
mod vectors;
