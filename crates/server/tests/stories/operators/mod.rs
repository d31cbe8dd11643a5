//! What operators do and see.

mod deployment;
mod enrolment;
mod entered_accounts;
mod given_keys;
mod terminal;
