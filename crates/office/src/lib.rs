//! The office: what operators do, as typed use cases that return values.
//!
//! A use case takes the office, an actor and what is asked. It checks a permission, does its work,
//! and whatever it changes in the books is written down in the same transaction ([`audit`]). It
//! returns values; whatever shows them (the command line, a console) prints them. A list is a
//! [`sheet`], the same for every surface and every form.
//!
//! | part | what it does |
//! | --- | --- |
//! | `actor`, `permission` | who acts, and what they may do |
//! | a file or folder a noun | its use cases and their values |
//! | `paging` | a page of a list, and the words of its filter |
//! | `timeline` | what happened to a thing, in order |
//! | `rows` | how values become the rows of a sheet |
//! | `sheet` | rows as a table, JSON or CSV |

pub mod actor;
pub mod adjustments;
pub mod agents;
pub mod applications;
pub mod approvals;
pub mod audit;
pub mod batch_files;
pub mod books;
pub mod calendar;
pub mod cards;
pub mod channels;
pub mod clock;
pub mod day;
pub mod error;
pub mod exchanges;
pub mod fees;
pub mod holds;
pub mod jobs;
pub mod keys;
pub mod merchants;
pub mod notifications;
pub mod orders;
mod owners;
pub mod paging;
pub mod payouts;
pub mod people;
pub mod permission;
pub mod proposed;
pub mod rates;
pub mod refunds;
pub mod report;
pub mod rows;
pub mod settlements;
pub mod sheet;
pub mod statements;
mod switches;
pub mod terms;
pub mod timeline;
pub mod withdrawals;

use std::sync::Arc;

use heliu_engine::Engine;
use heliu_ports::store::{DirectoryChange, Newcomer, Store};
use heliu_trade::followup::audit::NewAudit;
use serde_json::Value;

use actor::Actor;
use error::OfficeError;

/// Length of what tells one act from another.
const AUDIT_ID_LENGTH: usize = 24;

/// The office over an engine; cheap to clone.
#[derive(Clone)]
pub struct Office {
    engine: Engine,
}

/// What was done with what, and how it stood before and after; no secrets.
struct Act {
    action: &'static str,
    subject: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl Office {
    /// An office.
    #[must_use]
    pub const fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// The engine that it works with.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    fn store(&self) -> &Arc<dyn Store> {
        self.engine.store()
    }

    /// An act, to be written down.
    fn audit(&self, actor: &Actor, act: Act) -> NewAudit {
        NewAudit {
            audit_id: self.engine.vault().nonce(AUDIT_ID_LENGTH),
            at: self.engine.clock().now(),
            actor: actor.name().to_owned(),
            system_user: actor.system_user().to_owned(),
            action: act.action.to_owned(),
            subject: act.subject,
            before: act.before.map(|value| value.to_string()),
            after: act.after.map(|value| value.to_string()),
        }
    }

    /// Changes the directory, and writes down who did it.
    async fn change(
        &self,
        actor: &Actor,
        change: DirectoryChange,
        act: Act,
    ) -> Result<(), OfficeError> {
        let audit = self.audit(actor, act);
        let changing = self.engine.change_directory_audited(change, Some(audit));
        Ok(changing.await?)
    }

    /// Admits who is new, and writes down who did it; `false` if it stands already.
    async fn admit(
        &self,
        actor: &Actor,
        newcomer: Newcomer,
        act: Act,
    ) -> Result<bool, OfficeError> {
        let audit = self.audit(actor, act);
        Ok(self.engine.admit(newcomer, Some(audit)).await?)
    }
}
