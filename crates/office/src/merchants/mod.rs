//! Merchants, their apps and their contracts.
//!
//! | part | what it does |
//! | --- | --- |
//! | `enrol` | who is new: a merchant with its first app, a further app |
//! | `change` | names, switches, partners, fees and contracts of one that stands |
//! | `trade` | its trade opened and shut |
//! | `sow` | merchants of the demonstration |
//! | `show` | the list, and one merchant |
//! | `contracts` | contracts as they are entered |
//! | `standing` | found, and told without secrets |

mod change;
mod contracts;
mod enrol;
mod show;
mod sow;
mod standing;
mod trade;

pub use change::{ChangedMerchant, MerchantChange, set};
pub use contracts::NewContract;
pub(crate) use contracts::{Checked, Entered, NONE};
pub use enrol::{AddedApp, NewApp, NewMerchant, add, add_app};
pub use show::{AppView, ContractRow, MerchantRow, MerchantView, MerchantsAsked, list, show};
pub use sow::sow;
pub(crate) use standing::must_find;
pub use trade::{disable, enable};
