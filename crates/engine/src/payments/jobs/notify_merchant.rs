//! Delivers a notification in the dialect in which its order came, until the merchant says that it
//! heard or the dialect's schedule ends.

use heliu_ports::dialect::Notice;
use heliu_ports::signature::Outgoing;
use heliu_ports::transport::{CallLimits, Purpose};
use heliu_ports::wire::OutRequest;
use heliu_trade::followup::deliver::Deliver;
use heliu_trade::followup::job::Job;
use heliu_trade::followup::notification::NotificationState;
use heliu_trade::id::NotificationNo;
use heliu_trade::notice;
use heliu_trade::step::{Action, Target};

use crate::Inner;
use crate::common::destinations::End;
use crate::common::directory::AppProfile;
use crate::common::handler::{LEASE_MS, Unfinished, order_of};

/// Largest acknowledgement that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 4096;
/// Characters of an answer that are kept.
const ANSWER_KEPT_MAX: usize = 200;

pub(crate) async fn run(inner: &Inner, job: &Job) -> Result<(), Unfinished> {
    let (merchant_id, order_no) = order_of(job)?;
    let number = NotificationNo::from_u64(job.key.about);
    let found = inner
        .store
        .find_notification(&job.key.subject, number)
        .await?;
    let Some(mut notification) = found else {
        return Ok(());
    };
    let duration = |ms| inner.clock.duration(ms);
    let place = inner
        .destinations
        .enter(&notification.url, duration)
        .await?;
    let (order, attempts) = inner.load_order(merchant_id, order_no).await?;
    let profile = inner
        .app_of_order(merchant_id, &order.app_id)
        .await?
        .ok_or_else(|| Unfinished::Books(format!("app {} is missing", order.app_id)))?;

    let target = Target::Notification(order_no, number);
    let now = inner.now();
    let then = notice::then(&notification, &order);
    let notice = Notice {
        notification: &notification,
        app: &profile.app,
        order: &then.order,
        attempts: &attempts,
        refund: then.refund.as_ref(),
        now,
        nonce: &|length| inner.vault.nonce(length),
    };
    let request = signed(&profile, notice)?;
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let action = Action::Deliver(Deliver::Begin { body });
    let begun = inner
        .commit(merchant_id, target.clone(), action, None)
        .await?;
    let Some(saved) = begun.after.notification else {
        return Ok(());
    };
    if saved.state != NotificationState::Due {
        return Ok(());
    }
    notification = saved;

    let policy = &profile.descriptor().policy;
    let limits = CallLimits {
        purpose: Purpose::Notification,
        connect_timeout_ms: policy.notify_connect_timeout_ms,
        timeout_ms: policy.notify_timeout_ms,
        answer_bytes_max: ANSWER_BYTES_MAX,
    };
    let result = inner.transport.call(request, limits).await;
    let end = if result.is_ok() {
        End::Answered
    } else {
        End::Failed
    };
    place.ended(end, duration);
    let (is_acknowledged, answer) = match &result {
        Ok(response) => {
            let text = String::from_utf8_lossy(&response.body);
            let kept: String = text.chars().take(ANSWER_KEPT_MAX).collect();
            (
                profile.dialect.acknowledges(response),
                format!("{} {kept}", response.status),
            )
        }
        Err(cause) => (false, cause.to_string()),
    };
    let outcome = if is_acknowledged {
        "acknowledged"
    } else {
        "not_acknowledged"
    };
    metrics::counter!("heliu_notification_attempts_total", "outcome" => outcome).increment(1);
    let tries = usize::try_from(notification.tries).unwrap_or(usize::MAX);
    let next_gap_ms = policy.notify_gaps_ms.get(tries.saturating_sub(1)).copied();
    let action = Action::Deliver(Deliver::End {
        is_acknowledged,
        answer,
        next_gap_ms,
    });
    let patience = inner.patience(LEASE_MS / 2);
    inner
        .commit_news(merchant_id, target, action, patience)
        .await?;
    Ok(())
}

fn signed(profile: &AppProfile, notice: Notice<'_>) -> Result<OutRequest, Unfinished> {
    let kind = notice.notification.kind;
    match profile.dialect.notification(notice) {
        Outgoing::Plain(request) => Ok(request),
        Outgoing::Sign { spec, place } => {
            let signature = profile
                .keys_of_notice(kind)
                .sign(&spec, None)
                .map_err(|cause| Unfinished::Books(cause.to_string()))?;
            Ok(place(signature))
        }
    }
}
