//! A proposal is written.

use heliu_ports::store::{DirectoryChange, StoreErrorKind};
use heliu_trade::fee::FeeProposal;
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::check::check_version;
use super::entered::{NewFees, propose};
use super::show::{FeeRow, rows_of};
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::{Act, Office};

/// A version that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetFees {
    /// Whose, as people write it.
    pub owner: String,
    /// Its lines.
    pub lines: Vec<FeeRow>,
}

/// Writes the next version of what an owner pays.
///
/// # Errors
/// The actor may not, something that was entered is wrong, or somebody would pay less than who
/// stands above them.
pub async fn set(office: &Office, actor: &Actor, new: NewFees) -> Result<SetFees, OfficeError> {
    actor.check(Permission::Configure)?;
    let proposal = propose(office, &new).await?;
    let now = office.engine().clock().now();
    let version = write(office, actor, &proposal, now).await?;
    let owner = version.owner.to_string();
    let standing = office.store().list_fees(version.owner.clone()).await?;
    let lines = rows_of(&standing, now).into_iter();
    let is_new = |row: &FeeRow| {
        row.wallet == version.wallet
            && row.channel_account_id == version.channel_account_id
            && row.version == version.version
    };
    let lines = lines.filter(is_new).collect();
    Ok(SetFees { owner, lines })
}

/// Writes what was looked at: the books may have changed since.
async fn write(
    office: &Office,
    actor: &Actor,
    proposal: &FeeProposal,
    now: Timestamp,
) -> Result<FeeVersion, OfficeError> {
    let version = proposal.version(now);
    check_version(office, &version).await?;
    let standing = office.store().list_fees(version.owner.clone()).await?;
    let account = version.channel_account_id.as_ref();
    let newest = standing
        .iter()
        .rfind(|it| it.is_of(version.wallet, account));
    let act = Act {
        action: "fees.set",
        subject: version.owner.to_string(),
        before: newest.map(|it| json!({ "version": it.version, "fees": it.tariff })),
        after: Some(json!(proposal)),
    };
    let change = DirectoryChange::PutFees(version.clone());
    match office.change(actor, change, act).await {
        Err(OfficeError::Store(error)) if error.kind() == StoreErrorKind::Conflict => {
            let cure = "heliu fees show OWNER tells what stands now; then set it anew";
            Err(OfficeError::with_cure(error, cure))
        }
        written => written.map(|()| version),
    }
}
