//! 打款: bills on their way to the bank.
//!
//! | file | what it does |
//! | --- | --- |
//! | `bank` | calls the channel of the account that pays, and writes down what it says |
//! | `send` | batches: let pass, begun, sent bill by bill, done |
//! | `step` | a step of a batch, and its end |
//! | `desk` | what the office sees of bills and does with them |
//! | `batches` | the same of batches, and of settlements |
//! | `files` | batches as files of a bank |
//! | `results` | what a bank says of them in files of its own |
//! | `jobs` | bills that nobody must forget |
//! | `notice` | agents are told how a bill ended |

mod bank;
mod batches;
mod desk;
mod files;
pub(crate) mod jobs;
pub(crate) mod notice;
mod results;
mod send;
mod step;

use heliu_ports::channel::{Channel, UpstreamScene};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::subject::Subject;
use heliu_trade::id::ChannelAccountId;
use heliu_trade::payout::{Action, Payout};
use heliu_trade::record::Want;
use heliu_trade::records::{RecordAction, RecordStep};
use heliu_trade::settlement_card::OwnerCards;
use heliu_trade::wallet::WalletKind;

use super::cards::cards_of;
use super::found;
use crate::Inner;
use crate::common::directory::books_unavailable;

pub use send::SendRun;
pub(crate) use send::{leave_alone, send_all, send_one};

/// The account from which bills are paid: of those whose channel pays out the first by its id, one
/// by which nobody pays before all others.
pub(crate) async fn paying_account(inner: &Inner) -> Result<ChannelAccountId, TradeError> {
    let accounts = inner.store.list_channel_accounts().await;
    let accounts = accounts.map_err(books_unavailable)?;
    let paying = accounts.into_iter().filter_map(|account| {
        let id = account.channel_id.as_str();
        let mut channels = inner.channels.iter();
        let channel = channels.find(|it| it.descriptor().id == id)?;
        let pays_out = channel.payouts().is_some() || channel.payout_files().is_some();
        let rank = takes_payments(channel.as_ref(), &account);
        pays_out.then_some((rank, account.channel_account_id))
    });
    let first = paying.min();
    first.map(|(_, id)| id).ok_or_else(|| {
        let message = "no channel account pays out: heliu channels put";
        TradeError::new(ErrorCode::InvalidParameter, message)
    })
}

fn takes_payments(channel: &dyn Channel, account: &ChannelAccount) -> bool {
    let mut ways = WalletKind::ALL.into_iter().flat_map(|wallet| {
        let scenes = UpstreamScene::ALL.into_iter();
        scenes.map(move |scene| (wallet, scene))
    });
    ways.any(|(wallet, scene)| channel.plan(account, wallet, scene).is_some())
}

/// Whether an owner is paid to another card by now.
pub(crate) async fn card_changed(inner: &Inner, bill: &Payout) -> Result<bool, TradeError> {
    let cards = cards_of(inner, &bill.owner).await?;
    let active = cards.as_ref().and_then(OwnerCards::active);
    Ok(active.is_some_and(|active| active.card_no != bill.card.card_no))
}

/// Draws a bill anew for its owner's card of now; the new bill. `None`: somebody else did so at the
/// same time, and theirs is the new one.
pub(crate) async fn redraw(inner: &Inner, bill: &Payout) -> Result<Option<Payout>, TradeError> {
    let next_no = inner.mint_record_no();
    take(inner, bill, Vec::new(), Action::Redraw { next_no }).await?;
    let new = Subject {
        owner: bill.owner.clone(),
        no: next_no,
    };
    found::find(inner, Payout::want(new)).await
}

/// Takes a step of a bill, which wants the bill, then its owner's cards or what is given; the bill
/// afterwards.
async fn take(
    inner: &Inner,
    bill: &Payout,
    behind: Vec<Want>,
    action: Action,
) -> Result<Payout, TradeError> {
    commit(inner, bill, behind, RecordAction::Payout(action)).await
}

/// The same of any step that wants a bill first.
async fn commit(
    inner: &Inner,
    bill: &Payout,
    behind: Vec<Want>,
    action: RecordAction,
) -> Result<Payout, TradeError> {
    let mut wants = vec![Payout::want(bill.subject())];
    if behind.is_empty() {
        wants.push(OwnerCards::want(&bill.owner));
    }
    wants.extend(behind);
    let step = RecordStep {
        wants,
        now: inner.now(),
        action,
    };
    let committed = inner.commit_records(step, Vec::new(), None).await?;
    let after = committed.after.into_iter().next().flatten();
    let after = after.ok_or_else(|| TradeError::advised(ErrorCode::Internal, "a bill is gone"))?;
    found::read(&after)
}
