//! Takes steps of records' lives.

use heliu_ports::store::{RecordCommit, RecordsCommitted};
use heliu_trade::record::{Loaded, Name, SavedRecord};
use heliu_trade::records::decide;
use heliu_trade::step::Save;
use rusqlite::params;

use super::additions::Additions;
use super::books::Books;
use crate::columns::integer;
use crate::rows::record;
use crate::sqlite::fault::Fault;
use crate::sqlite::read::record::find;
use crate::sqlite::read::weighing;
use crate::sqlite::work::Outcome;

impl Books<'_> {
    pub(super) fn commit_records(
        &mut self,
        commit: &RecordCommit,
        additions: &mut Additions<'_>,
    ) -> Result<Outcome, Fault> {
        let wants = commit.step.wants.iter();
        let records = wants.map(|want| find(self.connection, want));
        let records = records.collect::<Result<Vec<_>, Fault>>()?;
        // What this very transaction booked before stands in the books already, and nobody else
        // writes.
        let weighed = commit.step.weighs();
        let balances = weighed.map(|owner| weighing::balances(self.connection, owner));
        let loaded = Loaded {
            records,
            balances: balances.transpose()?,
        };
        let mut changes = match decide(&commit.step, loaded) {
            Ok(changes) => changes,
            Err(error) => return Ok(Outcome::Rejected(Box::new(error))),
        };
        let next_job_at = changes.next_job_at();
        for number in &changes.given {
            self.seen.number(*number);
        }
        for saved in &mut changes.saved {
            self.save_record(saved)?;
            let is_new = saved.save == Save::Insert;
            self.follow(&mut saved.consequences, is_new, additions)?;
        }
        if changes.takes_effect {
            for change in &commit.directory {
                self.change_directory(change, None)?;
            }
            self.audit(commit.audit.as_deref())?;
        }
        Ok(Outcome::RecordsCommitted(Box::new(RecordsCommitted {
            after: changes.after,
            next_job_at,
        })))
    }

    pub(super) fn save_record(&mut self, saved: &SavedRecord) -> Result<(), Fault> {
        let found = &saved.record;
        let (owner, number) = (
            found.subject.owner.name(),
            integer(found.subject.no.as_u64()),
        );
        if saved.save == Save::Update {
            self.connection
                .prepare_cached(record::UPDATE)?
                .execute(params![
                    found.state,
                    found.changed_at.as_ms(),
                    found.counts.entries,
                    found.counts.events,
                    found.body,
                    owner,
                    number,
                ])?;
            return Ok(());
        }
        self.seen.number(found.subject.no);
        self.connection
            .prepare_cached(record::INSERT)?
            .execute(params![
                owner,
                number,
                found.kind.as_str(),
                found.state,
                found.created_at.as_ms(),
                found.changed_at.as_ms(),
                found.counts.entries,
                found.counts.events,
                found.body,
            ])?;
        let names = saved.names.iter().map(|name| (record::INSERT_NAME, name));
        let marks = saved.marks.iter().map(|mark| (record::INSERT_MARK, mark));
        for (sql, Name { what, text }) in names.chain(marks) {
            let kind = found.kind.as_str();
            self.connection
                .prepare_cached(sql)?
                .execute(params![kind, what, text, owner, number])?;
        }
        Ok(())
    }
}
