//! Rows of the table of payment codes (ruling 15), as each dialect's till plays them: every row is
//! played to its end, and what went wrong is told of all of them together.

use std::time::Instant;

use super::{now, random};

/// One row.
pub(crate) struct CodeRow {
    pub(crate) digits: &'static str,
    /// What the call may answer.
    pub(crate) first: &'static [&'static str],
    /// What a query says in the end.
    pub(crate) end: &'static str,
}

pub(crate) const fn code_row(
    digits: &'static str,
    first: &'static [&'static str],
    end: &'static str,
) -> CodeRow {
    CodeRow { digits, first, end }
}

/// A payment of a row in one of a till's ways.
pub(crate) struct Played<W> {
    pub(crate) row: &'static CodeRow,
    pub(crate) way: W,
    pub(crate) number: String,
    pub(crate) fen: i64,
    pub(crate) began: Instant,
    wrong: Vec<String>,
    /// What the call answered.
    told: String,
}

impl<W> Played<W> {
    /// Of some amount, before the call.
    pub(crate) fn new(row: &'static CodeRow, way: W, number: String) -> Played<W> {
        Played {
            row,
            way,
            number,
            fen: i64::try_from(100 + random() % 90_000).unwrap(),
            began: now(),
            wrong: Vec::new(),
            told: String::new(),
        }
    }

    /// What the payer gets off.
    pub(crate) fn discount(&self) -> i64 {
        match self.row.digits {
            "98" => (self.fen / 10).max(1),
            _ => 0,
        }
    }

    /// The call was answered.
    pub(crate) fn answered(&mut self, outcome: &str, text: &str) {
        text.clone_into(&mut self.told);
        let is_expected = self.row.first.contains(&outcome);
        self.expect(is_expected, &format!("the call says {:?}", self.row.first));
    }

    pub(crate) fn expect(&mut self, holds: bool, what: &str) {
        if !holds {
            self.wrong.push(what.to_owned());
        }
    }

    /// What went wrong.
    pub(crate) fn findings(self, way: &str) -> Option<String> {
        let Played {
            row,
            fen,
            wrong,
            told,
            ..
        } = self;
        let wrong = (!wrong.is_empty()).then(|| wrong.join("; "))?;
        Some(format!(
            "{} {way} of {fen} fen: {told}\n    not so: {wrong}",
            row.digits
        ))
    }
}

/// Fails with everything that went wrong.
pub(crate) fn assert_no_findings(findings: Vec<Option<String>>) {
    let count = findings.len();
    let wrong: Vec<String> = findings.into_iter().flatten().collect();
    assert!(
        wrong.is_empty(),
        "{} of {count} rows went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
