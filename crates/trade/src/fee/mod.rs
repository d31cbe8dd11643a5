//! 手续费: what a payment costs its merchant, and how the levels above share it (分润).
//!
//! | part | what it says |
//! | --- | --- |
//! | `terms` | what one fee is, and how much of it goes back |
//! | `place` | which payments a fee is for: speed, card kind, amount |
//! | `tariff` | which fee a payment has, by its place |
//! | `schedule` | which tariff is in force when: versions with a date |
//! | `proposal` | a version before it is one: what an approval is about |
//! | `compare` | whether one fee is below another at any amount |
//! | `shares` | what each level gets of a fee, and gives back |
//! | `chain` | the levels above a merchant, as an attempt freezes them |

mod chain;
pub mod compare;
mod place;
mod proposal;
pub mod schedule;
pub mod shares;
mod tariff;
mod terms;

pub use chain::{Level, ShareTerms};
pub use place::{CardKind, Place, Speed};
pub use proposal::FeeProposal;
pub use tariff::{BelowAt, FeeLine, Tariff, TariffFault};
pub use terms::{Clamp, FeeFault, FeeTerms, RATE_PPM_MAX, fee_returned_fen, parse_rate, rate_text};
