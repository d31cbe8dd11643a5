//! What becomes of a statement file.

use crate::error::{ErrorCode, TradeError};
use crate::followup::event::EventKind;
use crate::record::Draft;

use super::values::{StatementFile, StatementState};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A file lies in its folder, whole; it takes the place of the version before. The step wants
    /// [`StatementFile::wants`]. A repeat finds its own.
    Publish(Box<StatementFile>),
}

pub(crate) fn decide(draft: &mut Draft, action: &Action) -> Result<(), TradeError> {
    let Action::Publish(new) = action;
    if let Some(standing) = draft.get::<StatementFile>(0)? {
        if standing.sha256 == new.sha256 {
            return Ok(());
        }
        let message = format!(
            "version {} of {} stands with other bytes; look again and publish the next one",
            new.version, new.name
        );
        return Err(TradeError::new(ErrorCode::StatementConflict, message));
    }
    match draft.get::<StatementFile>(1)? {
        None if new.version == 1 => {}
        Some(before) if before.state == StatementState::Published => {
            let replaced = StatementFile {
                state: StatementState::Replaced,
                ..before
            };
            draft.update(1, &replaced)?;
            draft.event(1, EventKind::StatementReplaced, new.sha256.clone());
        }
        None | Some(_) => {
            let message = format!(
                "version {} of {} follows none that is published",
                new.version, new.name
            );
            return Err(TradeError::new(ErrorCode::StatementConflict, message));
        }
    }
    let place = draft.insert(new.subject(), &**new)?;
    draft.take_effect();
    draft.event(place, EventKind::StatementPublished, new.sha256.clone());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::PlatformNo;
    use crate::record::{Record, RecordChanges};
    use crate::records::{self, RecordAction, RecordStep};
    use crate::statement::{StatementKind, Sums};
    use crate::time::Timestamp;

    fn file(version: u32, sha256: &str) -> StatementFile {
        StatementFile {
            statement_no: PlatformNo::from_u64(u64::from(version)),
            party_id: "10".into(),
            dialect_id: "wire".into(),
            agent_id: "10".into(),
            kind: StatementKind::Trade,
            date: "2026-01-01".parse().expect("a date"),
            name: "10_trade.txt".to_owned(),
            version,
            as_of: Timestamp::from_ms(0),
            sha256: sha256.to_owned(),
            bytes: 1,
            sums: Sums::default(),
            state: StatementState::Published,
        }
    }

    fn publish(
        file: &StatementFile,
        standing: [Option<Record>; 2],
    ) -> Result<RecordChanges, TradeError> {
        let step = RecordStep {
            wants: file.wants(),
            now: Timestamp::from_ms(0),
            action: RecordAction::Statement(Action::Publish(Box::new(file.clone()))),
        };
        records::decide(&step, standing.to_vec())
    }

    #[test]
    fn a_version_takes_the_place_of_the_one_before_and_a_repeat_changes_nothing() {
        let first = publish(&file(1, "a"), [None, None]).expect("published");
        let first = first.after[2].clone();
        assert!(first.is_some());
        let again = publish(&file(1, "a"), [first.clone(), None]).expect("a repeat");
        assert_eq!(again.saved, []);
        let second = publish(&file(2, "b"), [None, first.clone()]).expect("published");
        let states: Vec<_> = second.saved.iter().map(|it| &*it.record.state).collect();
        assert_eq!(states, ["replaced", "published"]);
        let replaced = second.after[1].clone();
        for (new, standing) in [
            (file(1, "b"), [first, None]),
            (file(2, "b"), [None, None]),
            (file(2, "c"), [None, replaced]),
        ] {
            let refused = publish(&new, standing).expect_err("refused");
            assert_eq!(refused.code, ErrorCode::StatementConflict, "{refused}");
        }
    }
}
