//! A published file: of which day, which version, and by which digest it is known.

use serde::{Deserialize, Serialize};

use crate::calendar::BusinessDate;
use crate::followup::subject::{Owner, Subject};
use crate::id::{AgentId, DialectId, PartyId, PlatformNo};
use crate::record::{Aggregate, Name, RecordKind, Want};
use crate::time::{MINUTE_MS, Timestamp};

use super::rows::{StatementKind, Sums};

/// Where a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementState {
    /// It is the one that is fetched.
    Published,
    /// A later version is fetched; it is kept.
    Replaced,
}

impl StatementState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Published, Self::Replaced];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Replaced => "replaced",
        }
    }
}

/// A statement file. Its bytes lie in a folder; they follow from the books, so that they are made
/// again where they are missing and known by their digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementFile {
    /// Our number of it.
    pub statement_no: PlatformNo,
    /// For whom.
    pub party_id: PartyId,
    /// On which wire.
    pub dialect_id: DialectId,
    /// Under which number there.
    pub agent_id: AgentId,
    /// Which file of the day.
    pub kind: StatementKind,
    /// The day that it tells of.
    pub date: BusinessDate,
    /// Its name on the wire.
    pub name: String,
    /// From 1 on.
    pub version: u32,
    /// As of when (UTC) it tells what goes on after its day: how bills stand.
    pub as_of: Timestamp,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Its size, in bytes.
    pub bytes: u64,
    /// What its rows come to.
    pub sums: Sums,
    /// Where it stands.
    pub state: StatementState,
}

/// Minute of the day at which files about the day before are due.
const DUE_MINUTE: i64 = 8 * 60 + 30;

const VERSION: &str = "version";
const FILE: &str = "file";

impl StatementFile {
    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            owner: Owner::Agent(self.party_id.clone()),
            no: self.statement_no,
        }
    }

    /// The mark that all versions of a file have.
    #[must_use]
    pub fn mark_of(dialect_id: &DialectId, agent_id: &AgentId, name: &str) -> Name {
        Name::new(FILE, format!("{dialect_id}/{agent_id}/{name}"))
    }

    /// When the files about a day are due (UTC): half past eight of the next one. Bills that were
    /// made in the 24 hours before stand in them.
    #[must_use]
    pub fn due_at(day: BusinessDate) -> Timestamp {
        day.end().plus_ms(DUE_MINUTE * MINUTE_MS)
    }

    fn name_of(&self, version: u32) -> Name {
        let Self {
            dialect_id,
            agent_id,
            name,
            ..
        } = self;
        let text = format!("{dialect_id}/{agent_id}/{name}/{version}");
        Name::new(VERSION, text)
    }

    /// What publishing works on: this version, should it stand, and the one before.
    #[must_use]
    pub fn wants(&self) -> Vec<Want> {
        [self.version, self.version.saturating_sub(1)]
            .map(|version| Want::Named(RecordKind::Statement, self.name_of(version)))
            .to_vec()
    }
}

impl Aggregate for StatementFile {
    const KIND: RecordKind = RecordKind::Statement;

    fn state(&self) -> &'static str {
        self.state.as_str()
    }

    fn names(&self) -> Vec<Name> {
        vec![self.name_of(self.version)]
    }

    fn marks(&self) -> Vec<Name> {
        vec![Self::mark_of(&self.dialect_id, &self.agent_id, &self.name)]
    }
}
