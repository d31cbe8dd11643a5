//! `heliu approvals`

use clap::Subcommand;
use heliu_office::approvals::{
    ApprovalRow, ApprovalView, ApprovalsAsked, Decided, NewStanding, StandingRow,
};
use heliu_office::proposed::Proposed;
use heliu_trade::approval::ApprovalState;

use super::arguments::fen;
use super::desk::{Desk, Pages, table};
use crate::admin::FinanceRequest as Request;
use crate::failure::Failure;
use crate::terminal::{Output, escaped_line};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What people of finance proposed, newest first
    List {
        /// Standing so now: proposed, approved, used, rejected, expired or void
        #[arg(long)]
        state: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// What would change, and what happened
    Show {
        /// Our number of it
        approval_no: String,
    },
    /// Let pass what another person proposed
    Approve {
        /// Our number of it
        approval_no: String,
    },
    /// Say no to a proposal; its maker takes it back so
    Reject {
        /// Our number of it
        approval_no: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Payouts that are let pass up to a limit: what holds
    Standing,
    /// Propose up to which limit payouts are let pass without a further look, until a day
    ProposeStanding {
        /// A payout at most, in yuan
        #[arg(long)]
        per_payout: String,
        /// All of a day at most, in yuan
        #[arg(long)]
        per_day: String,
        /// The last day, such as 2026-11-29
        #[arg(long)]
        until: String,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List { state, pages } => {
            let asked = ApprovalsAsked { state };
            let request = |part| Request::ListApprovals(asked.clone(), part).into();
            desk.pages::<ApprovalRow>(pages, request).await
        }
        Command::Show { approval_no } => {
            let request = Request::ShowApproval { approval_no };
            desk.show(request, text).await
        }
        Command::Approve { approval_no } => approve(desk, approval_no).await,
        Command::Reject {
            approval_no,
            reason,
        } => {
            let request = Request::RejectApproval {
                approval_no,
                reason,
            };
            desk.tell(request, decided).await
        }
        Command::Standing => desk.list::<StandingRow>(Request::ShowStanding).await,
        Command::ProposeStanding {
            per_payout,
            per_day,
            until,
        } => {
            let limit = |yuan: &str| fen(Some(yuan)).map(Option::unwrap_or_default);
            let request = Request::ProposeStanding(NewStanding {
                per_payout_fen: limit(&per_payout)?,
                per_day_fen: limit(&per_day)?,
                until,
            });
            desk.tell(request, proposed).await
        }
    }
}

/// Lets a proposal pass. One that is void by then was written so, and is a failure for who asked.
pub(super) async fn approve(desk: &Desk, approval_no: String) -> Result<Output, Failure> {
    let done: Decided = desk.ask(Request::ApproveApproval { approval_no }).await?;
    if done.state == ApprovalState::Void {
        return Err(Failure::with_cure(decided(&done), "propose it anew"));
    }
    Ok(decided(&done).into())
}

fn decided(done: &Decided) -> String {
    let Decided {
        approval_no,
        action,
        subject,
        state,
        reason,
    } = done;
    let subject = escaped_line(subject);
    let about = format!(
        "approval {approval_no} ({action}, {subject}) is {}",
        state.as_str()
    );
    match (state, reason) {
        (ApprovalState::Used, _) => format!("{about}: it took effect"),
        (_, Some(reason)) => format!("{about}: {}", escaped_line(reason)),
        (_, None) => about,
    }
}

/// What somebody hears who proposed something.
pub(super) fn proposed(done: &Proposed) -> String {
    let Proposed {
        approval_no,
        subject,
        expires_at,
    } = done;
    format!(
        "approval {approval_no} is proposed ({}); another person lets it pass until {}: \
         heliu approvals approve {approval_no}",
        escaped_line(subject),
        expires_at.beijing_spaced(),
    )
}

fn text(view: &ApprovalView) -> String {
    let ApprovalView {
        approval,
        content,
        timeline,
    } = view;
    [
        table(std::slice::from_ref(approval)),
        table(content),
        table(timeline),
        format!("sha-256 {}", approval.hash),
    ]
    .join("\n")
}
