//! The people of the office, and the record of what they did.

use heliu_ports::store::{AuditFilter, OfficeBooks};
use heliu_ports::store_error::Answer;
use heliu_trade::followup::audit::AuditEntry;
use heliu_trade::person::Person;

use super::super::{SqliteStore, read};

impl OfficeBooks for SqliteStore {
    fn list_people(&self) -> Answer<'_, Vec<Person>> {
        Box::pin(self.readers.read(read::office::list_people))
    }

    fn list_audit(&self, filter: AuditFilter) -> Answer<'_, Vec<AuditEntry>> {
        Box::pin(
            self.readers
                .read(move |books| read::office::list_audit(books, &filter)),
        )
    }

    fn audit_chain(&self, after_seq: u64, limit: u32) -> Answer<'_, Vec<AuditEntry>> {
        Box::pin(
            self.readers
                .read(move |books| read::office::audit_chain(books, after_seq, limit)),
        )
    }
}
