//! The office: people, and the record of who did what.

use heliu_ports::store::AuditFilter;
use heliu_trade::followup::audit::{AuditEntry, AuditLink, NewAudit};

use super::books::Books;

impl Books {
    /// Appends to the record; an act that stands is not written again.
    pub(super) fn write_down(&mut self, act: Option<NewAudit>) {
        let Some(act) = act else { return };
        if self
            .audit
            .iter()
            .any(|row| row.act.audit_id == act.audit_id)
        {
            return;
        }
        let last = self.audit.last().map(AuditEntry::link);
        let last: AuditLink = last.unwrap_or_default();
        self.audit.push(AuditEntry::append(act, &last));
    }

    pub(super) fn list_audit(&self, filter: &AuditFilter) -> Vec<AuditEntry> {
        let is = |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|w| w == text);
        let fits = |row: &&AuditEntry| {
            let act = &row.act;
            is(&filter.actor, &act.actor)
                && is(&filter.subject, &act.subject)
                && is(&filter.action, &act.action)
                && filter.since.is_none_or(|since| act.at >= since)
                && filter.until.is_none_or(|until| act.at < until)
                && filter.before_seq.is_none_or(|before| row.seq < before)
        };
        let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
        let found = self.audit.iter().rev().filter(fits);
        found.take(limit).cloned().collect()
    }

    pub(super) fn audit_chain(&self, after_seq: u64, limit: u32) -> Vec<AuditEntry> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let behind = self.audit.iter().filter(|row| row.seq > after_seq);
        behind.take(limit).cloned().collect()
    }
}
