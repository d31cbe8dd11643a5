//! Who did what, as a chain: each row holds a digest of itself and of the row before it, so that a
//! row that was altered, or taken out of the middle, is found. Rows cut off at the end are found by
//! who has written the last digest down elsewhere.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::time::Timestamp;

/// What somebody did, before the books have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAudit {
    /// Random, one for each act: a change that is sent again is written down once.
    pub audit_id: String,
    /// When (UTC).
    pub at: Timestamp,
    /// Who, as the office's list of people names it; `system:NAME` while that list is empty.
    pub actor: String,
    /// The user of the machine who asked.
    pub system_user: String,
    /// What was done, noun first: `merchants.add`.
    pub action: String,
    /// With what, as people write it: `merchant M1`.
    pub subject: String,
    /// JSON: how it stood before; no secrets.
    pub before: Option<String>,
    /// JSON: how it stands after; no secrets.
    pub after: Option<String>,
}

/// The end of the chain so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLink {
    /// The last row's place, from 1; 0: there is none.
    pub seq: u64,
    /// The last row's digest; empty if there is none.
    pub hash: String,
}

/// A row of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its place, from 1.
    pub seq: u64,
    /// What was done.
    pub act: NewAudit,
    /// The digest of the row before; empty for the first.
    pub prev_hash: String,
    /// SHA-256 over all the above, in hexadecimal.
    pub hash: String,
}

/// Where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ChainBreak {
    /// The row is not what was written.
    #[error("row {0} was altered")]
    Altered(u64),
    /// Rows are missing before this one.
    #[error("rows are missing between {after} and {found}")]
    Missing {
        /// The last row before the gap; 0: the beginning.
        after: u64,
        /// The next one that is there.
        found: u64,
    },
}

impl AuditEntry {
    /// The next row of a chain.
    #[must_use]
    pub fn append(act: NewAudit, last: &AuditLink) -> Self {
        let seq = last.seq + 1;
        let prev_hash = last.hash.clone();
        let hash = digest(seq, &act, &prev_hash);
        Self {
            seq,
            act,
            prev_hash,
            hash,
        }
    }

    /// The end of a chain that ends with it.
    #[must_use]
    pub fn link(&self) -> AuditLink {
        AuditLink {
            seq: self.seq,
            hash: self.hash.clone(),
        }
    }
}

impl AuditLink {
    /// Goes on to the next row.
    ///
    /// # Errors
    /// That row is not the next one, or is not what was written.
    pub fn advance(&mut self, next: &AuditEntry) -> Result<(), ChainBreak> {
        if next.seq != self.seq + 1 {
            return Err(ChainBreak::Missing {
                after: self.seq,
                found: next.seq,
            });
        }
        let is_sound = next.prev_hash == self.hash
            && next.hash == digest(next.seq, &next.act, &next.prev_hash);
        if !is_sound {
            return Err(ChainBreak::Altered(next.seq));
        }
        *self = next.link();
        Ok(())
    }
}

/// Each part stands behind its length, so that no two rows have the same text.
fn digest(seq: u64, act: &NewAudit, prev_hash: &str) -> String {
    let (seq, at) = (seq.to_string(), act.at.as_ms().to_string());
    let parts = [
        Some(seq.as_str()),
        Some(&act.audit_id),
        Some(&at),
        Some(&act.actor),
        Some(&act.system_user),
        Some(&act.action),
        Some(&act.subject),
        act.before.as_deref(),
        act.after.as_deref(),
        Some(prev_hash),
    ];
    let mut hasher = Sha256::new();
    for part in parts {
        match part {
            Some(text) => hasher.update(format!("{}:{text}\n", text.len())),
            None => hasher.update("-\n"),
        }
    }
    let bytes = hasher.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(subject: &str) -> NewAudit {
        NewAudit {
            audit_id: format!("id of {subject}"),
            at: Timestamp::from_ms(1_000),
            actor: "li".to_owned(),
            system_user: "root".to_owned(),
            action: "merchants.set".to_owned(),
            subject: subject.to_owned(),
            before: Some("{}".to_owned()),
            after: None,
        }
    }

    fn chain() -> Vec<AuditEntry> {
        let mut last = AuditLink::default();
        let rows = ["a", "b", "c", "d"].map(|subject| {
            let row = AuditEntry::append(act(subject), &last);
            last = row.link();
            row
        });
        rows.into()
    }

    fn walk(rows: &[AuditEntry]) -> Result<AuditLink, ChainBreak> {
        let mut end = AuditLink::default();
        rows.iter().try_for_each(|row| end.advance(row))?;
        Ok(end)
    }

    #[test]
    fn an_untouched_chain_holds_and_says_where_it_ends() {
        let rows = chain();
        assert_eq!(walk(&rows), Ok(rows[3].link()));
        assert_eq!(walk(&[]), Ok(AuditLink::default()));
    }

    #[test]
    fn whatever_is_altered_in_a_row_names_that_row() {
        type Alter = fn(&mut AuditEntry);
        let alterations: [Alter; 9] = [
            |row| row.act.audit_id.push('x'),
            |row| row.act.at = Timestamp::from_ms(1_001),
            |row| row.act.actor = "wang".to_owned(),
            |row| row.act.system_user.clear(),
            |row| row.act.action.push('x'),
            |row| row.act.subject.push('x'),
            |row| row.act.before = None,
            |row| row.act.after = Some(String::new()),
            |row| row.hash = "0".repeat(64),
        ];
        for alter in alterations {
            let mut rows = chain();
            alter(&mut rows[1]);
            assert_eq!(walk(&rows), Err(ChainBreak::Altered(2)));
        }
    }

    #[test]
    fn a_row_that_was_altered_and_digested_anew_breaks_the_next_one() {
        let mut rows = chain();
        rows[1] = AuditEntry::append(act("another"), &rows[0].link());
        assert_eq!(walk(&rows), Err(ChainBreak::Altered(3)));
    }

    #[test]
    fn a_row_that_is_taken_out_is_missed() {
        let mut rows = chain();
        rows.remove(1);
        assert_eq!(walk(&rows), Err(ChainBreak::Missing { after: 1, found: 3 }));
        rows.remove(0);
        assert_eq!(walk(&rows), Err(ChainBreak::Missing { after: 0, found: 3 }));
    }

    #[test]
    fn no_text_can_be_moved_from_one_part_into_the_next() {
        let moved = NewAudit {
            action: "merchants.se".to_owned(),
            subject: "ta".to_owned(),
            ..act("a")
        };
        let digest = |act| AuditEntry::append(act, &AuditLink::default()).hash;
        assert_ne!(digest(moved), digest(act("a")));
    }
}
