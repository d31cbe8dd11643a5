//! `heliu applications`

use clap::Subcommand;
use heliu_office::applications::{
    ApplicationRow, ApplicationView, ApplicationsAsked, Decided, Passing,
};
use heliu_trade::application::ApplicationState;
use heliu_trade::directory::MerchantState;

use super::contracts::Contracts;
use super::desk::{Desk, Pages, table};
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::{Output, escaped_line};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Applications of merchants whom agents bring, newest first
    List {
        /// In this state: auditing, passed or rejected
        #[arg(long)]
        state: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// What a merchant applied with, and what happened
    Show {
        /// Our number of it
        application_no: String,
    },
    /// Let the merchant trade, and write its contracts
    Pass {
        /// Our number of it
        application_no: String,
        #[command(flatten)]
        contracts: Contracts,
    },
    /// Refuse the merchant; sent again, its application is looked at again
    Reject {
        /// Our number of it
        application_no: String,
        /// Why, for its agent
        #[arg(long)]
        reason: String,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List { state, pages } => {
            let asked = ApplicationsAsked { state };
            let request = |part| Request::ListApplications(asked.clone(), part);
            desk.pages::<ApplicationRow>(pages, request).await
        }
        Command::Show { application_no } => {
            let request = Request::ShowApplication { application_no };
            desk.show(request, text).await
        }
        Command::Pass {
            application_no,
            contracts,
        } => {
            let given = contracts.read()?;
            let request = Request::PassApplication(Passing {
                application_no,
                contracts: given.contracts,
                tokens: given.tokens,
                priorities: given.priorities,
            });
            desk.tell(request, decided).await
        }
        Command::Reject {
            application_no,
            reason,
        } => {
            let request = Request::RejectApplication {
                application_no,
                reason,
            };
            desk.tell(request, decided).await
        }
    }
}

fn text(view: &ApplicationView) -> String {
    let ApplicationView {
        application,
        members,
        timeline,
    } = view;
    let mut lines = vec![table(std::slice::from_ref(application))];
    lines.extend(members.iter().map(|(name, text)| {
        let (name, text) = (escaped_line(name), escaped_line(text));
        format!("  {name} = {text}")
    }));
    lines.push(table(timeline));
    lines.join("\n")
}

fn decided(done: &Decided) -> String {
    let Decided {
        application_no,
        state,
        merchant_id,
        merchant_state,
        has_contracts,
    } = done;
    let stands = format!("application {application_no} is {}", state.as_str());
    match (state, merchant_state) {
        (ApplicationState::Passed, MerchantState::Disabled) => format!(
            "{stands}; merchant {merchant_id} is disabled: heliu merchants enable {merchant_id}"
        ),
        (ApplicationState::Passed, _) if *has_contracts => {
            format!("{stands}; merchant {merchant_id} may trade")
        }
        (ApplicationState::Passed, _) => format!(
            "{stands}; merchant {merchant_id} is enabled but has no contracts: \
             heliu merchants edit {merchant_id} --contract ..."
        ),
        _ => format!("{stands}; merchant {merchant_id} may not trade"),
    }
}
