//! Nobody may pay less than who stands above them.

use heliu_trade::directory::{App, Contract};
use heliu_trade::fee::schedule::{Below, FeeVersion};
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{MerchantId, PartyId};
use heliu_trade::parties::Party;

use super::alone::check_contracts;
use super::tree::FeeTree;
use super::words::{below_text, from_text};
use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;

/// Whether a version may be written, with all that is above and below its owner.
pub(super) async fn check_version(
    office: &Office,
    version: &FeeVersion,
) -> Result<(), OfficeError> {
    let mut tree = read(office).await?;
    tree.put(version.clone());
    let below = match &version.owner {
        Owner::Agent(party_id) => tree.below_for_party(party_id).await?,
        Owner::Merchant(merchant_id) => {
            let standing = office.store().find_merchant(merchant_id).await?;
            let apps = standing.map(|standing| standing.apps).unwrap_or_default();
            let parties = parties_of(office, &apps).await?;
            tree.below_for_merchant(merchant_id, &parties, &[]).await?
        }
        Owner::Platform => None,
    };
    refuse(below)
}

/// Whether somebody may give a merchant with these apps these contracts, which may change its fees.
/// A fee that is entered with a contract begins at once, so that none may be yet to begin.
pub(crate) async fn check_merchant(
    office: &Office,
    actor: &Actor,
    merchant_id: &MerchantId,
    apps: &[App],
    contracts: &[Contract],
) -> Result<(), OfficeError> {
    let owner = Owner::Merchant(merchant_id.clone());
    let known = office.store().list_fees(owner.clone()).await?;
    let stands = office.store().find_merchant(merchant_id).await?.is_some();
    check_contracts(actor, &known, contracts, !stands)?;
    let mut tree = read(office).await?;
    for contract in contracts {
        let account = Some(&contract.channel_account_id);
        let newest = known.iter().rfind(|it| it.is_of(contract.wallet, account));
        if newest.is_some_and(|newest| newest.tariff == contract.fee) {
            continue;
        }
        tree.put(FeeVersion {
            owner: owner.clone(),
            wallet: contract.wallet,
            channel_account_id: account.cloned(),
            version: u32::MAX,
            from: FeeVersion::AT_ONCE,
            tariff: contract.fee.clone(),
        });
    }
    let parties = parties_of(office, apps).await?;
    let below = tree.below_for_merchant(merchant_id, &parties, contracts);
    refuse(below.await?)
}

/// Whether fees of contracts may be given without a day: one that is yet to begin may hold the very
/// same, and would stay as it is.
pub(crate) async fn check_none_comes(
    office: &Office,
    merchant_id: &MerchantId,
    contracts: &[Contract],
) -> Result<(), OfficeError> {
    let now = office.engine().clock().now();
    let owner = Owner::Merchant(merchant_id.clone());
    let known = office.store().list_fees(owner).await?;
    for contract in contracts {
        let account = Some(&contract.channel_account_id);
        let newest = known.iter().rfind(|it| it.is_of(contract.wallet, account));
        if let Some(coming) = newest.filter(|newest| newest.from > now) {
            let wallet = contract.wallet.as_str();
            return Err(OfficeError::with_cure(
                format!(
                    "version {} of its {wallet} fee begins at {}",
                    coming.version,
                    from_text(coming)
                ),
                format!("say which is to hold: heliu fees set merchant:{merchant_id}"),
            ));
        }
    }
    Ok(())
}

/// Whether a party may stand where it says, with all that is below it.
pub(crate) async fn check_place(office: &Office, party: &Party) -> Result<(), OfficeError> {
    let mut tree = read(office).await?;
    tree.place(party.clone());
    refuse(tree.below_for_party(&party.party_id).await?)
}

async fn read(office: &Office) -> Result<FeeTree, OfficeError> {
    let now = office.engine().clock().now();
    Ok(FeeTree::read(office.store(), now).await?)
}

/// The parties that brought apps.
async fn parties_of(office: &Office, apps: &[App]) -> Result<Vec<PartyId>, OfficeError> {
    if apps.iter().all(|app| app.agent_id.is_none()) {
        return Ok(Vec::new());
    }
    let agents = office.store().list_agents().await?;
    let brought = |app: &App| {
        let agent_id = app.agent_id.as_ref()?;
        let mut agents = agents.iter();
        let agent =
            agents.find(|it| (&it.dialect_id, &it.agent_id) == (&app.dialect_id, agent_id))?;
        Some(agent.party_id.clone())
    };
    Ok(apps.iter().filter_map(brought).collect())
}

fn refuse(below: Option<Below>) -> Result<(), OfficeError> {
    let Some(below) = below else {
        return Ok(());
    };
    let (child, parent) = (&below.child, &below.parent);
    Err(OfficeError::with_cure(
        below_text(&below),
        format!("raise what {child} pays, or lower what {parent} pays first: heliu fees set"),
    ))
}
