//! What a step makes of the records that were loaded for it.

use crate::application;
use crate::error::TradeError;
use crate::login_code;

use super::{Draft, Record, RecordAction, RecordChanges, RecordStep};

/// Decides. `loaded` has what the step wants, in its order.
///
/// # Errors
/// The step is refused; nothing changes.
pub fn decide(step: &RecordStep, loaded: Vec<Option<Record>>) -> Result<RecordChanges, TradeError> {
    let mut draft = Draft::new(step.now, loaded);
    match &step.action {
        RecordAction::Application(action) => application::decide(&mut draft, action),
        RecordAction::LoginCode(action) => login_code::decide(&mut draft, action),
    }?;
    Ok(draft.finish())
}
