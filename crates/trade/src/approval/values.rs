//! What an approval is.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::TradeError;
use crate::followup::subject::{Owner, Subject};
use crate::id::PlatformNo;
use crate::record::{Aggregate, Name, RecordKind, Want, damaged};
use crate::time::Timestamp;

/// How long an approval of payouts holds, from its proposal until it is used, in ms: a day.
pub const BATCH_LIFE_MS: i64 = 24 * 60 * 60 * 1000;
/// How long any other approval holds, in ms: seven days.
pub const LIFE_MS: i64 = 7 * BATCH_LIFE_MS;

/// What needs four eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalAction {
    /// A schedule of fees or costs.
    FeeSchedule,
    /// A card to which money is paid out.
    Card,
    /// Frozen money becomes free.
    HoldRelease,
    /// Frozen money is taken.
    HoldSeizure,
    /// An owner's balance is put right.
    Adjustment,
    /// Payouts are sent.
    PayoutBatch,
    /// A payout whose end nobody knows is ended by hand.
    PayoutEnd,
    /// A bank's file of results ends payouts.
    ResultFile,
    /// How an owner is settled.
    SettlementTerms,
    /// Payouts up to a limit are sent without further looks, until a day.
    Standing,
}

impl ApprovalAction {
    /// Every action.
    pub const ALL: [Self; 10] = [
        Self::FeeSchedule,
        Self::Card,
        Self::HoldRelease,
        Self::HoldSeizure,
        Self::Adjustment,
        Self::PayoutBatch,
        Self::PayoutEnd,
        Self::ResultFile,
        Self::SettlementTerms,
        Self::Standing,
    ];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FeeSchedule => "fee_schedule",
            Self::Card => "card",
            Self::HoldRelease => "hold_release",
            Self::HoldSeizure => "hold_seizure",
            Self::Adjustment => "adjustment",
            Self::PayoutBatch => "payout_batch",
            Self::PayoutEnd => "payout_end",
            Self::ResultFile => "result_file",
            Self::SettlementTerms => "settlement_terms",
            Self::Standing => "standing",
        }
    }

    /// The action of a word of [`ApprovalAction::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// How long it holds, from its proposal until it is used, in ms.
    #[must_use]
    pub const fn life_ms(self) -> i64 {
        match self {
            Self::PayoutBatch | Self::PayoutEnd | Self::ResultFile => BATCH_LIFE_MS,
            _ => LIFE_MS,
        }
    }
}

/// Where an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// Another person has to look at it.
    Proposed,
    /// It may be used.
    Approved,
    /// What it allows was done.
    Used,
    /// The checker said no.
    Rejected,
    /// Its time was over before it was used.
    Expired,
    /// What it was about has changed or is gone.
    Void,
}

impl ApprovalState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Proposed,
        Self::Approved,
        Self::Used,
        Self::Rejected,
        Self::Expired,
        Self::Void,
    ];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Used => "used",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Void => "void",
        }
    }

    /// Whether it can still become something else.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Proposed | Self::Approved)
    }
}

/// What an approval is about, as the checker reads it; no secrets, numbers of cards masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// How it stands, if it stands.
    pub before: Option<String>,
    /// How it is to be: the canonical text, the same for the same thing always. The digest is taken
    /// over it.
    pub after: String,
}

impl Content {
    /// Something that is to be as `after` says.
    pub fn new(after: impl Into<String>) -> Self {
        Self {
            before: None,
            after: after.into(),
        }
    }

    /// The same, and how it stands now.
    #[must_use]
    pub fn instead_of(mut self, before: Option<String>) -> Self {
        self.before = before;
        self
    }
}

/// The canonical text of a value: its members in the order of their declaration.
///
/// # Errors
/// It has no such text: a fault of ours.
pub fn canonical<T: Serialize>(value: &T) -> Result<String, TradeError> {
    serde_json::to_string(value).map_err(damaged)
}

/// The digest of a content's canonical text: SHA-256, in hexadecimal.
#[must_use]
pub fn content_hash(canonical: &str) -> String {
    let bytes = Sha256::digest(canonical);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What somebody proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApproval {
    /// Our number of it.
    pub approval_no: PlatformNo,
    /// What is to be done.
    pub action: ApprovalAction,
    /// With what, as people write it: `card 0123456789012345`.
    pub subject: String,
    /// As what.
    pub content: Content,
    /// Who proposes it, by the name that the office knows.
    pub maker: String,
}

/// An approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Our number of it.
    pub approval_no: PlatformNo,
    /// What is to be done.
    pub action: ApprovalAction,
    /// With what, as people write it.
    pub subject: String,
    /// As what.
    pub content: Content,
    /// Digest of the content: SHA-256, in hexadecimal.
    pub hash: String,
    /// Where it stands. One whose time is over may still say that it is open:
    /// [`Approval::state_at`] tells.
    pub state: ApprovalState,
    /// Who proposed it.
    pub maker: String,
    /// Who decided, always somebody else.
    pub checker: Option<String>,
    /// Why it was rejected or is void.
    pub reason: Option<String>,
    /// When it was proposed (UTC).
    pub created_at: Timestamp,
    /// When it holds no longer (UTC).
    pub expires_at: Timestamp,
    /// When the checker decided (UTC).
    pub decided_at: Option<Timestamp>,
    /// When it was used (UTC).
    pub used_at: Option<Timestamp>,
}

/// What an approval is found by.
const SUBJECT: &str = "subject";

impl Approval {
    /// What the record of a number is about.
    #[must_use]
    pub const fn subject_of(approval_no: PlatformNo) -> Subject {
        Subject {
            owner: Owner::Platform,
            no: approval_no,
        }
    }

    /// The approval of a number, for a step.
    #[must_use]
    pub const fn want(approval_no: PlatformNo) -> Want {
        Want::Numbered(RecordKind::Approval, Self::subject_of(approval_no))
    }

    /// The mark of all approvals about a subject.
    #[must_use]
    pub fn mark_of(subject: &str) -> Name {
        Name::new(SUBJECT, subject)
    }

    /// The value that it is about, of a content of [`canonical`].
    ///
    /// # Errors
    /// The content is damaged, or of another kind.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, TradeError> {
        serde_json::from_str(&self.content.after).map_err(damaged)
    }

    /// Where it stands at a time: what is not used in time has expired.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> ApprovalState {
        if self.state.is_open() && now >= self.expires_at {
            return ApprovalState::Expired;
        }
        self.state
    }
}

impl Aggregate for Approval {
    const KIND: RecordKind = RecordKind::Approval;

    fn state(&self) -> &'static str {
        self.state.as_str()
    }

    fn names(&self) -> Vec<Name> {
        Vec::new()
    }

    fn marks(&self) -> Vec<Name> {
        vec![Self::mark_of(&self.subject)]
    }
}
