//! What follows from a step, whatever it is about: entries of the journal, lines of a timeline,
//! notices, jobs, and what the audit keeps. Every aggregate's decisions return them as one value,
//! and one piece of code a store saves them.

pub mod audit;
pub mod consequences;
pub mod deliver;
pub mod event;
pub mod job;
pub mod notification;
pub mod subject;
pub mod trail;
