//! Cards, as they may be shown.

use heliu_engine::RecordsAsked;
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::PlatformNo;
use heliu_trade::settlement_card::{OwnerCards, SettlementCard};
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::paging::{Paged, Part, Words};
use crate::permission::Permission;
use crate::rows::{Fact, Facts, Row};
use crate::sheet::{Cell, Column};
use crate::{Office, owners};

/// Which cards, in words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CardsAsked {
    /// Of this owner only: `merchant:ID` or `agent:ID`.
    pub owner: Option<String>,
}

/// A card in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardRow {
    /// When it was proposed (UTC).
    pub created_at: Timestamp,
    /// Our number.
    pub card_no: String,
    /// Whose.
    pub owner: String,
    /// Where it stands.
    pub state: String,
    /// The name that the account is in, masked.
    pub holder: String,
    /// Whether that is a person or a company.
    pub kind: String,
    /// Its number, masked.
    pub number_masked: String,
    /// 联行号
    pub clearing_number: String,
    /// 开户行
    pub bank_branch: String,
    /// The approval that it waits for, or that let it pass.
    pub approval_no: String,
}

/// Cards, owner by owner, the newest owner first; of an owner the oldest card first. A page has so
/// many owners.
///
/// # Errors
/// There is no such owner, or the books are away.
pub async fn list(
    office: &Office,
    actor: &Actor,
    asked: CardsAsked,
    part: Part,
) -> Result<Paged<CardRow>, OfficeError> {
    actor.check(Permission::See)?;
    let engine = office.engine();
    if let Some(owner) = &asked.owner {
        let owner = owners::find_paid(office, owner).await?;
        let cards = engine.cards_of(&owner).await?;
        return Ok(Paged {
            rows: cards.iter().flat_map(rows_of).collect(),
            next: None,
        });
    }
    let mut words = Words::default();
    let below: Option<PlatformNo> = words.number("after", part.after.as_ref());
    words.end()?;
    let asked = RecordsAsked {
        state: None,
        below,
        limit: part.size,
    };
    let found = engine.cards(asked).await?;
    let owners: Vec<_> = found.into_iter().map(|(_, cards)| cards).collect();
    let page = Paged::below(owners, part.size, |cards| cards.record_no.to_string());
    Ok(Paged {
        rows: page.rows.iter().flat_map(rows_of).collect(),
        next: page.next,
    })
}

/// One card, by our number and its owner.
///
/// # Errors
/// There is no such owner or card, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    owner: &str,
    card_no: &str,
) -> Result<CardRow, OfficeError> {
    actor.check(Permission::See)?;
    let owner = owners::find_paid(office, owner).await?;
    let cards = office.engine().cards_of(&owner).await?;
    let number: Option<PlatformNo> = card_no.parse().ok();
    let card = cards.as_ref().zip(number);
    let card = card.and_then(|(cards, number)| cards.find(number));
    card.map(|card| row_of(&owner, card)).ok_or_else(|| {
        OfficeError::with_cure(
            format!("{owner} has no card {card_no}"),
            format!("heliu cards list --owner {owner} tells which it has"),
        )
    })
}

fn rows_of(cards: &OwnerCards) -> Vec<CardRow> {
    let all = cards.cards.iter();
    all.map(|card| row_of(&cards.owner, card)).collect()
}

fn row_of(owner: &Owner, card: &SettlementCard) -> CardRow {
    CardRow {
        created_at: card.created_at,
        card_no: card.card_no.to_string(),
        owner: owner.to_string(),
        state: card.state.as_str().to_owned(),
        holder: card.holder_masked.clone(),
        kind: card.kind.as_str().to_owned(),
        number_masked: card.number_masked.clone(),
        clearing_number: card.clearing_number.clone(),
        bank_branch: card.bank_branch.clone(),
        approval_no: card.approval_no.to_string(),
    }
}

impl Row for CardRow {
    const COLUMNS: &'static [Column] = &[
        "created_at",
        "card_no",
        "owner",
        "state",
        "holder",
        "kind",
        "number",
        "clearing_number",
        "bank_branch",
        "approval_no",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::At(self.created_at),
            Cell::number(&self.card_no),
            Cell::text(self.owner.as_str()),
            Cell::text(self.state.as_str()),
            Cell::text(self.holder.as_str()),
            Cell::text(self.kind.as_str()),
            Cell::text(self.number_masked.as_str()),
            Cell::number(&self.clearing_number),
            Cell::text(self.bank_branch.as_str()),
            Cell::number(&self.approval_no),
        ]
    }
}

impl Facts for CardRow {
    fn facts(&self) -> Vec<Fact> {
        let named = Self::COLUMNS.iter().zip(self.cells());
        named.map(|(name, value)| Fact::new(*name, value)).collect()
    }
}
