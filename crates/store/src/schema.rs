//! Which schema the books have, which one this program knows, and whether the two go together: the
//! one place where versions are compared, for both databases.
//!
//! Steps go forward only. Each says whether a program of the version before may go on working once
//! it is done; the books keep that beside the step's number. So a program that finds books which
//! are ahead of it knows whether it may serve them, although it knows nothing of the steps in
//! between: nodes are replaced one after the other, and going back by one version needs no copy of
//! the books.

use heliu_ports::store::StoreError;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What becomes of programs of the version before when a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the first step has no version before it")
)]
pub(crate) enum OldProgram {
    /// They go on: the step only adds what they need not know, such as a table, an index, or a
    /// column that may be empty or has a default.
    GoesOn,
    /// They must have ended before it, and none may start after it.
    Stops,
}

/// One step from a version to the next. One that has been released is never changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SchemaStep {
    pub(crate) sql: &'static str,
    pub(crate) old_program: OldProgram,
}

impl SchemaStep {
    /// The lowest version that a program must know to work on the books once this step has made
    /// `version`.
    pub(crate) const fn works_from(&self, version: i64) -> i64 {
        match self.old_program {
            OldProgram::GoesOn => version - 1,
            OldProgram::Stops => version,
        }
    }
}

/// What books say of their schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The version; 0 where there is none yet.
    pub version: i64,
    /// The lowest version that a program must know to work on it.
    pub works_from: i64,
}

impl Schema {
    /// What books say in which nothing stands.
    pub(crate) const NONE: Self = Self {
        version: 0,
        works_from: 0,
    };

    /// Whether a program that knows `known` versions may work on such books once the steps that it
    /// knows and they lack are done.
    pub(crate) fn admit(self, known: i64, name: &str) -> Result<(), StoreError> {
        if self.works_from <= known {
            return Ok(());
        }
        let Self {
            version,
            works_from,
        } = self;
        Err(StoreError::refused(format!(
            "{name} has schema {version}, this program knows {known}: it was written by a newer version, and \
             what is older than schema {works_from} cannot work on it; start that version, or restore a \
             backup from before the upgrade"
        )))
    }
}

/// What books in which schema 1 stands say of its text. Until the first release that text changes
/// in place, so that books of an earlier build have the version of this one and other tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FirstStep {
    /// Nothing stands there yet.
    NotTaken,
    /// They were made by a build that did not write down its text.
    Untold,
    /// The [`digest`] of its text.
    Digest(String),
}

impl FirstStep {
    /// What the row of schema 1 says, if there is one.
    pub(crate) fn of_row(row: Option<Option<String>>) -> Self {
        match row {
            None => Self::NotTaken,
            Some(None) => Self::Untold,
            Some(Some(digest)) => Self::Digest(digest),
        }
    }

    /// Whether a program that makes `steps` may work on such books.
    pub(crate) fn admit(&self, steps: &[SchemaStep], name: &str) -> Result<(), StoreError> {
        let ours = steps.first().map(|step| digest(step.sql));
        let found = match self {
            Self::NotTaken => return Ok(()),
            Self::Digest(digest) if Some(digest) == ours.as_ref() => return Ok(()),
            Self::Digest(digest) => format!("tables of the form {digest}"),
            Self::Untold => "tables of a form that was not written down".to_owned(),
        };
        let ours = ours.unwrap_or_default();
        Err(StoreError::refused(format!(
            "{name} was made by another build: it has {found}, this build makes the form {ours}. \
             Until the first release the form may change: begin with an empty folder or database, \
             or export with the build that made it (heliu export) and import with this one (heliu \
             import), which tells if tables of it have other columns"
        )))
    }
}

/// Names the text of a step: 16 hex digits. How it is laid out and what its comments say does not
/// count.
pub(crate) fn digest(sql: &str) -> String {
    let mut hasher = Sha256::new();
    for line in sql.lines() {
        let code = line.split("--").next().unwrap_or_default();
        for word in code.split_whitespace() {
            hasher.update(word);
            hasher.update(" ");
        }
    }
    let bytes = hasher.finalize();
    bytes.iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What was done to a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The version before; 0 where there was none.
    pub from: i64,
    /// The version now: higher than what this program knows if a newer one was here before.
    pub to: i64,
}

/// How many versions there are.
pub(crate) fn known(steps: &[SchemaStep]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}

