//! Chaoying tills and their agents.

mod agents;
mod bad_input;
mod notifications;
mod payment_codes;
mod pre_orders;
mod refunds;
mod registration;
mod vectors;
