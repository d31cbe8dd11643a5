//! An order's story: one timeline of events, journal entries, deliveries and exchanges.

use heliu_ports::keys::Vault;
use heliu_ports::store::OrderStory;
use heliu_trade::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Office;
use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::{Fact, Facts};
use crate::sheet::Cell;
use crate::timeline::{Moment, Timeline, shorten};

/// An order with all that belongs to it. Numbers are texts, amounts fen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// Our number.
    pub order_no: String,
    /// Where it stands.
    pub state: String,
    /// Whose.
    pub merchant_id: String,
    /// Under which app.
    pub app_id: String,
    /// The merchant's number.
    pub merchant_order_no: String,
    /// What the merchant asked, in minor units of its currency.
    pub amount_minor: i64,
    /// The merchant's currency.
    pub currency: String,
    /// What is charged, in fen.
    pub charge_fen: i64,
    /// What is sold.
    pub subject: String,
    /// The payment, once there is one.
    pub payment: Option<PaymentView>,
    /// Why it was refused, if it was.
    pub decline: Option<String>,
    /// Its attempts, oldest first.
    pub attempts: Vec<AttemptView>,
    /// Its refunds, oldest first.
    pub refunds: Vec<RefundView>,
    /// Its jobs.
    pub jobs: Vec<JobView>,
    /// What happened.
    pub timeline: Vec<Moment>,
}

/// What arrived, in fen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentView {
    /// The payer's money.
    pub cash_fen: i64,
    /// Coupons.
    pub coupon_fen: i64,
    /// What the merchant receives.
    pub receivable_fen: i64,
    /// The fee.
    pub fee_fen: i64,
    /// The channel's number.
    pub channel_order_no: String,
}

/// An attempt of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptView {
    /// Our number, which is sent upstream.
    pub attempt_no: String,
    /// Where it stands.
    pub state: String,
    /// By which wallet.
    pub wallet: String,
    /// Through which account.
    pub channel_account_id: String,
}

/// A refund of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundView {
    /// Our number.
    pub refund_no: String,
    /// The merchant's number.
    pub merchant_refund_no: String,
    /// Where it stands.
    pub state: String,
    /// What it gives back, in fen.
    pub payable_fen: i64,
}

/// A job of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// What it does.
    pub kind: String,
    /// When it is due (UTC).
    #[serde(rename = "due_at_ms")]
    pub due_at: Timestamp,
}

/// The orders that carry a number: ours, the merchant's, the channel's or a refund's.
///
/// # Errors
/// None does, or the books are away.
pub async fn show(
    office: &Office,
    actor: &Actor,
    number: &str,
) -> Result<Vec<OrderView>, OfficeError> {
    actor.check(Permission::See)?;
    let found = office.store().search_orders(number.to_owned()).await?;
    if found.is_empty() {
        return Err(OfficeError::with_cure(
            format!("no order carries the number {number}"),
            "give our number, the merchant's, the channel's, or a refund's",
        ));
    }
    let mut views = Vec::new();
    for (merchant_id, order_no) in found {
        if let Some(story) = office.store().order_story(&merchant_id, order_no).await? {
            views.push(view(&story, &**office.engine().vault()));
        }
    }
    Ok(views)
}

fn view(story: &OrderStory, vault: &dyn Vault) -> OrderView {
    let order = &story.book.order;
    let payment = order.payment.as_ref().map(|payment| PaymentView {
        cash_fen: payment.evidence.cash_fen,
        coupon_fen: payment.evidence.coupon_fen(),
        receivable_fen: payment.evidence.receivable_fen(),
        fee_fen: payment.fee_fen,
        channel_order_no: payment.evidence.channel_order_no.clone(),
    });
    let attempts = story.book.attempts.iter().map(|attempt| AttemptView {
        attempt_no: attempt.attempt_no.to_string(),
        state: attempt.state.as_str().to_owned(),
        wallet: attempt.route.wallet.as_str().to_owned(),
        channel_account_id: attempt.route.channel_account_id.to_string(),
    });
    let refunds = story.book.refunds.iter().map(|refund| RefundView {
        refund_no: refund.refund_no.to_string(),
        merchant_refund_no: refund.merchant_refund_no.clone(),
        state: refund.state.as_str().to_owned(),
        payable_fen: refund.amounts.payable_fen,
    });
    let jobs = story.book.trail.jobs.iter().map(|job| JobView {
        kind: job.key.kind.as_str().to_owned(),
        due_at: job.due_at,
    });
    OrderView {
        order_no: order.order_no.to_string(),
        state: order.state.as_str().to_owned(),
        merchant_id: order.merchant_id.to_string(),
        app_id: order.app_id.to_string(),
        merchant_order_no: order.merchant_order_no.clone(),
        amount_minor: order.amount_minor,
        currency: order.currency.to_string(),
        charge_fen: order.charge_fen,
        subject: order.details.subject.clone(),
        payment,
        decline: order.decline.as_ref().map(|decline| decline.reason.clone()),
        attempts: attempts.collect(),
        refunds: refunds.collect(),
        jobs: jobs.collect(),
        timeline: timeline(story, vault),
    }
}

impl Facts for OrderView {
    fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![
            Fact::new("order_no", Cell::number(&self.order_no)),
            Fact::new("state", Cell::text(self.state.as_str())),
            Fact::new("merchant", Cell::text(self.merchant_id.as_str())),
            Fact::new("app", Cell::number(&self.app_id)),
            Fact::new("merchant_order_no", Cell::number(&self.merchant_order_no)),
            Fact::new("currency", Cell::text(self.currency.as_str())),
            Fact::new("charge_yuan", Cell::Fen(self.charge_fen)),
            Fact::new("subject", Cell::text(self.subject.as_str())),
        ];
        if let Some(payment) = &self.payment {
            let number = Cell::number(&payment.channel_order_no);
            facts.extend([
                Fact::new("cash_yuan", Cell::Fen(payment.cash_fen)),
                Fact::new("coupon_yuan", Cell::Fen(payment.coupon_fen)),
                Fact::new("receivable_yuan", Cell::Fen(payment.receivable_fen)),
                Fact::new("fee_yuan", Cell::Fen(payment.fee_fen)),
                Fact::new("channel_order_no", number),
            ]);
        }
        facts.extend(self.refunds.iter().map(|refund| {
            let name = format!("refund_{}_{}_yuan", refund.refund_no, refund.state);
            Fact::new(name, Cell::Fen(refund.payable_fen))
        }));
        facts.extend(self.timeline.iter().map(Moment::fact));
        facts
    }
}

/// The order's timeline, with what its merchant asked and was answered.
fn timeline(story: &OrderStory, vault: &dyn Vault) -> Vec<Moment> {
    let mut timeline = Timeline::of(&story.book.trail);
    for (request, answer) in &story.exchanges {
        let text = format!(
            "{} {}  (heliu exchanges show {})",
            request.path,
            shorten(&request.body),
            vault.request_id(request.exchange_no)
        );
        timeline.add(request.at, "asked", text);
        if let Some(answer) = answer {
            let at = request.at.plus_ms(answer.duration_ms);
            let reading = answer.reading.unwrap_or("unverified");
            let text = format!(
                "{} in {} ms, signature read as {reading}: {}",
                answer.outcome,
                answer.duration_ms,
                shorten(&answer.body)
            );
            timeline.add(at, "answered", text);
        }
    }
    timeline.moments()
}
