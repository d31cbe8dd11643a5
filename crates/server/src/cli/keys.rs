//! `heliu keys`

use clap::Subcommand;
use heliu_office::keys::{KeyRow, MadeKey, Rotated};
use heliu_vault::RootKey;
use secrecy::ExposeSecret;

use super::arguments::Next;
use super::desk::Desk;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a fresh root key; keep it in a file that only the service can read
    Root,
    /// Fingerprints of an owner's keys
    List {
        /// As app:DIALECT:APP, agent:DIALECT:AGENT or channel_account:ID
        owner: String,
    },
    /// Make the next version of an app's or agent's key; both hold until --retire
    Rotate {
        /// As app:DIALECT:APP or agent:DIALECT:AGENT
        owner: String,
        #[command(flatten)]
        next: Next,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Root => Ok(RootKey::generate()
            .to_hex()
            .expose_secret()
            .to_owned()
            .into()),
        Command::List { owner } => desk.list::<KeyRow>(Request::ListKeys { owner }).await,
        Command::Rotate { owner, next } => {
            let rotation = next.rotation()?;
            let request = Request::RotateKey { owner, rotation };
            desk.tell::<Rotated>(request, rotated).await
        }
    }
}

/// What is said of a key that has taken its turn.
pub(super) fn rotated(done: &Rotated) -> String {
    match done {
        Rotated::Next {
            role,
            version,
            made,
        } => {
            let line = format!(
                "{role} key, version {version}, and the ones before hold; notifications are signed with the new one \
                 once a request was. End the overlap with --retire"
            );
            let lines = std::iter::once(line).chain(made.iter().map(made_line));
            lines.collect::<Vec<_>>().join("\n")
        }
        Rotated::Retired { role, version } => {
            format!("only version {version} of the {role} key holds")
        }
    }
}

/// A key that was made, for the one time that it is shown.
pub(super) fn made_line(made: &MadeKey) -> String {
    format!("{} key, shown only now: {}", made.role, made.key)
}

/// What is known of a key.
pub(super) fn key_line(key: &KeyRow) -> String {
    let proof = if key.is_proved { ", in use" } else { "" };
    format!(
        "  {} key, version {}, fingerprint {}{proof}",
        key.role, key.version, key.fingerprint
    )
}
