//! There is no call that reverses, paid or not: the plan says so, and an order in doubt is closed,
//! or refunded if it turns out paid. Source: ruling 47.

use heliu_ports::channel::{ChannelOrder, Upstream};
use heliu_trade::verdict::{CloseResult, ReversalResult};

use super::close::close;
use crate::answer::{Stop, unknown};

/// As far as one call goes: an order that can be closed is as if not paid.
pub(super) async fn reverse(
    upstream: &dyn Upstream,
    order: &ChannelOrder<'_>,
) -> Result<ReversalResult, Stop> {
    Ok(match close(upstream, order).await? {
        CloseResult::Closed => ReversalResult::Reversed,
        CloseResult::Paid => ReversalResult::TooLate,
        CloseResult::Unknown(why) => ReversalResult::Unknown(unknown(why.why)),
    })
}
