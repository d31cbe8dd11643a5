//! What an operator does with an order in its merchant's place, through the same verbs, under the
//! same rules. A query is no act of anybody: what it brings into the books is the channel's word.

use std::sync::Arc;

use heliu_engine::Caller;
use heliu_ports::store::OrderKey;
use heliu_trade::command::{
    Close, Command, OrderReference, Query, Reference, RefundCommand, Reply,
};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::order::{Attributes, Order};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::actor::Actor;
use crate::error::OfficeError;
use crate::permission::Permission;
use crate::rows::{Fact, Facts};
use crate::sheet::Cell;
use crate::{Act, Office};

/// Length of what tells an operator's refund from a merchant's.
const REFUND_NO_LENGTH: usize = 16;

/// How an order stands afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acted {
    /// Our number.
    pub order_no: String,
    /// Whose.
    pub merchant_id: String,
    /// Where it stands.
    pub state: String,
    /// What was charged, in fen.
    pub charge_fen: i64,
    /// Of the payable, what refunds gave back so far, in fen.
    pub refunded_fen: i64,
    /// The refund, if one was asked for.
    pub refund: Option<RefundOf>,
}

/// A refund that an operator asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundOf {
    /// Our number.
    pub refund_no: String,
    /// The number in the merchant's place.
    pub merchant_refund_no: String,
    /// Where it stands.
    pub state: String,
    /// What it gives back, in fen.
    pub payable_fen: i64,
}

/// An order that was found by a number, with its merchant's app.
struct Found {
    order: Order,
    caller: Caller,
}

impl Found {
    fn reference(&self) -> OrderReference {
        OrderReference {
            candidates: vec![Reference::Platform(Some(self.order.order_no))],
            falls_back: false,
        }
    }

    fn act(&self, action: &'static str, after: Option<serde_json::Value>) -> Act {
        Act {
            action,
            subject: format!(
                "order {} of {}",
                self.order.order_no, self.order.merchant_id
            ),
            before: Some(json!({ "state": self.order.state })),
            after,
        }
    }
}

/// How an order stands, with news from the channel if it is open.
///
/// # Errors
/// The actor may not, or no order, or several, carry this number.
pub async fn query(office: &Office, actor: &Actor, number: &str) -> Result<Acted, OfficeError> {
    actor.check(Permission::Serve)?;
    let found = find(office, number).await?;
    let command = Command::Query(Query {
        order: found.reference(),
        finds_refunds: false,
    });
    execute(office, found, command, None).await
}

/// Closes an order as its merchant could.
///
/// # Errors
/// The actor may not, no order, or several, carry this number, or the rules refuse it.
pub async fn close(office: &Office, actor: &Actor, number: &str) -> Result<Acted, OfficeError> {
    actor.check(Permission::Serve)?;
    let found = find(office, number).await?;
    let audit = office.audit(actor, found.act("orders.close", None));
    let command = Command::Close(Close {
        order: found.reference(),
    });
    execute(office, found, command, Some(audit)).await
}

/// Gives back an amount of an order, in minor units of its currency, or all that is left.
///
/// # Errors
/// The actor may not, no order, or several, carry this number, or the rules refuse it.
pub async fn refund(
    office: &Office,
    actor: &Actor,
    number: &str,
    amount_minor: Option<i64>,
    reason: String,
) -> Result<Acted, OfficeError> {
    actor.check(Permission::Serve)?;
    let found = find(office, number).await?;
    let order = &found.order;
    let left = order.amount_minor - order.refund_claimed().amount_minor;
    let amount_minor = amount_minor.unwrap_or(left);
    let nonce = office.engine().vault().nonce(REFUND_NO_LENGTH);
    let merchant_refund_no = format!("OP{nonce}");
    let after = json!({
        "merchant_refund_no": merchant_refund_no,
        "amount_minor": amount_minor,
        "reason": reason,
    });
    let audit = office.audit(actor, found.act("orders.refund", Some(after)));
    let command = Command::Refund(RefundCommand {
        order: found.reference(),
        merchant_refund_no,
        amount_minor,
        order_amount_minor: None,
        reason,
        notify_url: None,
        attributes: Attributes::new(),
    });
    execute(office, found, command, Some(audit)).await
}

