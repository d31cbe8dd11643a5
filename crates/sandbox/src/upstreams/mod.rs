//! The upstreams that the sandbox plays. To add one: write its folder, with an `UPSTREAM` in it,
//! and add its line to `all`.

pub mod alipay;
pub mod payout_bank;
pub mod unionpay;
pub mod wechat;

use crate::state::Served;

/// Every upstream.
pub(crate) fn all() -> &'static [&'static Served] {
    &[
        &wechat::UPSTREAM, // the first is meant where a call of /control names none
        &alipay::UPSTREAM,
        &unionpay::UPSTREAM,
        &payout_bank::UPSTREAM,
    ]
}
