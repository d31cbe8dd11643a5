//! What the operator sets: one file, overridden by the environment. Each option is declared in the
//! file of its section ([`sections`]); from there come the reading of both, what an unknown name
//! may have meant, `heliu config`, and `config.example.toml`. Unknown options are refused.

pub(crate) mod elsewhere;
mod environment;
mod example;
mod file;
mod live;
mod load;
mod masked;
mod nearest;
mod option;
mod sections;

pub(crate) use example::example;
pub(crate) use live::{refusals, unreadable};
pub(crate) use load::{Loaded, Shown};
pub(crate) use option::Origin;
pub(crate) use sections::laboratory::Laboratory;

use option::{Section, Slot};
use sections::books::Books;
use sections::channels::Channels;
use sections::keys::Keys;
use sections::limits::Limits;
use sections::listeners::Listeners;
use sections::messages::Messages;
use sections::notifications::Notifications;
use sections::proxies::Proxies;
use sections::sandbox::Sandbox;

/// The settings of a process, by section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Config {
    /// Where it listens, and how it is reached from outside.
    pub(crate) listeners: Listeners,
    /// Where the books are.
    pub(crate) books: Books,
    /// The key of all keys.
    pub(crate) keys: Keys,
    /// How much at once.
    pub(crate) limits: Limits,
    /// Whose word about addresses is taken.
    pub(crate) proxies: Proxies,
    /// What holds for all channels.
    pub(crate) channels: Channels,
    /// Where notifications may go.
    pub(crate) notifications: Notifications,
    /// Who sends text messages.
    pub(crate) messages: Messages,
    /// The sandbox of a demonstration.
    pub(crate) sandbox: Sandbox,
    /// What only a sandbox may have; from the environment.
    pub(crate) laboratory: Laboratory,
    /// A loss of acknowledged payments that the operator accepts, by its code; from the command
    /// line.
    pub(crate) accepted_loss: Option<String>,
}

impl Config {
    /// All sections, in the order of the reference.
    fn sections(&mut self) -> [Section<'_>; 10] {
        let Self {
            listeners,
            books,
            keys,
            limits,
            proxies,
            channels,
            notifications,
            messages,
            sandbox,
            laboratory,
            accepted_loss: _,
        } = self;
        [
            listeners.section(),
            books.section(),
            keys.section(),
            limits.section(),
            proxies.section(),
            channels.section(),
            notifications.section(),
            messages.section(),
            sandbox.section(),
            laboratory.section(),
        ]
    }

    /// All options.
    fn slots(&mut self) -> Vec<Slot<'_>> {
        let sections = self.sections().into_iter();
        sections.flat_map(|section| section.slots).collect()
    }

    /// What is wrong although each option has its form. Takes the database's address from its file
    /// on the way.
    fn contradictions(&mut self) -> Vec<String> {
        let public_url = self.listeners.check_public_url(false);
        let code_prefixes = self.channels.code_prefixes();
        let checks = [
            self.books.check_node(),
            self.books.read_database_url(),
            self.messages.check(),
            public_url.map_err(|faults| faults.to_string()),
            code_prefixes.map(drop),
            self.proxies.check(),
        ];
        checks.into_iter().filter_map(Result::err).collect()
    }
}

#[cfg(test)]
mod tests;
