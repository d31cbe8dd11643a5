//! The members that calls about an order share, and the words of the interfaces. Source: channel
//! notes 3.8.

use heliu_ports::channel::{ChannelOrder, ProviderNames, UpstreamScene};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::time::Zone;
use serde_json::json;

use crate::account::{optional, required};
use crate::answer::Stop;
use crate::order::{order_no, terminal_ip};
use crate::text::cut;

/// Payments by code.
pub(super) const MICROPAY: &str = "micropay";
/// Orders that wait for their payer.
pub(super) const UNIFIEDORDER: &str = "unifiedorder";

/// What an order is, to everything but unifiedorder.
pub(super) const UNIONPAY: &str = "unionpay";
/// What an order is that waits for its payer, when it is made.
pub(super) const UP_JS: &str = "upJs";

/// Renminbi.
pub(super) const CNY: &str = "156";

/// Longest `orderInfo`, in bytes: a limit of our own, the notes have none.
const ORDER_INFO_BYTES_MAX: usize = 128;
/// Length of a terminal's number.
const TERM_ID_CHARS: usize = 8;
/// The terminal of merchants who state none, unless the account says otherwise.
const TERM_ID: &str = "00000001";
/// The member that carries an order's end, unless the account says otherwise.
const EXPIRY_MEMBER: &str = "payTimeout";

/// Members of a request. Empty texts are never sent, since not everybody signs them alike.
pub(super) type Content<'a> = Vec<(&'a str, String)>;

/// The service provider's number; there are no apps here.
pub(super) fn provider_names(account: &ChannelAccount, _scene: UpstreamScene) -> ProviderNames {
    ProviderNames {
        merchant_no: optional(account, "serProvId").map(str::to_owned),
        app_id: None,
    }
}

/// The merchant of an order.
pub(super) fn mer_id_of<'a>(order: &'a ChannelOrder<'_>) -> Result<&'a str, Stop> {
    mer_id(order.account, &order.attempt.route.sub_merchant_id)
}

/// The merchant: as its contract names it, else as the account does.
pub(super) fn mer_id<'a>(account: &'a ChannelAccount, contract: &'a str) -> Result<&'a str, Stop> {
    match contract.trim() {
        "" => required(account, "merId"),
        mer_id => Ok(mer_id),
    }
}
/// Names the order.
pub(super) fn about(order: &ChannelOrder<'_>) -> Content<'static> {
    vec![
        ("orderNo", order_no(order)),
        ("orderType", UNIONPAY.to_owned()),
    ]
}

/// What every new order has; taken from the order alone, so that a repeat has the same content.
pub(super) fn new_order<'a>(order: &ChannelOrder<'a>, order_type: &str) -> Content<'a> {
    let number = order_no(order);
    let sent_at = order.attempt.sent_at.compact(&Zone::BEIJING);
    vec![
        (
            "orderInfo",
            cut(order.subject, ORDER_INFO_BYTES_MAX, &number),
        ),
        ("orderNo", number),
        ("orderTime", sent_at),
        ("orderType", order_type.to_owned()),
        ("txnAmt", order.charge_fen.to_string()),
        ("currencyCode", CNY.to_owned()),
        ("termId", term_id(order)),
        ("termInfo", json!({"ip": terminal_ip(order)}).to_string()),
    ]
}

/// The merchant's terminal if its number fits, since one that is cut would name another.
fn term_id(order: &ChannelOrder<'_>) -> String {
    let fits = |id: &&str| {
        id.len() == TERM_ID_CHARS && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let stated = order.terms.terminal_id.as_deref().filter(fits);
    let ours = || optional(order.account, "termId").unwrap_or(TERM_ID);
    stated.unwrap_or_else(ours).to_owned()
}
/// The member that carries the order's end, with that end in Beijing time; none if the account
/// wants none.
pub(super) fn expiry<'a>(order: &ChannelOrder<'a>) -> Option<(&'a str, String)> {
    let name = optional(order.account, "expiry_member").unwrap_or(EXPIRY_MEMBER);
    let expires_at = order.expires_at.filter(|_| name != "none")?;
    Some((name, expires_at.compact(&Zone::BEIJING)))
}
