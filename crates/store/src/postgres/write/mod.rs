//! Changes outside the batches: seldom, or one statement each.

pub(crate) mod consent_states;
pub(crate) mod days;
pub(crate) mod directory;
pub(crate) mod jobs;
pub(crate) mod marks;
pub(crate) mod office;
pub(crate) mod probe;
pub(crate) mod records;
pub(crate) mod settlement;
