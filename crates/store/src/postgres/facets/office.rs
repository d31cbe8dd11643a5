//! The people of the office, and the record of what they did.

use heliu_ports::store::{AuditFilter, OfficeBooks};
use heliu_ports::store_error::Answer;
use heliu_trade::followup::audit::AuditEntry;
use heliu_trade::person::Person;

use super::super::connections::with_client;
use super::super::{PostgresStore, read};

impl OfficeBooks for PostgresStore {
    fn list_people(&self) -> Answer<'_, Vec<Person>> {
        Box::pin(
            async move { with_client!(self.readers, client => read::office::list_people(client)) },
        )
    }

    fn list_audit(&self, filter: AuditFilter) -> Answer<'_, Vec<AuditEntry>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::office::list_audit(client, &filter))
        })
    }

    fn audit_chain(&self, after_seq: u64, limit: u32) -> Answer<'_, Vec<AuditEntry>> {
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::office::audit_chain(client, after_seq, limit))
        })
    }
}
