//! 费率: what merchants are asked for and what agents pay, by versions with a day on which they
//! begin.
//!
//! | part | what it does |
//! | --- | --- |
//! | `entered` | a fee that is entered becomes a checked proposal |
//! | `set` | a proposal waits for a second person, or is written at once while there are none |
//! | `alone` | who may put fees in force without a second person |
//! | `looks` | what was checked is written only while what was looked at stands |
//! | `check` | nobody may pay less than who stands above them |
//! | `tree` | who stands above whom, and what each pays, after a change |
//! | `show` | what was, is and will be in force |
//! | `words` | terms and places as people read them |

mod alone;
mod check;
mod entered;
mod looks;
mod set;
mod show;
mod tree;
mod words;

pub(crate) use self::check::{check_merchant, check_none_comes, check_place};
pub use self::entered::NewFees;
pub(crate) use self::looks::looking;
pub(crate) use self::set::check_proposal;
pub use self::set::{SetFees, propose, set};
pub(crate) use self::show::rows_of;
pub use self::show::{FeeRow, FeesAsked, VersionState, list};
