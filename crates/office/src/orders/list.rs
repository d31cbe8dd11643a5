//! The list of orders.

use heliu_ports::lists::{AgentKey, OrderFilter, OrderRow as Listed};
use heliu_trade::id::{AgentId, ChannelAccountId, DialectId, MerchantId};
use heliu_trade::order::OrderState;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::WalletKind;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Between, Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::Row;
use crate::sheet::{Cell, Column};

/// Which orders, in words; what is named must all hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct OrdersAsked {
    /// When they came.
    pub created: Between,
    /// Whose.
    pub merchant_id: Option<String>,
    /// Of merchants' apps that this agent signs for, as dialect and number.
    pub agent: Option<(String, String)>,
    /// In one of these states.
    pub states: Vec<String>,
    /// Paid, or to be paid, by this wallet.
    pub wallet: Option<String>,
    /// Through this account.
    pub channel_account_id: Option<String>,
    /// Charged at least this, in fen.
    pub charge_fen_min: Option<i64>,
    /// Charged at most this, in fen.
    pub charge_fen_max: Option<i64>,
    /// Anybody's number of it, or of a refund, or its beginning.
    pub number: Option<String>,
}

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    /// When it came (UTC).
    pub created_at: Timestamp,
    /// Our number.
    pub order_no: String,
    /// Whose.
    pub merchant_id: String,
    /// Under which app.
    pub app_id: String,
    /// On which wire, if the app is in the directory.
    pub dialect_id: Option<String>,
    /// The merchant's number.
    pub merchant_order_no: String,
    /// Where it stands.
    pub state: String,
    /// The wallet, once known.
    pub wallet: Option<String>,
    /// Through which account.
    pub channel_account_id: Option<String>,
    /// What is charged, in fen.
    pub charge_fen: i64,
    /// The merchant's currency.
    pub currency: String,
    /// What the merchant asked, in minor units of it.
    pub amount_minor: i64,
    /// When its payer paid (UTC).
    pub paid_at: Option<Timestamp>,
    /// What refunds gave back so far, in fen.
    pub refunded_fen: i64,
    /// The fee, in fen; once paid.
    pub fee_fen: Option<i64>,
}

/// Orders, newest first.
///
/// # Errors
/// A word of the filter is unknown, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: OrdersAsked,
    part: Part,
) -> Result<Paged<OrderRow>, OfficeError> {
    actor.check(Permission::See)?;
    let mut words = Words::default();
    let filter = OrderFilter {
        created: asked.created.into(),
        merchant_id: asked.merchant_id.map(MerchantId::from),
        agent: asked.agent.map(agent_key),
        states: words.many("state", &asked.states, OrderState::ALL, OrderState::as_str),
        wallet: wallet(&mut words, asked.wallet.as_ref()),
        channel_account_id: asked.channel_account_id.map(ChannelAccountId::from),
        charge_fen_min: asked.charge_fen_min,
        charge_fen_max: asked.charge_fen_max,
        number: asked.number,
    };
    words.end()?;
    let listed = office.store().list_orders(filter, part.into()).await?;
    Ok(Paged::of(listed, OrderRow::from))
}

/// An agent as a filter names it.
pub(crate) fn agent_key((dialect, agent): (String, String)) -> AgentKey {
    AgentKey {
        dialect_id: DialectId::from(dialect),
        agent_id: AgentId::from(agent),
    }
}

/// A wallet as a filter names it.
pub(crate) fn wallet(words: &mut Words, word: Option<&String>) -> Option<WalletKind> {
    words.one("wallet", word, WalletKind::ALL, WalletKind::as_str)
}

impl From<Listed> for OrderRow {
    fn from(row: Listed) -> Self {
        Self {
            created_at: row.created_at,
            order_no: row.order_no.to_string(),
            merchant_id: row.merchant_id.to_string(),
            app_id: row.app_id.to_string(),
            dialect_id: row.dialect_id.map(|dialect| dialect.to_string()),
            merchant_order_no: row.merchant_order_no,
            state: row.state.as_str().to_owned(),
            wallet: row.wallet.map(|wallet| wallet.as_str().to_owned()),
            channel_account_id: row.channel_account_id.map(|account| account.to_string()),
            charge_fen: row.charge_fen,
            currency: row.currency.to_string(),
            amount_minor: row.amount_minor,
            paid_at: row.paid_at,
            refunded_fen: row.refunded_fen,
            fee_fen: row.fee_fen,
        }
    }
}

impl Row for OrderRow {
    const COLUMNS: &'static [Column] = &[
        "created_at",
        "order_no",
        "merchant",
        "app",
        "dialect",
        "merchant_order_no",
        "state",
        "wallet",
        "channel_account",
        "charge_yuan",
        "currency",
        "amount_minor",
        "paid_at",
        "refunded_yuan",
        "fee_yuan",
    ];

    fn cells(&self) -> Vec<Cell> {
        let text = |text: &Option<String>| text.as_deref().map_or(Cell::Empty, Cell::text);
        vec![
            Cell::At(self.created_at),
            Cell::number(&self.order_no),
            Cell::text(self.merchant_id.as_str()),
            Cell::number(&self.app_id),
            text(&self.dialect_id),
            Cell::number(&self.merchant_order_no),
            Cell::text(self.state.as_str()),
            text(&self.wallet),
            text(&self.channel_account_id),
            Cell::Fen(self.charge_fen),
            Cell::text(self.currency.as_str()),
            Cell::Count(self.amount_minor),
            Cell::at(self.paid_at),
            Cell::Fen(self.refunded_fen),
            self.fee_fen.map_or(Cell::Empty, Cell::Fen),
        ]
    }
}
