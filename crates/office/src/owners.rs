//! Whose book, as people write it.

use heliu_trade::followup::subject::Owner;

use crate::Office;
use crate::error::OfficeError;

/// The owner of a text, `merchant:ID`, `agent:ID` or `platform`, who is there (ruling 73).
///
/// # Errors
/// It is none, or there is no such owner.
pub(crate) async fn find(office: &Office, text: &str) -> Result<Owner, OfficeError> {
    let owner = Owner::parse(text).ok_or_else(|| {
        OfficeError::with_cure(
            format!("{text} is no owner"),
            "an owner is merchant:ID, agent:ID or platform",
        )
    })?;
    must_stand(office, &owner).await?;
    Ok(owner)
}

/// The same of an owner who is paid out: a merchant or an agent.
///
/// # Errors
/// It is none of these, or there is no such owner.
pub(crate) async fn find_paid(office: &Office, text: &str) -> Result<Owner, OfficeError> {
    let owner = find(office, text).await?;
    if owner == Owner::Platform {
        return Err(OfficeError::with_cure(
            "the platform pays nothing to itself",
            "name a merchant or an agent: merchant:ID, agent:ID",
        ));
    }
    Ok(owner)
}

/// A book with a mistyped name would be an empty one.
async fn must_stand(office: &Office, owner: &Owner) -> Result<(), OfficeError> {
    let store = office.store();
    let (stands, cure) = match owner {
        Owner::Platform => return Ok(()),
        Owner::Merchant(id) => {
            let found = store.find_merchant(id).await?;
            (
                found.is_some(),
                "heliu merchants list shows which there are",
            )
        }
        Owner::Agent(id) => {
            let parties = store.list_parties().await?;
            let stands = parties.iter().any(|party| party.party_id == *id);
            (stands, "heliu agents list shows which there are")
        }
    };
    if stands {
        return Ok(());
    }
    let problem = format!("there is no {}", owner.to_string().replace(':', " "));
    Err(OfficeError::with_cure(problem, cure))
}
