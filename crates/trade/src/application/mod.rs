//! 进件: a merchant that an agent brings. It asks to come in, somebody looks at it, and it may
//! trade or not.

mod decide;
mod values;

pub(crate) use decide::decide;
pub use decide::{Action, Decision};
pub use values::{Applicant, Application, ApplicationState};
