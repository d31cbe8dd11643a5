//! The bank: what it is asked, and what becomes of what it says.

use std::sync::Arc;

use heliu_ports::channel::{Channel, Payee, PayoutOrder, Payouts, SentPayout};
use heliu_trade::error::TradeError;
use heliu_trade::payout::{Action, Payout, PayoutRequest};
use heliu_trade::settlement_card::CardKind;
use heliu_trade::verdict::{PayoutResult, Unknown};

use super::take;
use crate::Inner;
use crate::clearing::cards::{cards_of, open};
use crate::common::directory::{AccountProfile, books_unavailable};

/// Sends a bill's request, which stands in the books; what the bank says. Whatever keeps it from
/// being sent leaves it unknown: the same number is asked about, and sent again.
pub(super) async fn send(
    inner: &Inner,
    bill: &Payout,
    request: &PayoutRequest,
) -> Result<PayoutResult, TradeError> {
    let profile = profile_of(inner, bill).await?;
    let payouts = match by_calls(profile.channel.as_ref()) {
        Ok(payouts) => payouts,
        Err(said) => return Ok(said),
    };
    let cards = cards_of(inner, &bill.owner).await?;
    let Some(card) = cards.as_ref().and_then(|it| it.find(bill.card.card_no)) else {
        return Ok(unknown("its card is missing"));
    };
    let opened = open(inner, &bill.owner, card)?;
    let remark = bill.bill_id().to_string();
    let order = PayoutOrder {
        account: &profile.account,
        request_no: &request.request_no,
        amount_fen: bill.amounts.real_fen,
        payee: Payee {
            account_no: &opened.number,
            holder: &opened.holder,
            is_company: card.kind == CardKind::Company,
            clearing_no: &card.clearing_number,
            bank_name: &card.bank_branch,
        },
        remark: &remark,
    };
    Ok(payouts.send(&inner.line(&profile), &order).await)
}

/// Asks the bank about a bill's request.
pub(super) async fn query(
    inner: &Inner,
    bill: &Payout,
    request: &PayoutRequest,
) -> Result<PayoutResult, TradeError> {
    let profile = profile_of(inner, bill).await?;
    let payouts = match by_calls(profile.channel.as_ref()) {
        Ok(payouts) => payouts,
        Err(said) => return Ok(said),
    };
    let sent = SentPayout {
        account: &profile.account,
        request_no: &request.request_no,
        amount_fen: bill.amounts.real_fen,
        sent_at: request.sent_at,
    };
    Ok(payouts.query(&inner.line(&profile), &sent).await)
}

/// Writes down what the bank says; the bill afterwards.
pub(super) async fn record(
    inner: &Inner,
    bill: &Payout,
    result: PayoutResult,
) -> Result<Payout, TradeError> {
    let next_no = inner.mint_record_no();
    take(inner, bill, Vec::new(), Action::Record { result, next_no }).await
}

/// The account that pays a bill.
async fn profile_of(inner: &Inner, bill: &Payout) -> Result<Arc<AccountProfile>, TradeError> {
    let profile = inner.account(&bill.channel_account_id).await;
    profile.map_err(books_unavailable)
}

/// How a channel pays out by calls; what is not sent by calls is handed over by people, or by
/// nobody.
fn by_calls(channel: &dyn Channel) -> Result<&dyn Payouts, PayoutResult> {
    channel.payouts().ok_or_else(|| {
        if channel.payout_files().is_some() {
            return PayoutResult::Unknown(Unknown::because("it is handed to the bank as a file"));
        }
        unknown("the channel of its account pays nothing out")
    })
}

fn unknown(why: &str) -> PayoutResult {
    tracing::error!(why, "a bill cannot be sent");
    PayoutResult::Unknown(Unknown::because(why))
}
