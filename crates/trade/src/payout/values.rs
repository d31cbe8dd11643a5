//! What a bill is.

use serde::{Deserialize, Serialize};

use crate::calendar::BusinessDate;
use crate::followup::subject::{Owner, Subject};
use crate::id::{ChannelAccountId, PlatformNo};
use crate::record::{Aggregate, Name, RecordKind, Want};
use crate::settlement_card::SettlementCard;
use crate::settlement_terms::Cycle;
use crate::time::Timestamp;
use crate::verdict::{PayoutEvidence, PayoutFailure, PayoutReturn};

use super::amounts::Amounts;
use super::bill_id::BillId;

/// Where a bill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutState {
    /// Made; nobody has let it pass.
    Drafted,
    /// Two people have let its batch pass.
    Approved,
    /// Its request is written down and on its way.
    Sending,
    /// The bank's answer is not certain. No time makes it a failure.
    Unknown,
    /// The bank has paid.
    Paid,
    /// The bank has certainly not paid; finance repairs it.
    Failed,
    /// 退票: the bank paid and took it back.
    Returned,
    /// All of it is held back: there is nothing to send.
    Frozen,
    /// Undone before it was sent, or replaced by another bill.
    Voided,
}

impl PayoutState {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Drafted,
        Self::Approved,
        Self::Sending,
        Self::Unknown,
        Self::Paid,
        Self::Failed,
        Self::Returned,
        Self::Frozen,
        Self::Voided,
    ];

    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::Approved => "approved",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Returned => "returned",
            Self::Frozen => "frozen",
            Self::Voided => "voided",
        }
    }

    /// The state of a word of [`PayoutState::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether a request is out of which the end is not certain.
    #[must_use]
    pub const fn is_in_transit(self) -> bool {
        matches!(self, Self::Sending | Self::Unknown)
    }

    /// Whether its batch is done with it.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        matches!(
            self,
            Self::Paid | Self::Failed | Self::Returned | Self::Frozen | Self::Voided
        )
    }
}

/// The card as it was when the bill was made; its full number stays sealed with the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutCard {
    /// Our number of the card.
    pub card_no: PlatformNo,
    /// Keyed digest of its number: the same card has the same one.
    pub digest: String,
    /// Its number, masked: six digits, nine stars, four digits.
    pub mask: String,
    /// Its holder's name, masked.
    pub holder_mask: String,
    /// The branch that keeps it; empty if nobody has said.
    pub branch: String,
}

impl PayoutCard {
    /// A card as it is now.
    #[must_use]
    pub fn of(card: &SettlementCard) -> Self {
        Self {
            card_no: card.card_no,
            digest: card.number_digest.clone(),
            mask: card.number_masked.clone(),
            holder_mask: card.holder_masked.clone(),
            branch: card.bank_branch.clone(),
        }
    }
}

/// A request to a bank, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutRequest {
    /// Its number, which the bank knows it by; unique at its channel account.
    pub request_no: String,
    /// When its last call began (UTC).
    pub sent_at: Timestamp,
    /// Why the bank refused its last call, if it did: it has failed once the bank knows no such
    /// number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<PayoutFailure>,
    /// Its certain end; `None`: nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<RequestEnd>,
}

/// The certain end of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestEnd {
    /// The bank paid.
    Paid(PayoutEvidence),
    /// The bank did not pay, and will not.
    Failed(PayoutFailure),
    /// The bank paid, and it came back.
    Returned(PayoutReturn),
}

/// What a bill took for a hold, or for a refund that was running when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// Our number of the hold or the refund.
    pub no: PlatformNo,
    /// Which of both.
    pub cause: FillCause,
    /// In fen; above zero.
    pub amount_fen: i64,
}

/// For what a bill took something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FillCause {
    /// A hold, which keeps it until it is released or seized.
    Hold,
    /// A refund, whose end frees it.
    Refund,
}

/// 打款: one bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// Our number of it; [`Payout::bill_id`] is what wires call it.
    pub payout_no: PlatformNo,
    /// Who is paid.
    pub owner: Owner,
    /// By which cycle.
    pub cycle: Cycle,
    /// The last trade date that it pays (settleDate); of a withdrawal the day it was asked for.
    pub settle_date: BusinessDate,
    /// The account that pays.
    pub channel_account_id: ChannelAccountId,
    /// What it pays.
    pub amounts: Amounts,
    /// To which card.
    pub card: PayoutCard,
    /// Our numbers of the settlements that it pays; those of a chain stand in each of its bills.
    pub settlements: Vec<PlatformNo>,
    /// What it took for holds and running refunds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fills: Vec<Fill>,
    /// When its reserve is free again; `None`: it has none, or it is free already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve_until: Option<BusinessDate>,
    /// Where it stands.
    pub state: PayoutState,
    /// Our number of the batch that it stands in.
    pub batch_no: Option<PlatformNo>,
    /// Its requests, oldest first; only the last one may be without an end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<PayoutRequest>,
    /// The bill that it stands in for: one that came back, or one of another card.
    pub previous: Option<PlatformNo>,
    /// The bill that stands in for it.
    pub replaced_by: Option<PlatformNo>,
    /// The end of which its agent was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<PayoutState>,
    /// What agents read beside it: the number of the returned bill that it stands in for.
    pub remark: String,
    /// Why it failed, came back or was voided; in the bank's words if they are the bank's.
    pub reason: String,
    /// When it was made (UTC).
    pub created_at: Timestamp,
    /// When the bank's last certain answer came (UTC).
    pub answered_at: Option<Timestamp>,
}

