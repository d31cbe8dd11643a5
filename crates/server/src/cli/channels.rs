//! `heliu channels`

use clap::Subcommand;
use heliu_office::channels::{AccountRow, AccountView, AccountsAsked, NewChannelAccount};
use heliu_trade::funds::AccountFunds;
use heliu_trade::id::ChannelAccountId;

use super::arguments::{pairs, secrets};
use super::desk::{Desk, Pages};
use super::keys::key_line;
use super::merchants::setting_line;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write an account with a channel: its settings and keys; what an account that stands has, and
    /// is not named, stays
    Put {
        /// The account's id here
        channel_account_id: String,
        /// The channel's id; `heliu channels kinds` lists them. An account that stands keeps its
        /// own
        #[arg(long)]
        channel: Option<String>,
        /// A setting as NAME=TEXT; NAME= takes it away
        #[arg(long = "setting", value_name = "NAME=TEXT")]
        settings: Vec<String>,
        /// A key as ROLE=@FILE, or ROLE=- for standard input; it replaces one of the same role
        #[arg(long = "key", value_name = "ROLE=@FILE")]
        keys: Vec<String>,
        /// Whom the channel pays: direct (the merchant itself, unless said) or held (the platform,
        /// which pays on); payments that are under way keep theirs
        #[arg(long, value_name = "MODE")]
        funds_mode: Option<String>,
        /// What the channel takes for a wallet's payments as WALLET=RATE, such as wechat=0.2%;
        /// WALLET= takes it away
        #[arg(long = "cost", value_name = "WALLET=RATE")]
        costs: Vec<String>,
    },
    /// Accounts, by id
    List {
        /// With this channel; `heliu channels kinds` lists them
        #[arg(long)]
        channel: Option<String>,
        /// Its id begins so
        #[arg(long)]
        id: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// One account with its settings and its keys' fingerprints
    Show {
        /// The account's id here
        channel_account_id: String,
    },
    /// Remove an account and its keys; refused while a contract goes through it or something sent
    /// through it is open
    Remove {
        /// The account's id here
        channel_account_id: String,
    },
    /// The channels of this build, with the settings and keys that each needs
    Kinds,
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Kinds => Ok(kinds().into()),
        Command::List { channel, id, pages } => {
            let asked = AccountsAsked { channel, id };
            let request = |part| Request::ListChannelAccounts(asked.clone(), part);
            desk.pages::<AccountRow>(pages, request).await
        }
        Command::Show { channel_account_id } => {
            let request = Request::ShowChannelAccount { channel_account_id };
            desk.show(request, text).await
        }
        Command::Remove { channel_account_id } => {
            let text = |id: &ChannelAccountId| format!("there is no channel account {id} any more");
            let request = Request::RemoveChannelAccount { channel_account_id };
            desk.tell(request, text).await
        }
        Command::Put {
            channel_account_id,
            channel,
            settings,
            keys,
            funds_mode,
            costs,
        } => {
            let mut settings = pairs(&settings)?;
            settings.extend(funds_mode.map(|mode| (AccountFunds::MODE.to_owned(), mode)));
            let costs = pairs(&costs)?.into_iter();
            settings.extend(costs.map(|(of, rate)| (AccountFunds::cost_setting(&of), rate)));
            let account = NewChannelAccount {
                channel_account_id,
                channel,
                settings,
                keys: secrets("key", &keys)?,
            };
            desk.tell(Request::PutChannelAccount(account), head).await
        }
    }
}

fn head(view: &AccountView) -> String {
    let id = &view.account.channel_account_id;
    format!("channel account {id} on {}", view.channel_name)
}

fn text(view: &AccountView) -> String {
    let settings = view.account.settings.iter().map(setting_line);
    let lines = std::iter::once(head(view)).chain(settings);
    lines
        .chain(view.keys.iter().map(key_line))
        .collect::<Vec<_>>()
        .join("\n")
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
