//! What every channel takes from an order alike.

use std::net::IpAddr;

use heliu_ports::channel::ChannelOrder;

/// The number that we sent upstream.
pub(crate) fn order_no(order: &ChannelOrder<'_>) -> String {
    order.attempt.attempt_no.to_string()
}

/// The till's own address where the merchant states one that is an address.
pub(crate) fn terminal_ip<'a>(order: &ChannelOrder<'a>) -> &'a str {
    let stated = order.terms.terminal_ip.as_deref().map(str::trim);
    stated
        .filter(|address| address.parse::<IpAddr>().is_ok())
        .unwrap_or(order.terminal_ip)
}
