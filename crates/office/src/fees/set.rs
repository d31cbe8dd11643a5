//! A proposal waits for a second person, or is written at once.

use heliu_ports::store::{DirectoryChange, StoreErrorKind};
use heliu_trade::fee::FeeProposal;
use heliu_trade::fee::schedule::FeeVersion;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::alone::check_alone;
use super::check::check_version;
use super::entered::{NewFees, proposal};
use super::looks::looking;
use super::show::{FeeRow, rows_of};
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::proposed::Proposed;
use crate::{Act, Office};

/// A version that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetFees {
    /// Whose, as people write it.
    pub owner: String,
    /// Its lines.
    pub lines: Vec<FeeRow>,
}

/// Proposes the next version of what an owner pays, which another person must let pass.
///
/// # Errors
/// The actor may not, something that was entered is wrong, somebody would pay less than who stands
/// above them, or the books are away.
pub async fn propose(
    office: &Office,
    actor: &Actor,
    new: NewFees,
) -> Result<Proposed, OfficeError> {
    actor.check(Permission::Propose)?;
    let proposal = proposal(office, &new).await?;
    let standing = newest(office, &proposal).await?;
    let act = act("fees.propose", &proposal, standing.as_ref());
    let audit = office.audit(actor, act);
    let engine = office.engine();
    let proposed = engine.propose_fees(&proposal, standing.as_ref(), actor.name(), audit);
    Ok(proposed.await?.into())
}

/// Writes the next version of what an owner pays, as long as nobody is on the list of people: two
/// of them look at it afterwards.
///
/// # Errors
/// The actor may not, something that was entered is wrong, or somebody would pay less than who
/// stands above them.
pub async fn set(office: &Office, actor: &Actor, new: NewFees) -> Result<SetFees, OfficeError> {
    actor.check(Permission::Configure)?;
    let cure = "propose them: heliu fees propose; another person lets them pass: \
        heliu approvals approve";
    check_alone(actor, cure)?;
    let proposal = proposal(office, &new).await?;
    let now = office.engine().clock().now();
    let version = proposal.version(now);
    let written = looking(office, |seen| {
        write(office, actor, &proposal, &version, seen)
    });
    match written.await {
        Err(OfficeError::Store(error)) if error.kind() == StoreErrorKind::Conflict => {
            let cure = "heliu fees show OWNER tells what stands now; then set it anew";
            return Err(OfficeError::with_cure(error, cure));
        }
        written => written?,
    }
    let standing = office.store().list_fees(version.owner.clone()).await?;
    let is_new = |row: &FeeRow| {
        row.wallet == version.wallet
            && row.channel_account_id == version.channel_account_id
            && row.version == version.version
    };
    Ok(SetFees {
        owner: version.owner.to_string(),
        lines: rows_of(&standing, now).into_iter().filter(is_new).collect(),
    })
}

/// Writes a version that is sound with what stands now.
async fn write(
    office: &Office,
    actor: &Actor,
    proposal: &FeeProposal,
    version: &FeeVersion,
    seen: u64,
) -> Result<(), OfficeError> {
    check_version(office, version).await?;
    let newest = newest(office, proposal).await?;
    let act = act("fees.set", proposal, newest.as_ref());
    let change = DirectoryChange::PutFees(version.clone());
    office.change(actor, change.over_fee_tree(seen), act).await
}

/// Whether a proposal may still be written: the books may have changed since it was made.
pub(crate) async fn check_proposal(
    office: &Office,
    proposal: &FeeProposal,
) -> Result<(), OfficeError> {
    let newest = newest(office, proposal).await?;
    if newest.map_or(0, |newest| newest.version) != proposal.follows {
        return Err(OfficeError::with_cure(
            format!(
                "the {} were changed since this was proposed",
                proposal.subject()
            ),
            "reject it, and propose anew: heliu approvals reject, heliu fees propose",
        ));
    }
    let now = office.engine().clock().now();
    check_version(office, &proposal.version(now)).await
}

/// The newest version of what a proposal is about.
async fn newest(
    office: &Office,
    proposal: &FeeProposal,
) -> Result<Option<FeeVersion>, OfficeError> {
    let account = proposal.channel_account_id.as_ref();
    let standing = office.store().list_fees(proposal.owner.clone()).await?;
    let mut same = standing.into_iter();
    Ok(same.rfind(|it| it.is_of(proposal.wallet, account)))
}

fn act(action: &'static str, proposal: &FeeProposal, newest: Option<&FeeVersion>) -> Act {
    Act {
        action,
        subject: proposal.owner.to_string(),
        before: newest.map(|newest| json!(FeeProposal::of(newest))),
        after: Some(json!(proposal)),
    }
}
