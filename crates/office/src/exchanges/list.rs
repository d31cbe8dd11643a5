//! The list of exchanges.

use heliu_engine::enrolment::Problem;
use heliu_ports::keys::Vault;
use heliu_ports::lists::{ExchangeFilter, ExchangeRow as Listed, OutcomeFilter};
use heliu_trade::id::{AppId, DialectId, MerchantId};
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Between, Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

/// Which exchanges, in words; what is named must all hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ExchangesAsked {
    /// The one whose answer carried this id.
    pub request_id: Option<String>,
    /// When they came.
    pub came: Between,
    /// Of apps of this merchant.
    pub merchant_id: Option<String>,
    /// On this wire.
    pub dialect_id: Option<String>,
    /// Of this app.
    pub app_id: Option<String>,
    /// About this order, by our number.
    pub order_no: Option<String>,
    /// What came of them: `ok`, an error's code, `refused` (answered, and not with ok) or
    /// `unanswered`.
    pub outcome: Option<String>,
}

/// An exchange in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeRow {
    /// When it came (UTC).
    pub at: Timestamp,
    /// The id that its answer carried.
    pub request_id: String,
    /// On which wire.
    pub dialect_id: String,
    /// Who signed, or was named.
    pub app_id: Option<String>,
    /// That app's merchant.
    pub merchant_id: Option<String>,
    /// Path.
    pub path: String,
    /// The address it came from.
    pub peer: String,
    /// Our number of the order that it was about.
    pub order_no: Option<String>,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// `ok`, or the error's code.
    pub outcome: Option<String>,
    /// How long it took, in ms.
    pub duration_ms: Option<i64>,
}

/// Exchanges, newest first.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: ExchangesAsked,
    part: Part,
) -> Result<Paged<ExchangeRow>, OfficeError> {
    actor.check(Permission::See)?;
    let vault = office.engine().vault();
    let mut words = Words::default();
    let exchange_no = asked.request_id.as_deref().and_then(|id| {
        let number = vault.exchange_of(id.trim());
        if number.is_none() {
            let form = "the X-Request-Id of an answer".to_owned();
            words.add("request id", Problem::Malformed(form));
        }
        number
    });
    let filter = ExchangeFilter {
        exchange_no,
        came: asked.came.into(),
        merchant_id: asked.merchant_id.map(MerchantId::from),
        dialect_id: asked.dialect_id.map(DialectId::from),
        app_id: asked.app_id.map(AppId::from),
        order_no: words.number("order", asked.order_no.as_ref()),
        outcome: asked.outcome.map(|word| match word.as_str() {
            "ok" => OutcomeFilter::Done,
            "refused" => OutcomeFilter::Refused,
            "unanswered" => OutcomeFilter::Unanswered,
            _ => OutcomeFilter::Is(word),
        }),
    };
    words.end()?;
    let listed = office.store().list_exchanges(filter, part.into()).await?;
    Ok(Paged::of(listed, |row| row_of(row, &**vault)))
}

fn row_of(row: Listed, vault: &dyn Vault) -> ExchangeRow {
    let answer = row.answer.as_ref();
    ExchangeRow {
        at: row.at,
        request_id: vault.request_id(row.exchange_no),
        dialect_id: row.dialect_id.to_string(),
        app_id: row.app_id.map(|app| app.to_string()),
        merchant_id: row.merchant_id.map(|merchant| merchant.to_string()),
        path: row.path,
        peer: row.peer,
        order_no: row.order_no.map(|number| number.to_string()),
        status: answer.map(|answer| answer.status),
        duration_ms: answer.map(|answer| answer.duration_ms),
        outcome: row.answer.map(|answer| answer.outcome),
    }
}

impl Row for ExchangeRow {
    const COLUMNS: &'static [Column] = &[
        "at",
        "request_id",
        "dialect",
        "app",
        "merchant",
        "path",
        "peer",
        "order_no",
        "status",
        "outcome",
        "duration_ms",
    ];

    fn cells(&self) -> Vec<Cell> {
        let text = |text: &Option<String>| text.as_deref().map_or(Cell::Empty, Cell::text);
        let number = |text: &Option<String>| text.as_ref().map_or(Cell::Empty, Cell::number);
        vec![
            Cell::At(self.at),
            Cell::text(self.request_id.as_str()),
            Cell::text(self.dialect_id.as_str()),
            number(&self.app_id),
            text(&self.merchant_id),
            Cell::text(self.path.as_str()),
            Cell::text(self.peer.as_str()),
            number(&self.order_no),
            self.status
                .map_or(Cell::Empty, |status| Cell::Count(i64::from(status))),
            text(&self.outcome),
            self.duration_ms.map_or(Cell::Empty, Cell::Count),
        ]
    }
}
