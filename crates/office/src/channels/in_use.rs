//! Whether something that was sent through an account has not ended. Nothing is unresolved without
//! a job (invariant 6), so that the jobs' subjects are all that can be.

use std::collections::BTreeSet;

use heliu_ports::lists::{JobFilter, Page};
use heliu_ports::store::OrderKey;
use heliu_trade::attempt::AttemptState;
use heliu_trade::followup::job::JobKind;
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::{ChannelAccountId, OrderNo};
use heliu_trade::refund::RefundState;

use crate::Office;
use crate::error::OfficeError;

/// Something that was sent through an account and has not ended, if there is such.
pub(super) async fn open_through(
    office: &Office,
    id: &ChannelAccountId,
) -> Result<Option<Subject>, OfficeError> {
    let mut seen = BTreeSet::new();
    let filter = JobFilter {
        kinds: JobKind::ALL
            .into_iter()
            .filter(|kind| *kind != JobKind::NotifyMerchant)
            .collect(),
        ..JobFilter::default()
    };
    let mut page = Page::first(Page::SIZE_MAX);
    loop {
        let listed = office.store().list_jobs(filter.clone(), page).await?;
        for row in listed.rows {
            let subject = row.job.key.subject;
            if seen.insert(subject.clone()) && is_open(office, id, &subject).await? {
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
    id: &ChannelAccountId,
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
        if attempt.route.channel_account_id == *id {
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
