//! 审核: somebody of the office looks at an application.

use heliu_ports::store::{CommitError, DirectoryChange, RecordFilter};
use heliu_trade::application::{Action, Application, ApplicationState, Decision};
use heliu_trade::directory::MerchantState;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::PlatformNo;
use heliu_trade::record::{Record, RecordKind, Want};
use heliu_trade::records::{RecordAction, RecordStep};

use super::registered::{Kept, fault, read};
use crate::Engine;
use crate::common::directory::books_unavailable;
use crate::onboarding::registered::open_kept;

impl Engine {
    /// Lets an application pass, with what its merchant gets in the same transaction, or rejects
    /// it. A repeat changes nothing. The application afterwards.
    ///
    /// # Errors
    /// There is no such application; it has passed and cannot be rejected; the books are away, or
    /// what changes in the directory contradicts them.
    pub async fn decide_application(
        &self,
        no: PlatformNo,
        decision: Decision,
        mut directory: Vec<DirectoryChange>,
        audit: NewAudit,
    ) -> Result<Application, CommitError> {
        let inner = &self.inner;
        let (found, application) = self.application(no).await?;
        if decision == Decision::Pass {
            directory.push(DirectoryChange::SetMerchantState(
                application.merchant_id,
                MerchantState::Enabled,
            ));
        }
        let step = RecordStep {
            wants: vec![Want::Numbered(RecordKind::Application, found.subject)],
            now: inner.now(),
            action: RecordAction::Application(Action::Decide(decision)),
        };
        let committed = inner
            .take_records(step, directory, Some(Box::new(audit)))
            .await;
        // Also if the books' answer was lost: the merchant may trade all the same.
        inner.directory.forget();
        let decided = committed?;
        let decided = decided.after.iter().flatten().next_back();
        Ok(decided.map_or_else(|| Err(missing(no)), read)?)
    }

    /// The application of a number, with its record.
    ///
    /// # Errors
    /// There is none, it cannot be read, or the books are away.
    pub async fn application(&self, no: PlatformNo) -> Result<(Record, Application), TradeError> {
        let kind = RecordKind::Application;
        let found = self.inner.store.find_numbered_record(kind, no).await;
        let found = found.map_err(books_unavailable)?.ok_or_else(|| {
            let message = format!("there is no application {no}");
            TradeError::new(ErrorCode::UnknownMerchant, message)
        })?;
        let application = read(&found)?;
        Ok((found, application))
    }

    /// What a merchant applied with, as the wire named it; its password is masked.
    ///
    /// # Errors
    /// The sealed text does not open.
    pub async fn members_of(
        &self,
        application: &Application,
    ) -> Result<Vec<(String, String)>, TradeError> {
        let applicant = &application.applicant;
        let inner = &self.inner;
        let agent = inner
            .store
            .find_agent(&applicant.dialect_id, &applicant.agent_id)
            .await
            .map_err(books_unavailable)?
            .ok_or_else(|| missing(application.application_no))?;
        let (app_id, sealed) = (&application.app_id, &application.members_sealed);
        let text = open_kept(inner, &agent.agent, app_id, Kept::Members, sealed)?;
        serde_json::from_str(&text).map_err(|_| missing(application.application_no))
    }

    /// Applications of a state, or all: newest first, below a number, so many.
    ///
    /// # Errors
    /// The books are away, or an application cannot be read.
    pub async fn applications(
        &self,
        state: Option<ApplicationState>,
        below: Option<PlatformNo>,
        limit: u32,
    ) -> Result<Vec<(Record, Application)>, TradeError> {
        let filter = RecordFilter {
            kind: RecordKind::Application,
            state: state.map(|state| state.as_str().to_owned()),
            below,
            limit,
        };
        let listed = self.inner.store.list_records(filter).await;
        let listed = listed.map_err(books_unavailable)?.into_iter();
        listed
            .map(|record| read(&record).map(|application| (record, application)))
            .collect()
    }
}

fn missing(no: PlatformNo) -> TradeError {
    tracing::error!(application = %no, "an application cannot be read");
    fault()
}
