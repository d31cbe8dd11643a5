//! All that the books hold around a thing, whatever it is.

use heliu_trade::followup::subject::Subject;
use heliu_trade::followup::trail::Trail;
use rusqlite::{Connection, params};

use crate::columns::integer;
use crate::rows::{journal, timeline};
use crate::sqlite::fault::Fault;
use crate::sqlite::query::all;

/// A subject's trail; empty if nothing is known of it.
pub(crate) fn trail(connection: &Connection, subject: &Subject) -> Result<Trail, Fault> {
    let (owner, number) = (subject.owner.name(), integer(subject.no.as_u64()));
    let key = params![owner, number];
    let notifications = timeline::notifications();
    let (events, deliveries) = (timeline::EVENTS, timeline::DELIVERIES);
    Ok(Trail {
        entries: journal::entries(all(connection, journal::OF_SUBJECT, key, journal::read)?),
        events: all(connection, events, key, timeline::read_event)?,
        notifications: all(connection, &notifications, key, timeline::read_notification)?,
        deliveries: all(connection, deliveries, key, timeline::read_delivery)?,
        jobs: all(connection, &timeline::jobs(), key, timeline::read_job)?,
    })
}
