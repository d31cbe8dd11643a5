//! What these books do for each facet of the port, one file a facet.

mod consents;
mod days;
mod directory;
mod exchanges;
mod jobs;
mod nodes;
mod notices;
mod office;
mod orders;
mod records;
mod settlements;
mod statements;
mod stories;
mod upkeep;
