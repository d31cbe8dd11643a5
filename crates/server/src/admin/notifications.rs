//! The list of notifications, and delivering one anew.

use heliu_engine::Engine;
use heliu_ports::store::NotificationFilter;
use heliu_trade::followup::notification::NotificationState;

use super::text::table;
use crate::failure::Failure;

pub(super) async fn list(
    engine: &Engine,
    state: Option<&str>,
    limit: u32,
) -> Result<String, Failure> {
    let state = match state {
        None => None,
        Some(word) => Some(NotificationState::parse(word).ok_or_else(|| {
            Failure::new(format!("{word} is none of due, acknowledged, given_up"))
        })?),
    };
    let found = engine
        .store()
        .list_notifications(NotificationFilter {
            number: None,
            state,
            limit,
        })
        .await?;
    let rows: Vec<_> = found
        .iter()
        .map(|notification| {
            vec![
                notification.notification_no.to_string(),
                notification.subject.owner.name().into_owned(),
                notification.subject.no.to_string(),
                notification.kind.as_str().to_owned(),
                notification.state.as_str().to_owned(),
                notification.tries.to_string(),
                notification.url.clone(),
            ]
        })
        .collect();
    Ok(table(
        &[
            "notification",
            "merchant",
            "order",
            "about",
            "state",
            "tries",
            "address",
        ],
        &rows,
    ))
}

pub(super) async fn resend(engine: &Engine, number: &str) -> Result<String, Failure> {
    let missing = || Failure::new(format!("there is no notification {number}"));
    let filter = NotificationFilter {
        number: Some(number.parse().map_err(|_| missing())?),
        limit: 1,
        ..NotificationFilter::default()
    };
    let found = engine.store().list_notifications(filter).await?;
    let notification = found.first().ok_or_else(missing)?;
    engine.resend_notification(notification).await?;
    Ok(format!("notification {number} is due again"))
}