/// What a bill is found by.
const OWNER: &str = "owner";
const OWNER_DAY: &str = "owner_day";

impl Payout {
    /// What [`Payout::mark_of_refund`] says; the text behind it is the number, without zeros.
    pub const REFUND: &str = "refund";

    /// Its number, as wires and people write it.
    #[must_use]
    pub const fn bill_id(&self) -> BillId {
        BillId::of(self.payout_no)
    }

    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject {
            owner: self.owner.clone(),
            no: self.payout_no,
        }
    }

    /// The bill of an owner and a number, for a step.
    #[must_use]
    pub const fn want(subject: Subject) -> Want {
        Want::Numbered(RecordKind::Payout, subject)
    }

    /// The mark of all bills of an owner.
    #[must_use]
    pub fn mark_of_owner(owner: &Owner) -> Name {
        Name::new(OWNER, owner.name())
    }

    /// The mark of the bills of an owner that were made on a day.
    #[must_use]
    pub fn mark_of_day(owner: &Owner, day: BusinessDate) -> Name {
        Name::new(OWNER_DAY, format!("{}/{day}", owner.name()))
    }

    /// The mark of the bills that took something for a refund.
    #[must_use]
    pub fn mark_of_refund(refund_no: PlatformNo) -> Name {
        Name::new(Self::REFUND, refund_no.as_u64().to_string())
    }

    /// What it keeps for a refund, in fen, until that ends.
    #[must_use]
    pub fn filled_for_fen(&self, refund_no: PlatformNo) -> i64 {
        let fills = self.fills.iter();
        let its = fills.filter(|fill| fill.cause == FillCause::Refund && fill.no == refund_no);
        its.map(|fill| fill.amount_fen).sum()
    }

    /// The bank's word for its payment, if it was paid; also if it came back afterwards.
    #[must_use]
    pub fn evidence(&self) -> Option<&PayoutEvidence> {
        match self.requests.last()?.end.as_ref()? {
            RequestEnd::Paid(evidence) => Some(evidence),
            RequestEnd::Returned(returned) => Some(&returned.payment),
            RequestEnd::Failed(_) => None,
        }
    }

    /// The request of which nobody knows the end.
    #[must_use]
    pub fn open_request(&self) -> Option<&PayoutRequest> {
        self.requests.last().filter(|request| request.end.is_none())
    }

    /// Whether it is somebody's turn at finance: it failed, or came back and no other bill stands
    /// in for it.
    #[must_use]
    pub fn awaits_repair(&self) -> bool {
        matches!(self.state, PayoutState::Failed | PayoutState::Returned)
            && self.replaced_by.is_none()
    }

    /// What of it stands on the account of what is due to be paid out, in fen (invariant 19).
    #[must_use]
    pub fn due_fen(&self) -> i64 {
        let is_due = match self.state {
            PayoutState::Drafted | PayoutState::Approved => true,
            PayoutState::Failed | PayoutState::Returned => self.replaced_by.is_none(),
            _ => false,
        };
        if is_due { self.amounts.real_fen } else { 0 }
    }

    /// Its line in a batch's content: what two people look at, and what is sent.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "{} {} {} {}\n",
            self.bill_id(),
            self.owner,
            self.card.digest,
            self.amounts.real_fen
        )
    }
}

impl Aggregate for Payout {
    const KIND: RecordKind = RecordKind::Payout;

    fn state(&self) -> &'static str {
        self.state.as_str()
    }

    fn names(&self) -> Vec<Name> {
        Vec::new()
    }

    fn marks(&self) -> Vec<Name> {
        let day = BusinessDate::of(self.created_at);
        let owner = &self.owner;
        let mut marks = vec![Self::mark_of_owner(owner), Self::mark_of_day(owner, day)];
        let of_refunds = self.fills.iter();
        let of_refunds = of_refunds.filter(|fill| fill.cause == FillCause::Refund);
        marks.extend(of_refunds.map(|fill| Self::mark_of_refund(fill.no)));
        marks
    }
}