async fn execute(
    office: &Office,
    found: Found,
    command: Command,
    audit: Option<NewAudit>,
) -> Result<Acted, OfficeError> {
    let caller = Caller {
        audit: audit.map(Box::new),
        ..found.caller
    };
    let (result, _) = office.engine().execute(caller, command).await;
    match result? {
        Reply::Order { order, .. } => Ok(acted(&order, None)),
        Reply::Refund { order, refund, .. } => {
            let refund = RefundOf {
                refund_no: refund.refund_no.to_string(),
                merchant_refund_no: refund.merchant_refund_no,
                state: refund.state.as_str().to_owned(),
                payable_fen: refund.amounts.payable_fen,
            };
            Ok(acted(&order, Some(refund)))
        }
        _ => Err(OfficeError::new("the engine answered something else")),
    }
}

fn acted(order: &Order, refund: Option<RefundOf>) -> Acted {
    Acted {
        order_no: order.order_no.to_string(),
        merchant_id: order.merchant_id.to_string(),
        state: order.state.as_str().to_owned(),
        charge_fen: order.charge_fen,
        refunded_fen: order.refunded.payable_fen,
        refund,
    }
}

/// The one order that carries a number.
async fn find(office: &Office, number: &str) -> Result<Found, OfficeError> {
    let found = office.store().search_orders(number.to_owned()).await?;
    let (merchant_id, order_no) = only(number, found)?;
    let missing = || OfficeError::new(format!("order {order_no} of {merchant_id} is missing"));
    let key = OrderKey::Platform(order_no);
    let order = office.store().find_order(&merchant_id, key).await?;
    let (order, _) = order.ok_or_else(missing)?;
    let engine = office.engine();
    let profile = engine.app_of_order(&merchant_id, &order.app_id).await?;
    let profile = profile.ok_or_else(|| {
        OfficeError::new(format!(
            "the app {} of merchant {merchant_id} is not in the directory",
            order.app_id
        ))
    })?;
    let caller = Caller {
        profile: Arc::clone(&profile),
        received_at: engine.clock().now(),
        exchange: None,
        audit: None,
    };
    Ok(Found { order, caller })
}

fn only(
    number: &str,
    mut found: Vec<(MerchantId, OrderNo)>,
) -> Result<(MerchantId, OrderNo), OfficeError> {
    match (found.pop(), found.len()) {
        (None, _) => Err(OfficeError::with_cure(
            format!("no order carries the number {number}"),
            "give our number, the merchant's, the channel's, or a refund's",
        )),
        (Some(one), 0) => Ok(one),
        (Some(_), more) => Err(OfficeError::with_cure(
            format!("{} orders carry the number {number}", more + 1),
            format!("name one by our number: heliu orders show {number} lists them"),
        )),
    }
}

impl Facts for Acted {
    fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![
            Fact::new("order_no", Cell::number(&self.order_no)),
            Fact::new("merchant", Cell::text(self.merchant_id.as_str())),
            Fact::new("state", Cell::text(self.state.as_str())),
            Fact::new("charge_yuan", Cell::Fen(self.charge_fen)),
            Fact::new("refunded_yuan", Cell::Fen(self.refunded_fen)),
        ];
        if let Some(refund) = &self.refund {
            facts.extend([
                Fact::new("refund_no", Cell::number(&refund.refund_no)),
                Fact::new(
                    "merchant_refund_no",
                    Cell::text(refund.merchant_refund_no.as_str()),
                ),
                Fact::new("refund_state", Cell::text(refund.state.as_str())),
                Fact::new("refund_yuan", Cell::Fen(refund.payable_fen)),
            ]);
        }
        facts
    }
}
