//! `heliu people`

use clap::Subcommand;
use heliu_trade::person::Person;

use super::desk::Desk;
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Put a person on the list; the first one is an admin
    Add {
        /// The name by which they are named with --as
        name: String,
        /// What they may do: viewer (look), operator (merchants, orders, notifications),
        /// finance_maker (propose cards, holds, payouts), finance_checker (let pass what others
        /// propose) or admin (everything)
        #[arg(long)]
        role: String,
    },
    /// Who is on the list
    List,
    /// Give a person another role
    SetRole {
        /// Who
        name: String,
        /// viewer, operator, finance_maker, finance_checker or admin
        role: String,
    },
    /// Let a person act again
    Enable {
        /// Who
        name: String,
    },
    /// Let a person act no more; what they did stays written down
    Disable {
        /// Who
        name: String,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    let request = match command {
        Command::List => return desk.list::<Person>(Request::ListPeople).await,
        Command::Add { name, role } => Request::AddPerson { name, role },
        Command::SetRole { name, role } => Request::SetRole { name, role },
        Command::Enable { name } => Request::SetPersonEnabled {
            name,
            is_enabled: true,
        },
        Command::Disable { name } => Request::SetPersonEnabled {
            name,
            is_enabled: false,
        },
    };
    desk.tell(request, |person: &Person| {
        let state = if person.is_enabled {
            "enabled"
        } else {
            "disabled"
        };
        format!("{} is {}, {state}", person.name, person.role.as_str())
    })
    .await
}
