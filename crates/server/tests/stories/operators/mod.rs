//! What operators do and see.

mod accounts;
mod audit;
mod business_day;
mod contracts;
mod day_killed;
mod deployment;
mod enrolment;
mod entered_accounts;
mod fees;
mod finance;
mod given_keys;
mod history;
mod lists;
mod midnight;
mod parties;
mod payouts;
mod payouts_killed;
mod people;
mod sftp;
mod terminal;
