//! `heliu cards`

use std::path::PathBuf;

use clap::Subcommand;
use heliu_office::cards::{CardProposed, CardRow, CardsAsked, NewCard};

use super::approvals;
use super::desk::{Desk, Pages, table};
use crate::admin::FinanceRequest as Request;
use crate::failure::Failure;
use crate::secret_file::{STANDARD_INPUT, read_private, read_standard_input};
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Propose a card to which an owner is paid
    Add {
        /// Whose: merchant:ID or agent:ID
        owner: String,
        /// A file that holds its number and that nobody else may read; - reads standard input
        #[arg(long, value_name = "FILE")]
        number_file: PathBuf,
        /// The name that the account is in
        #[arg(long)]
        holder: String,
        /// private (a person's account) or company
        #[arg(long, default_value = "private")]
        kind: String,
        /// 联行号 of the branch, 12 digits; a company's card needs it
        #[arg(long, default_value = "")]
        clearing_number: String,
        /// 开户行, the branch's name; a company's card needs it
        #[arg(long, default_value = "")]
        bank_branch: String,
    },
    /// Cards, masked; a page has so many owners
    List {
        /// Of this owner only: merchant:ID or agent:ID
        #[arg(long)]
        owner: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// One card, masked
    Show {
        /// Whose: merchant:ID or agent:ID
        owner: String,
        /// Our number of it
        card_no: String,
    },
    /// Let pass a card that another person proposed; as heliu approvals approve
    Approve {
        /// Our number of the approval
        approval_no: String,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Add {
            owner,
            number_file,
            holder,
            kind,
            clearing_number,
            bank_branch,
        } => {
            let number = if number_file.as_os_str() == STANDARD_INPUT {
                read_standard_input("the card's number")?
            } else {
                read_private(&number_file)?
            };
            let request = Request::AddCard(NewCard {
                owner,
                number,
                holder,
                kind,
                clearing_number,
                bank_branch,
            });
            desk.tell(request, proposed).await
        }
        Command::List { owner, pages } => {
            let asked = CardsAsked { owner };
            let request = |part| Request::ListCards(asked.clone(), part).into();
            desk.pages::<CardRow>(pages, request).await
        }
        Command::Show { owner, card_no } => {
            let request = Request::ShowCard { owner, card_no };
            desk.show(request, |card: &CardRow| table(std::slice::from_ref(card)))
                .await
        }
        Command::Approve { approval_no } => approvals::approve(desk, approval_no).await,
    }
}

fn proposed(done: &CardProposed) -> String {
    let CardProposed {
        card_no,
        number_masked,
        approval_no,
    } = done;
    format!(
        "card {card_no}, {number_masked}, is proposed; another person lets it pass: \
         heliu approvals approve {approval_no}"
    )
}
