//! Whether something that was sent through an account, or by a contract, has not ended. Nothing is
//! unresolved without a job (invariant 6), so that the jobs' subjects are all that can be.

use std::collections::BTreeSet;

use heliu_ports::lists::{JobFilter, Page};
use heliu_ports::store::OrderKey;
use heliu_trade::attempt::{AttemptState, Route};
use heliu_trade::followup::job::JobKind;
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::{ChannelAccountId, MerchantId, OrderNo};
use heliu_trade::refund::RefundState;
use heliu_trade::routing::ContractKey;

use crate::Office;
use crate::error::OfficeError;

/// What something was sent through.
pub(crate) enum Through<'a> {
    /// A channel account.
    Account(&'a ChannelAccountId),
    /// A merchant's contract.
    Contract(&'a ContractKey),
}

impl Through<'_> {
    /// Whose business it can be; `None`: anybody's.
    fn merchant_id(&self) -> Option<&MerchantId> {
        match self {
            Self::Account(_) => None,
            Self::Contract(key) => Some(&key.merchant_id),
        }
    }

    /// Whether an attempt of a merchant whose business it can be goes this way.
    fn leads(&self, route: &Route) -> bool {
        match self {
            Self::Account(id) => route.channel_account_id == **id,
            Self::Contract(key) => {
                route.wallet == key.wallet && route.channel_account_id == key.channel_account_id
            }
        }
    }
}

/// Something that was sent this way and has not ended, if there is such.
pub(crate) async fn open_through(
    office: &Office,
    way: &Through<'_>,
) -> Result<Option<Subject>, OfficeError> {
    let mut seen = BTreeSet::new();
    let filter = JobFilter {
        kinds: JobKind::ALL
            .into_iter()
            .filter(|kind| *kind != JobKind::NotifyMerchant)
            .collect(),
        merchant_id: way.merchant_id().cloned(),
        ..JobFilter::default()
    };
    let mut page = Page::first(Page::SIZE_MAX);
    loop {
        let listed = office.store().list_jobs(filter.clone(), page).await?;
        for row in listed.rows {
            let subject = row.job.key.subject;
            if seen.insert(subject.clone()) && is_open(office, way, &subject).await? {
                return Ok(Some(subject));
            }
        }
        match listed.next {
            Some(next) => page = Page::after(next, Page::SIZE_MAX),
            None => return Ok(None),
        }
    }
}

async fn is_open(
    office: &Office,
    way: &Through<'_>,
    subject: &Subject,
) -> Result<bool, OfficeError> {
    let Some(merchant_id) = subject.owner.merchant() else {
        return Ok(false);
    };
    let order_no = OrderNo(subject.no);
    let key = OrderKey::Platform(order_no);
    let Some((_, attempts)) = office.store().find_order(merchant_id, key).await? else {
        return Ok(false);
    };
    let mut through = Vec::new();
    for attempt in attempts {
        if way.leads(&attempt.route) {
            through.push(attempt.state);
        }
    }
    if through.is_empty() {
        return Ok(false);
    }
    if through.into_iter().any(AttemptState::is_unsettled) {
        return Ok(true);
    }
    let refunds = office
        .store()
        .refunds_of_order(merchant_id, order_no)
        .await?;
    let mut states = refunds.iter().map(|refund| refund.state);
    Ok(states.any(|state| state == RefundState::Refunding))
}
