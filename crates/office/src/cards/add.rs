//! A card is proposed.

use std::fmt;

use heliu_engine::enrolment::names::check_name;
use heliu_engine::enrolment::{Faults, Problem};
use heliu_trade::settlement_card::{CardKind, CardNumber, HolderName};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::{Act, Office, owners};

/// How many digits a branch's clearing number has.
const CLEARING_DIGITS: usize = 12;

/// A card that somebody enters.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewCard {
    /// Whose: `merchant:ID` or `agent:ID`.
    pub owner: String,
    /// Its number, in clear.
    pub number: String,
    /// The name that the account is in, in clear.
    pub holder: String,
    /// `private` or `company`.
    pub kind: String,
    /// 联行号, 12 digits; empty: a private card that the bank knows without.
    pub clearing_number: String,
    /// 开户行; may be empty where the clearing number may.
    pub bank_branch: String,
}

/// Its number and its holder are left out.
impl fmt::Debug for NewCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCard")
            .field("owner", &self.owner)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A card that waits for another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardProposed {
    /// Our number of the card.
    pub card_no: String,
    /// Its number, masked.
    pub number_masked: String,
    /// Our number of the approval.
    pub approval_no: String,
}

/// Proposes a card, which takes the place of the one before when another person lets it pass.
///
/// # Errors
/// The actor may not; there is no such owner; something that was entered is wrong; the owner is
/// paid to this very card already; or the books are away.
pub async fn add(
    office: &Office,
    actor: &Actor,
    new: NewCard,
) -> Result<CardProposed, OfficeError> {
    actor.check(Permission::Propose)?;
    let owner = owners::find_paid(office, &new.owner).await?;
    let mut faults = Faults::new();
    faults.note("holder", check_name(&new.holder));
    let kind = CardKind::parse(&new.kind);
    if kind.is_none() {
        let known = CardKind::ALL.map(|kind| kind.as_str().to_owned());
        faults.add("kind", Problem::NotOneOf(known.into()));
    }
    let number = CardNumber::parse(&new.number);
    if let Err(problem) = &number {
        faults.add("card number", Problem::unfit(problem.to_string(), ""));
    }
    check_branch(&new, kind, &mut faults);
    faults.into_result()?;
    let (Some(kind), Ok(number)) = (kind, number) else {
        return Err(OfficeError::new("the card is wrong"));
    };
    let card = heliu_engine::NewCard {
        owner,
        holder: HolderName::new(new.holder),
        kind,
        number,
        clearing_number: new.clearing_number,
        bank_branch: new.bank_branch,
    };
    let act = Act {
        action: "cards.add",
        subject: card.owner.to_string(),
        before: None,
        after: Some(json!({
            "holder": card.holder.masked(), "kind": card.kind, "number": card.number.masked(),
            "clearing_number": card.clearing_number, "bank_branch": card.bank_branch,
        })),
    };
    let audit = office.audit(actor, act);
    let card = office.engine().propose_card(card, actor.name(), audit);
    let card = card.await?;
    Ok(CardProposed {
        card_no: card.card_no.to_string(),
        number_masked: card.number_masked,
        approval_no: card.approval_no.to_string(),
    })
}

/// A company's account is found by its branch.
fn check_branch(new: &NewCard, kind: Option<CardKind>, faults: &mut Faults) {
    let is_company = kind == Some(CardKind::Company);
    let number = &new.clearing_number;
    let is_number =
        number.len() == CLEARING_DIGITS && number.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number && (is_company || !number.is_empty()) {
        let form = format!("{CLEARING_DIGITS} digits");
        faults.add("clearing number", Problem::Malformed(form));
    }
    if is_company || !new.bank_branch.is_empty() {
        faults.note("bank branch", check_name(&new.bank_branch));
    }
}
