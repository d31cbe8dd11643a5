//! What an application is, and what it is found by.

use serde::{Deserialize, Serialize};

use crate::directory::Agent;
use crate::followup::subject::Subject;
use crate::id::{AgentId, AppId, DialectId, MerchantId, PlatformNo};
use crate::record::{Aggregate, Name, RecordKind, Want};

/// Where an application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationState {
    /// Somebody of the office has to look at it.
    Auditing,
    /// The merchant may trade.
    Passed,
    /// It may not, and the reason says why. Sent again it is looked at again.
    Rejected,
}

impl ApplicationState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Auditing, Self::Passed, Self::Rejected];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auditing => "auditing",
            Self::Passed => "passed",
            Self::Rejected => "rejected",
        }
    }
}

/// Under whom a merchant applies: names are compared only there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    /// On which wire.
    pub dialect_id: DialectId,
    /// By which agent.
    pub agent_id: AgentId,
    /// Keyed digest of the full name that was stated, which may be empty.
    pub name_digest: String,
    /// Keyed digest of the mobile number. With agent and name it names one application.
    pub mobile_digest: Option<String>,
    /// Keyed digest of the login name, which no other merchant of the agent has.
    pub username_digest: Option<String>,
}

/// What a merchant is called at the wire and here, and what of it is kept sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Our number of it.
    pub application_no: PlatformNo,
    /// Who applies.
    pub applicant: Applicant,
    /// The number under which the wire knows the merchant.
    pub app_id: AppId,
    /// The merchant.
    pub merchant_id: MerchantId,
    /// Sealed digest of the password.
    pub password_sealed: Option<String>,
    /// Sealed text that the merchant's software shows when it trades.
    pub trade_code_sealed: String,
    /// Sealed: everything that came.
    pub members_sealed: String,
    /// Where it stands.
    pub state: ApplicationState,
    /// Why it was rejected, for the agent.
    pub reason: Option<String>,
}

/// What a merchant is found by.
const APP: &str = "app";
const APPLICANT: &str = "applicant";
const USERNAME: &str = "username";
const MOBILE: &str = "mobile";

fn under(agent: &Agent, text: &str) -> String {
    joined(&[agent.dialect_id.as_str(), agent.agent_id.as_str(), text])
}

/// Texts of several parts, none of which holds the sign between them.
fn joined(parts: &[&str]) -> String {
    parts.join("/")
}

impl Applicant {
    fn under_agent(&self, text: &str) -> String {
        joined(&[self.dialect_id.as_str(), self.agent_id.as_str(), text])
    }

    /// Its name, if it has a number: a repeat is found by it.
    #[must_use]
    pub fn name(&self) -> Option<Name> {
        let mobile = self.mobile_digest.as_deref()?;
        let text = self.under_agent(&joined(&[mobile, &self.name_digest]));
        Some(Name::new(APPLICANT, text))
    }

    /// The name of its login name.
    #[must_use]
    pub fn username(&self) -> Option<Name> {
        let digest = self.username_digest.as_deref()?;
        Some(Name::new(USERNAME, self.under_agent(digest)))
    }

    /// The name of a login name's digest under an agent.
    #[must_use]
    pub fn name_of_username(agent: &Agent, digest: &str) -> Name {
        Name::new(USERNAME, under(agent, digest))
    }

    /// The mark of a mobile number's digest under an agent.
    #[must_use]
    pub fn mark_of_mobile(agent: &Agent, digest: &str) -> Name {
        Name::new(MOBILE, under(agent, digest))
    }

    /// The mark of its mobile number, which several may have.
    #[must_use]
    pub fn mobile(&self) -> Option<Name> {
        let digest = self.mobile_digest.as_deref()?;
        Some(Name::new(MOBILE, self.under_agent(digest)))
    }
}

impl Application {
    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::of_merchant(&self.merchant_id, self.application_no)
    }

    /// The name of a merchant's number on a wire.
    #[must_use]
    pub fn name_of_app(dialect_id: &DialectId, app_id: &AppId) -> Name {
        let text = joined(&[dialect_id.as_str(), app_id.as_str()]);
        Name::new(APP, text)
    }

    /// What a submission works on: whoever is it already, and whoever has its names.
    #[must_use]
    pub fn wants(&self) -> Vec<Want> {
        let names = self.names().into_iter();
        names
            .map(|name| Want::Named(RecordKind::Application, name))
            .collect()
    }
}

impl Aggregate for Application {
    const KIND: RecordKind = RecordKind::Application;

    fn state(&self) -> &'static str {
        self.state.as_str()
    }

    fn names(&self) -> Vec<Name> {
        let app = Self::name_of_app(&self.applicant.dialect_id, &self.app_id);
        let applicant = &self.applicant;
        [Some(app), applicant.name(), applicant.username()]
            .into_iter()
            .flatten()
            .collect()
    }

    fn marks(&self) -> Vec<Name> {
        self.applicant.mobile().into_iter().collect()
    }
}
