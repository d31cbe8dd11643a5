//! Publishes statement files by hand: what failed in the night, or what has changed since.

use heliu_engine::StatementAsked;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::statement::StatementKind;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};
use crate::{Act, Office};

/// Which files, in words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Publishing {
    /// About this day, `yyyy-MM-dd`.
    pub date: String,
    /// For this agent's number; absent: for all.
    pub agent: Option<String>,
    /// On this wire; absent: on all that have such files.
    pub dialect: Option<String>,
    /// Of this kind; absent: of each.
    pub kind: Option<String>,
}

/// What came of publishing a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedRow {
    /// On which wire.
    pub dialect_id: String,
    /// For which agent there.
    pub agent_id: String,
    /// Which file of the day.
    pub kind: String,
    /// Its name on the wire; empty if it was not made.
    pub name: String,
    /// Which version is fetched now; 0 if it was not made.
    pub version: u32,
    /// `published`, `unchanged`, or why it was not made.
    pub outcome: String,
}

/// Publishes the files that are asked for. One whose bytes have not changed stays as it is, and one
/// that fails stops no other.
///
/// # Errors
/// The actor may not, a word is wrong, nobody has such files, or the books are away.
pub async fn publish(
    office: &Office,
    actor: &Actor,
    publishing: Publishing,
) -> Result<Vec<PublishedRow>, OfficeError> {
    actor.check(Permission::Serve)?;
    let asked = asked(office, &publishing).await?;
    let mut rows = Vec::with_capacity(asked.len());
    for file in asked {
        let act = Act {
            action: "statements.publish",
            subject: format!("statement {}/{}", file.dialect_id, file.agent_id),
            before: None,
            after: Some(json!({ "kind": file.kind, "date": file.day })),
        };
        let audit = office.audit(actor, act);
        let published = office.engine().publish_statement(&file, audit).await;
        let (name, version, outcome) = match published {
            Ok(done) => {
                let outcome = if done.is_new {
                    "published"
                } else {
                    "unchanged"
                };
                (done.file.name, done.file.version, outcome.to_owned())
            }
            Err(error) => (String::new(), 0, error.message),
        };
        rows.push(PublishedRow {
            dialect_id: file.dialect_id.to_string(),
            agent_id: file.agent_id.to_string(),
            kind: file.kind.as_str().to_owned(),
            name,
            version,
            outcome,
        });
    }
    Ok(rows)
}

/// The files that the words mean.
async fn asked(office: &Office, words: &Publishing) -> Result<Vec<StatementAsked>, OfficeError> {
    let mut faults = Faults::new();
    let day = words.date.parse::<BusinessDate>();
    if day.is_err() {
        let form = "a day such as 2026-01-02".to_owned();
        faults.add("date", Problem::Malformed(form));
    }
    let kinds = match &words.kind {
        None => StatementKind::ALL.to_vec(),
        Some(word) => {
            let kind = StatementKind::parse(word);
            if kind.is_none() {
                let known = StatementKind::ALL.map(|kind| kind.as_str().to_owned());
                faults.add("kind", Problem::NotOneOf(known.into()));
            }
            kind.into_iter().collect()
        }
    };
    faults.into_result()?;
    let Ok(day) = day else {
        return Ok(Vec::new());
    };
    let agents = office.engine().statement_agents().await?;
    let is_meant =
        |wanted: &Option<String>, own: &str| wanted.as_ref().is_none_or(|wanted| wanted == own);
    let asked: Vec<_> = agents
        .iter()
        .filter(|agent| is_meant(&words.agent, agent.agent_id.as_str()))
        .filter(|agent| is_meant(&words.dialect, agent.dialect_id.as_str()))
        .flat_map(|agent| {
            kinds.iter().map(|kind| StatementAsked {
                dialect_id: agent.dialect_id.clone(),
                agent_id: agent.agent_id.clone(),
                kind: *kind,
                day,
            })
        })
        .collect();
    if asked.is_empty() {
        return Err(OfficeError::with_cure(
            "no agent of that number is on a wire with statement files",
            "heliu agents list tells numbers and wires",
        ));
    }
    Ok(asked)
}

impl Row for PublishedRow {
    const COLUMNS: &'static [Column] = &["dialect", "agent", "kind", "name", "version", "outcome"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(self.dialect_id.as_str()),
            Cell::number(&self.agent_id),
            Cell::text(self.kind.as_str()),
            Cell::text(self.name.as_str()),
            Cell::Count(i64::from(self.version)),
            Cell::text(self.outcome.as_str()),
        ]
    }
}
