//! What operators do and see.

mod accounts;
mod audit;
mod bank_files;
mod business_day;
mod calendar;
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
mod refund_limit;
mod same_day;
mod sftp;
mod terminal;
