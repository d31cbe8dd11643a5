//! Changes outside the batches: seldom, or one statement each.

pub(crate) mod directory;
pub(crate) mod jobs;
pub(crate) mod marks;
pub(crate) mod page_states;
pub(crate) mod probe;
pub(crate) mod registration;