/// The step that leads on from `version`, and the version that it makes.
pub(crate) fn next(steps: &[SchemaStep], version: i64) -> Option<(&SchemaStep, i64)> {
    let step = steps.get(usize::try_from(version).ok()?)?;
    Some((step, version + 1))
}

/// What the tests of both databases' migrations have alike.
#[cfg(test)]
pub(crate) mod trial {
    use super::*;

    /// A step that old programs cannot live with; both databases understand it.
    pub(crate) const CHANGES: SchemaStep = SchemaStep {
        sql: "ALTER TABLE merchant RENAME COLUMN short_name TO brand",
        old_program: OldProgram::Stops,
    };

    pub(crate) fn migrated(from: i64, to: i64) -> Result<Migrated, StoreError> {
        Ok(Migrated { from, to })
    }

    /// What makes books look as if another build had made them, and what that one is told to be.
    pub(crate) const ANOTHERS: [(&str, &str); 3] = [
        (
            "UPDATE schema_version SET digest = 'beef'",
            "it has tables of the form beef",
        ),
        (
            "UPDATE schema_version SET digest = NULL",
            "was not written down",
        ),
        (
            "ALTER TABLE schema_version DROP COLUMN digest",
            "was not written down",
        ),
    ];

    /// What a build hears of books that another one made.
    pub(crate) fn assert_is_refused_as_anothers(heard: Result<Migrated, StoreError>, found: &str) {
        let refusal = heard.expect_err("another build's").to_string();
        let ours = "this build makes the form ";
        for words in [
            "the books was made by another build",
            found,
            ours,
            "export with",
        ] {
            assert!(refusal.contains(words), "{words}: {refusal}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a program that knows `known` versions hears of books that newer steps have made.
    fn heard(known: i64, newer: &[OldProgram]) -> Result<(), StoreError> {
        let steps = (known + 1..).zip(newer).map(|(version, old_program)| {
            let sql = "";
            let old_program = *old_program;
            (version, SchemaStep { sql, old_program }.works_from(version))
        });
        let schema = steps.fold(
            Schema {
                version: known,
                works_from: 0,
            },
            |before, (version, works_from)| Schema {
                version,
                works_from: works_from.max(before.works_from),
            },
        );
        schema.admit(known, "the books")
    }

    #[test]
    fn one_version_back_works_if_the_step_allows_it_and_further_back_never() {
        use OldProgram::{GoesOn, Stops};
        heard(3, &[]).expect("its own");
        heard(3, &[GoesOn]).expect("one ahead");
        for newer in [
            &[Stops][..],
            &[GoesOn, GoesOn],
            &[Stops, GoesOn],
            &[GoesOn, Stops],
        ] {
            let refusal = heard(3, newer).expect_err("too far").to_string();
            assert!(
                refusal.contains("newer version") && refusal.contains("this program knows 3"),
                "{refusal}"
            );
        }
    }

    #[test]
    fn a_digest_counts_what_a_database_reads() {
        let text = "CREATE TABLE a (\n    b TEXT -- what it is\n);\n";
        for same in [
            "CREATE TABLE a ( b TEXT );",
            "-- Of late.\nCREATE TABLE  a (\n\tb TEXT -- something else\n);",
        ] {
            assert_eq!(digest(same), digest(text), "{same}");
        }
        for other in [
            "CREATE TABLE a ( c TEXT );",
            "CREATE TABLE a ( b TEXT, c TEXT );",
            "",
        ] {
            assert_ne!(digest(other), digest(text), "{other}");
        }
        assert_eq!(digest(text).len(), 16);
    }

    #[test]
    fn no_text_of_a_step_has_dashes_that_are_no_comment() {
        for step in [crate::sqlite::migrate::STEPS, crate::postgres::STEPS].concat() {
            let lines = step.sql.lines().filter_map(|line| line.split_once("--"));
            for (before, _) in lines {
                let quotes = before.matches('\'').count();
                assert!(
                    quotes.is_multiple_of(2),
                    "a text is open before the dashes: {before}"
                );
            }
        }
    }

    #[test]
    fn both_databases_take_the_same_steps() {
        let of = |steps: &[SchemaStep]| {
            let each = steps.iter().map(|step| step.old_program);
            each.collect::<Vec<_>>()
        };
        let (sqlite, postgres) = (crate::sqlite::migrate::STEPS, crate::postgres::STEPS);
        assert_eq!(of(sqlite), of(postgres));
    }
}
