//! What would change, member by member: what the checker looks at.

use std::collections::BTreeMap;

use heliu_trade::approval::Content;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::rows::{Fact, Row};
use crate::sheet::{Cell, Column};

/// A member of what an approval is about, as it stands and as it is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Its name; amounts are in fen where it says so.
    pub member: String,
    /// How it stands; absent if it does not.
    pub before: Option<String>,
    /// How it is to be; absent if it goes.
    pub after: Option<String>,
}

impl Changed {
    /// The members of a content. Those that stay as they are are told too: what is approved is all
    /// of it.
    pub(super) fn all_of(content: &Content) -> Vec<Self> {
        let before = content.before.as_deref().map(members).unwrap_or_default();
        let mut after = members(&content.after);
        let names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
        let mut names: Vec<_> = names;
        names.sort();
        names.dedup();
        let mut changed: Vec<Self> = Vec::new();
        for member in names {
            changed.push(Self {
                before: before.get(&member).cloned(),
                after: after.remove(&member),
                member,
            });
        }
        changed
    }

    /// The member as a fact of its approval.
    pub(super) fn fact(&self) -> Fact {
        let text = match (&self.before, &self.after) {
            (Some(before), Some(after)) if before != after => format!("{before} -> {after}"),
            (Some(before), None) => format!("{before} -> nothing"),
            (_, after) => after.clone().unwrap_or_default(),
        };
        Fact::new(format!("content {}", self.member), Cell::text(text))
    }
}

/// Members of a canonical text by their names; of one that is no object, its lines.
fn members(canonical: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    match serde_json::from_str(canonical) {
        Ok(Value::Object(members)) => {
            for (name, value) in members {
                flatten(name, value, &mut found);
            }
        }
        _ => {
            for (index, line) in canonical.lines().enumerate() {
                found.insert(format!("line {:06}", index + 1), line.to_owned());
            }
        }
    }
    found
}

fn flatten(name: String, value: Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                flatten(format!("{name}.{member}"), value, found);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.into_iter().enumerate() {
                flatten(format!("{name}.{:06}", index + 1), value, found);
            }
        }
        Value::Null => {}
        Value::String(text) => {
            found.insert(name, text);
        }
        value => {
            found.insert(name, value.to_string());
        }
    }
}

impl Row for Changed {
    const COLUMNS: &'static [Column] = &["member", "before", "after"];

    fn cells(&self) -> Vec<Cell> {
        let cell = |text: &Option<String>| text.as_deref().map_or(Cell::Empty, Cell::text);
        vec![
            Cell::text(self.member.as_str()),
            cell(&self.before),
            cell(&self.after),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: Option<&str>, after: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let content = Content::new(after).instead_of(before.map(str::to_owned));
        let changed = Changed::all_of(&content).into_iter();
        changed.map(|it| (it.member, it.before, it.after)).collect()
    }

    fn row(
        member: &str,
        before: Option<&str>,
        after: Option<&str>,
    ) -> (String, Option<String>, Option<String>) {
        (
            member.to_owned(),
            before.map(str::to_owned),
            after.map(str::to_owned),
        )
    }

    #[test]
    fn what_changes_stands_beside_what_it_was() {
        assert_eq!(
            told(
                Some(r#"{"terms":{"cycle":"T1","fee":0},"old":1}"#),
                r#"{"terms":{"cycle":"D1","fee":0},"new":null,"list":["a","b"]}"#,
            ),
            [
                row("list.000001", None, Some("a")),
                row("list.000002", None, Some("b")),
                row("old", Some("1"), None),
                row("terms.cycle", Some("T1"), Some("D1")),
                row("terms.fee", Some("0"), Some("0")),
            ]
        );
    }

    #[test]
    fn a_text_that_is_no_object_is_told_line_by_line() {
        assert_eq!(
            told(None, "a 1\nb 2"),
            [
                row("line 000001", None, Some("a 1")),
                row("line 000002", None, Some("b 2")),
            ]
        );
    }
}
