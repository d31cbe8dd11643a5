//! What operators do and see.

mod accounts;
mod audit;
mod business_day;
mod contracts;
mod deployment;
mod enrolment;
mod entered_accounts;
mod fees;
mod finance;
mod given_keys;
mod lists;
mod parties;
mod payouts;
mod people;
mod refund_limit;
mod sftp;
mod terminal;
