//! What merchants sent and were answered.

use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::{Fact, Facts};
use crate::sheet::Cell;

/// An exchange, secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeView {
    /// The id that its answer carried.
    pub request_id: String,
    /// When it came (UTC).
    #[serde(rename = "at_ms")]
    pub at: Timestamp,
    /// The address it came from.
    pub peer: String,
    /// On which wire.
    pub dialect_id: String,
    /// Whose signature held, or who was named by one that did not.
    pub signer: Option<String>,
    /// Path and query.
    pub asked: String,
    /// The request's body.
    pub body: String,
    /// The answer; `None`: not yet, or it was lost.
    pub answer: Option<AnswerView>,
}

/// The answer of an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerView {
    /// HTTP status.
    pub status: u16,
    /// `ok`, or the error's code.
    pub outcome: String,
    /// How long it took, in ms.
    pub duration_ms: i64,
    /// The reading of the signature that matched.
    pub reading: Option<String>,
    /// The answer's body.
    pub body: String,
    /// Our number of the order that it was about.
    pub order_no: Option<String>,
    /// For a refused signature: the string that should have been signed, key masked, and what came.
    pub signing: Option<String>,
}

/// One exchange, by the id that its answer carried.
///
/// # Errors
/// None has this id, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    request_id: &str,
) -> Result<ExchangeView, OfficeError> {
    actor.check(Permission::See)?;
    let request_id = request_id.trim();
    let found = match office.engine().vault().exchange_of(request_id) {
        Some(number) => office.store().find_exchange(number).await?,
        None => None,
    };
    let (request, answer) = found.ok_or_else(|| {
        OfficeError::with_cure(
            format!("no exchange has the request id {request_id}"),
            "give the X-Request-Id of an answer; exchanges are kept for seven days, fewer if there are very many",
        )
    })?;
    let asked = match request.query.as_str() {
        "" => request.path,
        query => format!("{}?{query}", request.path),
    };
    let answer = answer.map(|answer| AnswerView {
        status: answer.status,
        outcome: answer.outcome,
        duration_ms: answer.duration_ms,
        reading: answer.reading.map(str::to_owned),
        body: answer.body,
        order_no: answer.order_no.map(|number| number.to_string()),
        signing: answer.signing,
    });
    Ok(ExchangeView {
        request_id: request_id.to_owned(),
        at: request.at,
        peer: request.peer,
        dialect_id: request.dialect_id.to_string(),
        signer: request.app_id.map(|app| app.to_string()),
        asked,
        body: request.body,
        answer,
    })
}

impl Facts for ExchangeView {
    fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![
            Fact::new("request_id", Cell::text(self.request_id.as_str())),
            Fact::new("at", Cell::At(self.at)),
            Fact::new("peer", Cell::text(self.peer.as_str())),
            Fact::new("dialect", Cell::text(self.dialect_id.as_str())),
            Fact::new(
                "signer",
                self.signer.as_ref().map_or(Cell::Empty, Cell::number),
            ),
            Fact::new("asked", Cell::text(self.asked.as_str())),
            Fact::new("body", Cell::text(self.body.as_str())),
        ];
        if let Some(answer) = &self.answer {
            let text = |text: &Option<String>| text.as_ref().map_or(Cell::Empty, Cell::text);
            let number = answer.order_no.as_ref().map_or(Cell::Empty, Cell::number);
            facts.extend([
                Fact::new("status", Cell::Count(i64::from(answer.status))),
                Fact::new("outcome", Cell::text(answer.outcome.as_str())),
                Fact::new("duration_ms", Cell::Count(answer.duration_ms)),
                Fact::new("reading", text(&answer.reading)),
                Fact::new("answer", Cell::text(answer.body.as_str())),
                Fact::new("order_no", number),
                Fact::new("signing", text(&answer.signing)),
            ]);
        }
        facts
    }
}
