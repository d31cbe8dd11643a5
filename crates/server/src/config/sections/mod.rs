//! The sections of the configuration, a file each. An option is declared there and nowhere else:
//! name, variable, type, default, meaning.

pub(super) mod books;
pub(super) mod channels;
pub(super) mod keys;
pub(super) mod laboratory;
pub(super) mod limits;
pub(super) mod listeners;
pub(super) mod messages;
pub(super) mod notifications;
pub(super) mod proxies;
pub(super) mod sandbox;
