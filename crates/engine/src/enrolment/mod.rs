//! What operators enter, looked at before it is written: functions over values, for whichever
//! surface asks.
//!
//! | part | whose faults it tells |
//! | --- | --- |
//! | `fault` | what a fault is: a field, what is wrong with it, what to do |
//! | `names` | ids, names, and the numbers that wires know |
//! | `partners` | an app's numbers at institutions |
//! | `keys` | keys of apps and agents |
//! | `contracts` | contracts with channels |
//! | `accounts` | accounts with channels |
//! | `addresses` | our own address as others see it |
//!
//! All faults are told at once, so that nobody mends one after the other. A secret is never part of
//! a fault.
//!
//! Deliberately absent: the books. What stands there already is an argument.

pub mod accounts;
pub mod addresses;
pub mod contracts;
mod fault;
pub mod keys;
pub mod names;
pub mod partners;

pub use fault::{Fault, Faults, Problem};
