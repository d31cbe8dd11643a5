//! All that the books hold around a thing, whatever it is. Callers give a snapshot.

use deadpool_postgres::GenericClient;
use heliu_trade::followup::subject::Subject;
use heliu_trade::followup::trail::Trail;
use tokio_postgres::types::ToSql;

use crate::columns::integer;
use crate::postgres::connections::all;
use crate::postgres::fault::Fault;
use crate::rows::{journal, timeline};

/// A subject's trail; empty if nothing is known of it.
pub(crate) async fn trail(client: &impl GenericClient, subject: &Subject) -> Result<Trail, Fault> {
    let (owner, number) = (subject.owner.name(), integer(subject.no.as_u64()));
    let key: [&(dyn ToSql + Sync); 2] = [&owner, &number];
    let (events, deliveries) = (timeline::EVENTS, timeline::DELIVERIES);
    let (notifications, jobs) = (timeline::notifications(), timeline::jobs());
    let rows = all(client, journal::OF_SUBJECT, &key, journal::read).await?;
    Ok(Trail {
        entries: journal::entries(rows),
        events: all(client, events, &key, timeline::read_event).await?,
        notifications: all(client, &notifications, &key, timeline::read_notification).await?,
        deliveries: all(client, deliveries, &key, timeline::read_delivery).await?,
        jobs: all(client, &jobs, &key, timeline::read_job).await?,
    })
}
