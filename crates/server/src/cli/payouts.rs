//! `heliu payouts`

use clap::Subcommand;
use heliu_office::payouts::{EndAsked, PayoutRow, PayoutView, PayoutsAsked};
use heliu_trade::money::yuan_text;

use super::approvals::proposed;
use super::desk::{Desk, Pages, table};
use crate::admin::PayoutRequest as Request;
use crate::failure::Failure;
use crate::terminal::{Output, escaped_line};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Bills, newest first
    List {
        /// In this state: drafted, approved, sending, unknown, paid, failed, returned, frozen or
        /// voided
        #[arg(long)]
        state: Option<String>,
        /// Of this owner, merchant:ID or agent:ID: the newest hundred
        #[arg(long)]
        owner: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// One bill: its requests, what was booked, what happened
    Show {
        /// Its number, 20 digits
        bill: String,
    },
    /// Send a bill again that failed, or came back: it is drafted for the next batch
    Repair {
        /// Its number
        bill: String,
    },
    /// Undo a bill that was not sent; its money comes with the owner's next one
    Void {
        /// Its number
        bill: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Propose how a bill ended about which the bank says nothing
    ProposeEnd {
        /// Its number
        bill: String,
        /// It was paid: the bank's number of the payment
        #[arg(long, value_name = "BANK_NO", required_unless_present = "failed")]
        paid: Option<String>,
        /// It was certainly not paid, and will not be
        #[arg(long, conflicts_with = "paid")]
        failed: bool,
        /// What shows it
        #[arg(long)]
        evidence: String,
    },
    /// End a bill as an approval says that another person has let pass
    End {
        /// Our number of the approval
        approval_no: String,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List {
            state,
            owner,
            pages,
        } => {
            let asked = PayoutsAsked { state, owner };
            let request = |part| Request::ListPayouts(asked.clone(), part).into();
            desk.pages::<PayoutRow>(pages, request).await
        }
        Command::Show { bill } => desk.show(Request::ShowPayout { bill_id: bill }, text).await,
        Command::Repair { bill } => {
            let request = Request::RepairPayout { bill_id: bill };
            desk.tell(request, |row: &PayoutRow| stands(row)).await
        }
        Command::Void { bill, reason } => {
            let request = Request::VoidPayout {
                bill_id: bill,
                reason,
            };
            desk.tell(request, |row: &PayoutRow| stands(row)).await
        }
        Command::ProposeEnd {
            bill,
            paid,
            failed: _,
            evidence,
        } => {
            let request = Request::ProposePayoutEnd(EndAsked {
                bill_id: bill,
                bank_no: paid,
                evidence,
            });
            desk.tell(request, proposed).await
        }
        Command::End { approval_no } => {
            let request = Request::EndPayout { approval_no };
            desk.tell(request, |row: &PayoutRow| stands(row)).await
        }
    }
}

fn stands(row: &PayoutRow) -> String {
    format!(
        "bill {} of {} is {}",
        row.bill_id,
        yuan_text(row.real_fen),
        row.state
    )
}

fn text(view: &PayoutView) -> String {
    let PayoutView {
        payout,
        holder,
        branch,
        settlements,
        requests,
        timeline,
    } = view;
    let mut lines = vec![table(std::slice::from_ref(payout))];
    lines.push(format!(
        "  card {} of {}, {}",
        payout.card,
        escaped_line(holder),
        escaped_line(branch)
    ));
    lines.extend(settlements.iter().map(|no| format!("  settlement {no}")));
    lines.extend(
        requests.iter().map(|(number, end)| {
            format!("  request {}: {}", escaped_line(number), escaped_line(end))
        }),
    );
    lines.push(table(timeline));
    lines.join("\n")
}
