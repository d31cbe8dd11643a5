//! Records.

use heliu_ports::store::{CommitError, RecordCommit, RecordFilter, RecordsCommitted};
use heliu_trade::directory::Merchant;
use heliu_trade::followup::trail::Trail;
use heliu_trade::id::PlatformNo;
use heliu_trade::record::{Loaded, Name, Record, RecordKind, Want};
use heliu_trade::records::decide;

use super::books::Books;

/// A record as it stands, with all around it.
#[derive(Debug, Clone)]
pub struct RecordStory {
    /// The record.
    pub record: Record,
    /// What stands around it.
    pub trail: Trail,
    /// Its owner, if that is a merchant of the directory.
    pub merchant: Option<Merchant>,
}

impl Books {
    pub(super) fn record_story(&self, record: &Record) -> RecordStory {
        let subject = &record.subject;
        let merchant_id = subject.owner.merchant();
        RecordStory {
            record: record.clone(),
            trail: self.trail(subject),
            merchant: merchant_id.and_then(|id| self.merchants.get(id).cloned()),
        }
    }

    pub(super) fn commit_records(
        &mut self,
        commit: RecordCommit,
    ) -> Result<RecordsCommitted, CommitError> {
        let wants = commit.step.wants.iter();
        let records = wants.map(|want| self.find_record(want)).collect();
        let loaded = Loaded {
            records,
            balances: commit.step.weighs().map(|owner| self.weigh(owner)),
        };
        let changes = decide(&commit.step, loaded)?;
        let next_job_at = changes.next_job_at();
        for change in commit.directory.iter().filter(|_| changes.takes_effect) {
            self.check_change(change)?;
        }
        for number in &changes.given {
            self.saw(*number);
        }
        for saved in changes.saved {
            let found = saved.record;
            self.saw(found.subject.no);
            for name in saved.names {
                self.record_names
                    .insert((found.kind, name), found.subject.no);
            }
            for mark in saved.marks {
                self.record_marks
                    .insert((found.kind, mark, found.subject.no));
            }
            self.records.insert(found.subject.no, found);
            self.follow(saved.consequences);
        }
        if changes.takes_effect {
            for change in commit.directory {
                self.change_directory(change);
            }
            self.write_down(commit.audit.map(|audit| *audit));
        }
        Ok(RecordsCommitted {
            after: changes.after,
            next_job_at,
        })
    }

    pub(super) fn find_record(&self, want: &Want) -> Option<Record> {
        match want {
            Want::Numbered(kind, subject) => self
                .numbered_record(*kind, subject.no)
                .filter(|record| record.subject == *subject),
            Want::Named(kind, name) => {
                let no = self.record_names.get(&(*kind, name.clone()))?;
                self.numbered_record(*kind, *no)
            }
        }
    }

    pub(super) fn numbered_record(&self, kind: RecordKind, no: PlatformNo) -> Option<Record> {
        let record = self.records.get(&no)?;
        (record.kind == kind).then(|| record.clone())
    }

    pub(super) fn marked_records(&self, kind: RecordKind, mark: &Name) -> Vec<Record> {
        let of_mark = |(of_kind, of_mark, _): &&(RecordKind, Name, PlatformNo)| {
            *of_kind == kind && of_mark == mark
        };
        let marked = self.record_marks.iter().rev().filter(of_mark);
        marked
            .filter_map(|(_, _, no)| self.records.get(no).cloned())
            .take(100)
            .collect()
    }

    pub(super) fn list_records(&self, filter: &RecordFilter) -> Vec<Record> {
        let fits = |record: &&Record| {
            record.kind == filter.kind
                && filter
                    .state
                    .as_ref()
                    .is_none_or(|state| record.state == *state)
                && filter.below.is_none_or(|below| record.subject.no < below)
        };
        let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
        let newest = self.records.values().rev();
        newest.filter(fits).take(limit).cloned().collect()
    }
}
