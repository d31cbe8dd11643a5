//! 复核, decided: another person than the maker lets a proposal pass or not, and what takes effect
//! at once does so in the same commit. It stands above [`crate::approval`] and above whatever needs
//! one.

mod decide;
mod effect;

pub use decide::Action;
pub(crate) use decide::decide;
pub use effect::wants;
