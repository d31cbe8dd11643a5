//! The list of refunds. Refunds are asked for with [`crate::orders::refund`].

use heliu_ports::lists::{RefundFilter, RefundRow as Listed};
use heliu_trade::id::{ChannelAccountId, MerchantId};
use heliu_trade::refund::RefundState;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::orders::{agent_key, wallet};
use crate::paging::{Between, Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

/// Which refunds, in words; what is named must all hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RefundsAsked {
    /// When they were asked for.
    pub created: Between,
    /// Whose.
    pub merchant_id: Option<String>,
    /// Of merchants' apps that this agent signs for, as dialect and number.
    pub agent: Option<(String, String)>,
    /// In one of these states.
    pub states: Vec<String>,
    /// Of orders paid by this wallet.
    pub wallet: Option<String>,
    /// Of orders paid through this account.
    pub channel_account_id: Option<String>,
    /// At least this, in fen.
    pub payable_fen_min: Option<i64>,
    /// At most this, in fen.
    pub payable_fen_max: Option<i64>,
    /// Anybody's number of it or of its order, or its beginning.
    pub number: Option<String>,
}

/// A refund in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRow {
    /// When it was asked for (UTC).
    pub created_at: Timestamp,
    /// When it ended (UTC).
    pub ended_at: Option<Timestamp>,
    /// Our number.
    pub refund_no: String,
    /// Whose.
    pub merchant_id: String,
    /// Under which app.
    pub app_id: String,
    /// The merchant's number.
    pub merchant_refund_no: String,
    /// Our number of its order.
    pub order_no: String,
    /// The merchant's number of its order.
    pub merchant_order_no: String,
    /// Where it stands.
    pub state: String,
    /// Its order's wallet.
    pub wallet: Option<String>,
    /// Its order's channel account.
    pub channel_account_id: Option<String>,
    /// What is given back, in fen.
    pub payable_fen: i64,
    /// Of it the payer's money, in fen.
    pub cash_fen: i64,
}

/// Refunds, newest first.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: RefundsAsked,
    part: Part,
) -> Result<Paged<RefundRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let states = &asked.states;
    let filter = RefundFilter {
        created: asked.created.into(),
        merchant_id: asked.merchant_id.map(MerchantId::from),
        agent: asked.agent.map(agent_key),
        states: words.many("state", states, RefundState::ALL, RefundState::as_str),
        wallet: wallet(&mut words, asked.wallet.as_ref()),
        channel_account_id: asked.channel_account_id.map(ChannelAccountId::from),
        payable_fen_min: asked.payable_fen_min,
        payable_fen_max: asked.payable_fen_max,
        number: asked.number,
    };
    words.end()?;
    let listed = office.store().list_refunds(filter, part.into()).await?;
    Ok(Paged::of(listed, RefundRow::from))
}

impl From<Listed> for RefundRow {
    fn from(row: Listed) -> Self {
        Self {
            created_at: row.created_at,
            ended_at: row.ended_at,
            refund_no: row.refund_no.to_string(),
            merchant_id: row.merchant_id.to_string(),
            app_id: row.app_id.to_string(),
            merchant_refund_no: row.merchant_refund_no,
            order_no: row.order_no.to_string(),
            merchant_order_no: row.merchant_order_no,
            state: row.state.as_str().to_owned(),
            wallet: row.wallet.map(|wallet| wallet.as_str().to_owned()),
            channel_account_id: row.channel_account_id.map(|account| account.to_string()),
            payable_fen: row.payable_fen,
            cash_fen: row.cash_fen,
        }
    }
}

impl Row for RefundRow {
    const COLUMNS: &'static [Column] = &[
        "created_at",
        "ended_at",
        "refund_no",
        "merchant",
        "app",
        "merchant_refund_no",
        "order_no",
        "merchant_order_no",
        "state",
        "wallet",
        "channel_account",
        "refund_yuan",
        "cash_yuan",
    ];

    fn cells(&self) -> Vec<Cell> {
        let text = |text: &Option<String>| text.as_deref().map_or(Cell::Empty, Cell::text);
        vec![
            Cell::At(self.created_at),
            Cell::at(self.ended_at),
            Cell::number(&self.refund_no),
            Cell::text(self.merchant_id.as_str()),
            Cell::number(&self.app_id),
            Cell::number(&self.merchant_refund_no),
            Cell::number(&self.order_no),
            Cell::number(&self.merchant_order_no),
            Cell::text(self.state.as_str()),
            text(&self.wallet),
            text(&self.channel_account_id),
            Cell::Fen(self.payable_fen),
            Cell::Fen(self.cash_fen),
        ]
    }
}
