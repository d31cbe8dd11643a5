//! 结算卡: the cards to which owners are paid, whose numbers and holders are sealed.

use heliu_trade::error::{Advice, ErrorCode, TradeError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::PlatformNo;
use heliu_trade::record::Record;
use heliu_trade::records::RecordAction;
use heliu_trade::settlement_card::{
    Action, CardKind, CardNumber, CardState, HolderName, OwnerCards, SettlementCard,
};

use super::approvals::take;
use super::found::{self, RecordsAsked};
use crate::{Engine, Inner};

/// What card numbers are digested for.
const DIGEST: &str = "settlement card";
/// What holders' names are digested for.
const HOLDER_DIGEST: &str = "settlement card holder";

/// A card that somebody proposes.
#[derive(Debug, Clone)]
pub struct NewCard {
    /// Whose.
    pub owner: Owner,
    /// The name that the account is in, in clear.
    pub holder: HolderName,
    /// Whether that is a person or a company.
    pub kind: CardKind,
    /// Its number, in clear.
    pub number: CardNumber,
    /// 联行号
    pub clearing_number: String,
    /// 开户行
    pub bank_branch: String,
}

impl Engine {
    /// Proposes a card, which another person must let pass. The card.
    ///
    /// # Errors
    /// The owner is paid to this very card already, or the books are away.
    pub async fn propose_card(
        &self,
        new: NewCard,
        maker: &str,
        audit: NewAudit,
    ) -> Result<SettlementCard, TradeError> {
        let inner = &self.inner;
        let card_no = inner.mint_record_no();
        let digits = new.number.digits();
        let card = SettlementCard {
            card_no,
            number_sealed: inner.vault.seal(&place(&new.owner, card_no), digits),
            number_digest: inner.vault.digest(DIGEST, digits),
            number_masked: new.number.masked(),
            holder_sealed: inner
                .vault
                .seal(&holder_place(&new.owner, card_no), new.holder.name()),
            holder_digest: inner.vault.digest(HOLDER_DIGEST, new.holder.name()),
            holder_masked: new.holder.masked(),
            kind: new.kind,
            clearing_number: new.clearing_number,
            bank_branch: new.bank_branch,
            state: CardState::Checking,
            approval_no: inner.mint_record_no(),
            created_at: inner.now(),
        };
        let wants = vec![OwnerCards::want(&new.owner)];
        let action = RecordAction::SettlementCard(Action::Propose {
            owner: new.owner,
            record_no: inner.mint_record_no(),
            card: Box::new(card.clone()),
            maker: maker.to_owned(),
        });
        take(inner, wants, action, audit).await?;
        Ok(card)
    }

    /// The cards of an owner, if it ever had one.
    ///
    /// # Errors
    /// The books are away, or the cards cannot be read.
    pub async fn cards_of(&self, owner: &Owner) -> Result<Option<OwnerCards>, TradeError> {
        cards_of(&self.inner, owner).await
    }

    /// The cards of all owners, an owner each, the newest owner first.
    ///
    /// # Errors
    /// The books are away, or cards cannot be read.
    pub async fn cards(
        &self,
        asked: RecordsAsked,
    ) -> Result<Vec<(Record, OwnerCards)>, TradeError> {
        found::list(&self.inner, asked).await
    }
}

/// The cards of an owner, if it ever had one.
pub(crate) async fn cards_of(
    inner: &Inner,
    owner: &Owner,
) -> Result<Option<OwnerCards>, TradeError> {
    found::find(inner, OwnerCards::want(owner)).await
}

/// What of a card a request that pays to it needs in clear.
pub(crate) struct Opened {
    /// Its number.
    pub(crate) number: String,
    /// The name that the account is in.
    pub(crate) holder: String,
}

/// Opens a card for the request that pays to it.
pub(crate) fn open(
    inner: &Inner,
    owner: &Owner,
    card: &SettlementCard,
) -> Result<Opened, TradeError> {
    let (number, holder) = (
        place(owner, card.card_no),
        holder_place(owner, card.card_no),
    );
    let number = inner.vault.open(&number, &card.number_sealed);
    let holder = inner.vault.open(&holder, &card.holder_sealed);
    let opened = number.zip(holder);
    let opened = opened.map(|(number, holder)| Opened { number, holder });
    opened.ok_or_else(|| {
        tracing::error!(card = %card.card_no, "what is sealed of a card does not open");
        let message = Advice::AskOperator.after("a fault on our side");
        TradeError::new(ErrorCode::Internal, message)
    })
}

/// A sealed number opens for its owner and its card only.
fn place(owner: &Owner, card_no: PlatformNo) -> String {
    format!("settlement card/{}/{card_no}", owner.name())
}

/// The same for a holder's name.
fn holder_place(owner: &Owner, card_no: PlatformNo) -> String {
    format!("settlement card holder/{}/{card_no}", owner.name())
}
