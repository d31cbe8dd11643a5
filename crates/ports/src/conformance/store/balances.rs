//! Steps that weigh what stands on an owner's accounts, and approvals, which let money move.

use std::sync::Arc;

use futures::future::join_all;
use heliu_trade::adjustment::ProposedAdjustment;
use heliu_trade::approval::{Approval, ApprovalAction, Content, NewApproval, canonical};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::subject::Owner;
use heliu_trade::four_eyes;
use heliu_trade::hold::{self, Hold, HoldAmount, HoldState};
use heliu_trade::id::{MerchantId, PlatformNo};
use heliu_trade::ledger::Account;
use heliu_trade::record::Want;
use heliu_trade::records::{RecordAction, RecordStep};

use super::steps::START;
use crate::journal::JournalFilter;
use crate::store::{AuditFilter, CommitError, RecordCommit, RecordsCommitted, Store};

fn owner() -> Owner {
    Owner::Merchant(MerchantId::from("M1"))
}

/// Takes a step that somebody of the office takes.
pub(super) async fn commit(
    store: &Arc<dyn Store>,
    wants: Vec<Want>,
    action: RecordAction,
    audit_id: &str,
) -> Result<RecordsCommitted, CommitError> {
    let step = RecordStep {
        wants,
        now: START,
        action,
    };
    let audit = NewAudit {
        audit_id: audit_id.to_owned(),
        at: START,
        actor: "somebody".to_owned(),
        system_user: "root".to_owned(),
        action: "a.step".to_owned(),
        subject: "something".to_owned(),
        before: None,
        after: None,
    };
    store
        .commit_records(RecordCommit {
            step,
            directory: Vec::new(),
            audit: Some(Box::new(audit)),
        })
        .await
}

/// li proposes to give the owner so much; the approval.
async fn propose(store: &Arc<dyn Store>, amount_fen: i64) -> Approval {
    let adjustment = ProposedAdjustment {
        owner: owner(),
        amount_fen,
        evidence: "letter 12".to_owned(),
    };
    let new = NewApproval {
        approval_no: PlatformNo::from_u64(1),
        action: ApprovalAction::Adjustment,
        subject: adjustment.subject(),
        content: Content::new(canonical(&adjustment).expect("text")),
        maker: "li".to_owned(),
    };
    let action = RecordAction::Approval(four_eyes::Action::Propose(Box::new(new)));
    let proposed = commit(store, Vec::new(), action, "proposed").await;
    let made = proposed.expect("proposed").after.pop().flatten();
    made.expect("an approval").read().expect("an approval")
}

async fn approve(
    store: &Arc<dyn Store>,
    approval: &Approval,
    checker: &str,
    new_no: u64,
) -> Result<RecordsCommitted, CommitError> {
    let wants = four_eyes::wants(approval).expect("sound");
    let action = four_eyes::Action::Approve {
        checker: checker.to_owned(),
        new_no: PlatformNo::from_u64(new_no),
    };
    let audit_id = format!("approved under {new_no}");
    commit(store, wants, RecordAction::Approval(action), &audit_id).await
}

async fn place(store: &Arc<dyn Store>, no: u64, fen: i64) -> i64 {
    let hold = Hold {
        hold_no: PlatformNo::from_u64(no),
        owner: owner(),
        amount: HoldAmount::Fen(fen),
        filled_fen: 0,
        reason: "a complaint".to_owned(),
        placed_by: "li".to_owned(),
        state: HoldState::Active,
    };
    let action = RecordAction::Hold(hold::Action::Place(Box::new(hold)));
    let placed = commit(store, Vec::new(), action, &format!("hold {no}")).await;
    let made = placed.expect("placed").after.pop().flatten();
    let hold: Hold = made.expect("a hold").read().expect("a hold");
    hold.filled_fen
}

async fn balance(store: &Arc<dyn Store>, account: Account) -> i64 {
    let filter = JournalFilter {
        account: Some(account),
        ..JournalFilter::whole(owner())
    };
    let found = store.balances(filter).await.expect("read");
    found.first().map_or(0, |balance| balance.balance_fen)
}

pub(super) async fn a_hold_takes_nothing_when_it_is_placed(store: &Arc<dyn Store>) {
    let approval = propose(store, 1_000).await;
    approve(store, &approval, "wang", 2).await.expect("given");
    let holds = (10..30).map(|no| place(store, no, 300));
    let taken = join_all(holds).await;
    assert_eq!(taken.iter().sum::<i64>(), 0, "a bill fills them: {taken:?}");
    assert_eq!(balance(store, Account::Frozen).await, 0);
    assert_eq!(balance(store, Account::MerchantBalance).await, -1_000);
}

pub(super) async fn an_approval_is_used_in_the_commit_of_what_it_allows(store: &Arc<dyn Store>) {
    let approval = propose(store, 500).await;
    let own = approve(store, &approval, "li", 2).await;
    assert!(matches!(own, Err(CommitError::Rejected(_))), "{own:?}");
    assert_eq!(balance(store, Account::Loss).await, 0);
    let both = [3, 4].map(|no| approve(store, &approval, "wang", no));
    let approved = join_all(both).await.into_iter();
    assert_eq!(approved.filter(Result::is_ok).count(), 1, "of two one");
    assert_eq!(balance(store, Account::Loss).await, 500);
    let filter = AuditFilter {
        limit: 10,
        ..AuditFilter::default()
    };
    let written = store.list_audit(filter).await.expect("read");
    assert_eq!(written.len(), 2, "a row for the proposal, one for its use");
}
