//! One application: what the merchant applied with, and what happened.

use serde::{Deserialize, Serialize};

use super::list::ApplicationRow;
use super::number;
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::{Fact, Facts, Row};
use crate::sheet::Cell;
use crate::timeline::{Moment, Timeline};

/// An application with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationView {
    /// As in the list.
    #[serde(flatten)]
    pub application: ApplicationRow,
    /// What the merchant applied with, in the wire's own words; the password is masked.
    pub members: Vec<(String, String)>,
    /// What happened.
    pub timeline: Vec<Moment>,
}

/// One application.
///
/// # Errors
/// There is none, its sealed part does not open, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    application_no: &str,
) -> Result<ApplicationView, OfficeError> {
    actor.check(Permission::See)?;
    let engine = office.engine();
    let (record, application) = engine.application(number(application_no)?).await?;
    let trail = office.store().trail(&record.subject).await?;
    Ok(ApplicationView {
        members: engine.members_of(&application).await?,
        timeline: Timeline::of(&trail).moments(),
        application: ApplicationRow::from((record, application)),
    })
}

impl Facts for ApplicationView {
    fn facts(&self) -> Vec<Fact> {
        let row = &self.application;
        let named = ApplicationRow::COLUMNS.iter().zip(row.cells());
        let mut facts: Vec<Fact> = named.map(|(name, value)| Fact::new(*name, value)).collect();
        facts.extend(self.members.iter().map(|(name, text)| {
            let name = format!("stated {name}");
            Fact::new(name, Cell::text(text.as_str()))
        }));
        facts.extend(self.timeline.iter().map(Moment::fact));
        facts
    }
}
