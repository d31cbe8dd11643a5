//! The people of the office, and the record of what they did.

use heliu_ports::store::{AuditFilter, OfficeBooks};
use heliu_ports::store_error::Answer;
use heliu_trade::followup::audit::AuditEntry;
use heliu_trade::person::Person;

use super::super::MemoryStore;

impl OfficeBooks for MemoryStore {
    fn list_people(&self) -> Answer<'_, Vec<Person>> {
        self.answer(|books| books.people.values().cloned().collect())
    }

    fn list_audit(&self, filter: AuditFilter) -> Answer<'_, Vec<AuditEntry>> {
        self.answer(|books| books.list_audit(&filter))
    }

    fn audit_chain(&self, after_seq: u64, limit: u32) -> Answer<'_, Vec<AuditEntry>> {
        self.answer(|books| books.audit_chain(after_seq, limit))
    }
}
