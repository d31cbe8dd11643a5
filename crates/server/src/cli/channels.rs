//! `heliu channels`

use clap::Subcommand;

use super::arguments::{pairs, secrets};
use crate::admin::{NewChannelAccount, Request, ask};
use crate::config::Config;
use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write an account with a channel: its settings and keys; what an account that stands has, and is not named, stays
    Put {
        /// The account's id here
        channel_account_id: String,
        /// The channel's id; `heliu channels kinds` lists them. An account that stands keeps its own
        #[arg(long)]
        channel: Option<String>,
        /// A setting as NAME=TEXT; NAME= takes it away
        #[arg(long = "setting", value_name = "NAME=TEXT")]
        settings: Vec<String>,
        /// A key as ROLE=@FILE, or ROLE=- for standard input; it replaces one of the same role
        #[arg(long = "key", value_name = "ROLE=@FILE")]
        keys: Vec<String>,
    },
    /// The channels of this build, with the settings and keys that each needs
    Kinds,
}

pub(super) async fn run(config: &Config, command: Command) -> Result<String, Failure> {
    match command {
        Command::Kinds => Ok(kinds()),
        Command::Put {
            channel_account_id,
            channel,
            settings,
            keys,
        } => {
            let account = NewChannelAccount {
                channel_account_id,
                channel,
                settings: pairs(&settings)?,
                keys: secrets("key", &keys)?,
            };
            ask(config, Request::PutChannelAccount(account)).await
        }
    }
}

fn kinds() -> String {
    let mut lines = Vec::new();
    for channel in heliu_channels::all() {
        let descriptor = channel.descriptor();
        lines.push(format!("{}  {}", descriptor.id, descriptor.name));
        lines.extend(descriptor.settings.iter().map(|setting| {
            let what = if setting.is_required {
                "setting"
            } else {
                "optional setting"
            };
            format!(
                "  {what} {}  {}: {}",
                setting.name, setting.form, setting.about
            )
        }));
        let all = [
            ("key", descriptor.keys),
            ("optional key", descriptor.optional_keys),
            ("key, one a serial,", descriptor.named_keys),
            ("token of each contract,", descriptor.contract_keys),
        ];
        for (what, entries) in all {
            lines.extend(
                entries
                    .iter()
                    .map(|(name, text)| format!("  {what} {name}  {text}")),
            );
        }
    }
    lines.join("\n")
}
