//! What every part of the engine uses: the books, the directory, the way to channels, places at
//! accounts and destinations, and who waits. It knows no verb and no job.

pub(crate) mod accounts;
pub(crate) mod alarm;
pub(crate) mod books;
mod cache;
mod describe_merchant;
pub(crate) mod destinations;
pub(crate) mod directory;
pub(crate) mod fees;
pub(crate) mod handler;
pub(crate) mod news;
pub(crate) mod patience;
pub(crate) mod published_keys;
pub(crate) mod records;
pub(crate) mod terms;
pub(crate) mod token;
pub(crate) mod upstream;
pub(crate) mod waiters;
