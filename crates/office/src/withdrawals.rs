//! 提现: an owner that is settled by hand asks for its money.

use heliu_engine::RecordsAsked;
use heliu_trade::id::PlatformNo;
use heliu_trade::record::Record;
use heliu_trade::time::Timestamp;
use heliu_trade::withdrawal::{Withdrawal, WithdrawalState};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};
use crate::{Act, Office, owners};

/// Which withdrawals, in words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct WithdrawalsAsked {
    /// In this state; absent: in any.
    pub state: Option<String>,
}

/// A withdrawal in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawalRow {
    /// When it was asked for (UTC).
    pub created_at: Timestamp,
    /// Our number.
    pub withdrawal_no: String,
    /// Whose money.
    pub owner: String,
    /// Where it stands.
    pub state: String,
    /// How much, in fen.
    pub amount_fen: i64,
    /// Who asked for it.
    pub asked_by: String,
    /// The bill on which it stands.
    pub bill_id: Option<String>,
}

/// Asks for money that an owner may withdraw; the next drafting puts it on a bill. Our number of
/// the withdrawal.
///
/// # Errors
/// The actor may not; there is no such owner; it is more than is available, or not above zero; or
/// the books are away.
pub async fn ask(
    office: &Office,
    actor: &Actor,
    owner: &str,
    amount_fen: i64,
) -> Result<String, OfficeError> {
    actor.check(Permission::Propose)?;
    let owner = owners::find_paid(office, owner).await?;
    let act = Act {
        action: "withdrawals.ask",
        subject: owner.to_string(),
        before: None,
        after: Some(json!({ "amount_fen": amount_fen })),
    };
    let audit = office.audit(actor, act);
    let engine = office.engine();
    let asked = engine.ask_withdrawal(owner, amount_fen, actor.name(), audit);
    Ok(asked.await?.withdrawal_no.to_string())
}

/// Withdrawals, newest first.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: WithdrawalsAsked,
    part: Part,
) -> Result<Paged<WithdrawalRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let all = WithdrawalState::ALL;
    let state = words.one("state", asked.state.as_ref(), all, WithdrawalState::as_str);
    let below: Option<PlatformNo> = words.number("after", part.after.as_ref());
    words.end()?;
    let asked = RecordsAsked {
        state: state.map(|state| state.as_str().to_owned()),
        below,
        limit: part.size,
    };
    let found = office.engine().withdrawals(asked).await?;
    let rows = found.into_iter().map(WithdrawalRow::from).collect();
    let number = |row: &WithdrawalRow| row.withdrawal_no.clone();
    Ok(Paged::below(rows, part.size, number))
}

impl From<(Record, Withdrawal)> for WithdrawalRow {
    fn from((record, withdrawal): (Record, Withdrawal)) -> Self {
        Self {
            created_at: record.created_at,
            withdrawal_no: withdrawal.withdrawal_no.to_string(),
            owner: withdrawal.owner.to_string(),
            state: withdrawal.state.as_str().to_owned(),
            amount_fen: withdrawal.amount_fen,
            asked_by: withdrawal.asked_by,
            bill_id: withdrawal.bill_id,
        }
    }
}

impl Row for WithdrawalRow {
    const COLUMNS: &'static [Column] = &[
        "created_at",
        "withdrawal_no",
        "owner",
        "state",
        "amount_yuan",
        "asked_by",
        "bill",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::At(self.created_at),
            Cell::number(&self.withdrawal_no),
            Cell::text(self.owner.as_str()),
            Cell::text(self.state.as_str()),
            Cell::Fen(self.amount_fen),
            Cell::text(self.asked_by.as_str()),
            self.bill_id.as_ref().map_or(Cell::Empty, Cell::number),
        ]
    }
}
