//! What the books hold around a thing, whatever it is: how it came about, what moved, who was told,
//! what is to be done.

use crate::followup::event::Event;
use crate::followup::job::Job;
use crate::followup::notification::{Delivery, Notification};
use crate::ledger::Entry;

/// Everything about one subject beside the subject itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trail {
    /// Its journal entries, in order.
    pub entries: Vec<Entry>,
    /// Its timeline, in order.
    pub events: Vec<Event>,
    /// Its notifications, in the order of their numbers.
    pub notifications: Vec<Notification>,
    /// Their deliveries, in order.
    pub deliveries: Vec<Delivery>,
    /// Its jobs, in the order of their keys.
    pub jobs: Vec<Job>,
}
