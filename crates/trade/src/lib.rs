//! The rules of money: plain values and pure functions.
//!
//! What an order is, how it lives and ends, what a fee is, which journal entries a movement of
//! money makes, and the one list of errors a merchant can be told. [`decide::decide`] is the heart:
//! it takes what the books hold and one [`step::Step`], and says what the books must hold
//! afterwards.
//!
//! Deliberately absent: `async`, I/O, the clock, randomness, SQL, wire formats, and the name of any
//! dialect or channel. `now` and new numbers are arguments, so the same inputs give the same
//! changes.

pub mod adjustment;
pub mod advice;
pub mod application;
pub mod approval;
pub mod attempt;
pub mod calendar;
pub mod command;
pub mod currencies;
pub mod day;
pub mod decide;
pub mod directory;
pub mod error;
pub mod fee;
pub mod followup;
pub mod four_eyes;
pub mod funds;
pub mod goods;
pub mod hold;
pub mod id;
pub mod invariant;
pub mod ledger;
pub mod life;
pub mod login_code;
pub mod money;
pub mod notice;
pub mod order;
pub mod parties;
pub mod payout;
pub mod payout_batch;
pub mod payout_view;
pub mod person;
pub mod promotion;
pub mod record;
pub mod records;
pub mod refund;
pub mod refund_limit;
pub mod routing;
pub mod save;
pub mod settlement;
pub mod settlement_card;
pub mod settlement_terms;
pub mod split;
pub mod standing;
pub mod statement;
pub mod step;
pub mod sweep;
pub mod time;
pub mod verdict;
pub mod wallet;
pub mod withdrawal;
