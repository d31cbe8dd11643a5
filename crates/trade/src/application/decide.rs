//! What becomes of an application.

use crate::error::{ErrorCode, TradeError};
use crate::followup::event::EventKind;
use crate::record::{Aggregate, Draft};

use super::values::{Application, ApplicationState};

/// What happened, or what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A merchant applies. The step wants [`Application::wants`]. The one that stands afterwards is
    /// the first that is there: a repeat finds its own, whoever has the login name that it states
    /// now, and one that was rejected is looked at again if it comes under its number.
    Submit(Box<Application>),
    /// Somebody of the office decides. The step wants the application.
    Decide(Decision),
}

/// What somebody of the office decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The merchant may trade. A repeat changes nothing.
    Pass,
    /// It may not; why, for the agent.
    Reject(String),
}

pub(crate) fn decide(draft: &mut Draft, action: &Action) -> Result<(), TradeError> {
    match action {
        Action::Submit(new) => submit(draft, new),
        Action::Decide(decision) => look(draft, decision),
    }
}

fn submit(draft: &mut Draft, new: &Application) -> Result<(), TradeError> {
    for place in 0..new.names().len() {
        let Some(standing) = draft.get::<Application>(place)? else {
            continue;
        };
        let (old, applicant) = (&standing.applicant, &new.applicant);
        let is_same = standing.app_id == new.app_id
            || old.mobile_digest.is_some() && old.name() == applicant.name();
        if !is_same {
            let message = "another merchant of this agent has this login name; choose another one";
            return Err(TradeError::new(ErrorCode::UsernameTaken, message));
        }
        // One under another number was on its way when this one was rejected, and is sealed for
        // that number.
        if standing.state == ApplicationState::Rejected && standing.app_id == new.app_id {
            let again = Application {
                members_sealed: new.members_sealed.clone(),
                password_sealed: new.password_sealed.clone(),
                state: ApplicationState::Auditing,
                reason: None,
                ..standing
            };
            draft.update(place, &again)?;
            draft.event(place, EventKind::Submitted, "again");
        }
        return Ok(());
    }
    let place = draft.insert(new.subject(), new)?;
    draft.take_effect();
    draft.event(place, EventKind::Submitted, "");
    if new.state == ApplicationState::Passed {
        draft.event(place, EventKind::Passed, "by the agent's settings");
    }
    Ok(())
}

/// The application is the step's only want.
fn look(draft: &mut Draft, decision: &Decision) -> Result<(), TradeError> {
    let standing = draft.get::<Application>(0)?;
    let standing = standing.ok_or_else(|| {
        TradeError::new(ErrorCode::UnknownMerchant, "there is no such application")
    })?;
    let (state, reason) = match decision {
        Decision::Pass => (ApplicationState::Passed, None),
        Decision::Reject(reason) => (ApplicationState::Rejected, Some(reason.clone())),
    };
    match (standing.state, state) {
        (was, is) if was == is => Ok(()),
        (ApplicationState::Passed, _) => Err(TradeError::new(
            ErrorCode::InvalidParameter,
            "the merchant has passed already; disable it instead: heliu merchants disable",
        )),
        _ => {
            let detail = reason.clone().unwrap_or_default();
            let decided = Application {
                state,
                reason,
                ..standing
            };
            draft.update(0, &decided)?;
            let kind = match decision {
                Decision::Pass => EventKind::Passed,
                Decision::Reject(_) => EventKind::Rejected,
            };
            draft.event(0, kind, detail);
            draft.take_effect();
            Ok(())
        }
    }
}
