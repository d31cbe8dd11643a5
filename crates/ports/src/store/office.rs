//! The people of the office, and the record of what they did.

use heliu_trade::followup::audit::AuditEntry;
use heliu_trade::person::Person;
use heliu_trade::time::Timestamp;

use crate::store_error::Answer;

/// Which rows of the record an inspector asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only what this person did.
    pub actor: Option<String>,
    /// Only what was done with this.
    pub subject: Option<String>,
    /// Only acts of this name.
    pub action: Option<String>,
    /// Not before (UTC).
    pub since: Option<Timestamp>,
    /// Before (UTC).
    pub until: Option<Timestamp>,
    /// Only rows before this place: the next page.
    pub before_seq: Option<u64>,
    /// At most this many, newest first.
    pub limit: u32,
}

/// The people of the office, and the record of what they did. A facet of the books.
pub trait OfficeBooks: Send + Sync {
    /// The people of the office, by name.
    fn list_people(&self) -> Answer<'_, Vec<Person>>;

    /// Rows of the record, newest first.
    fn list_audit(&self, filter: AuditFilter) -> Answer<'_, Vec<AuditEntry>>;

    /// Up to `limit` rows of the record behind the place `after_seq`, oldest first, to walk along
    /// the chain.
    fn audit_chain(&self, after_seq: u64, limit: u32) -> Answer<'_, Vec<AuditEntry>>;
}
