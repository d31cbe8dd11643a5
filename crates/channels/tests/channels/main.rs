//! Each channel against answers of its own protocol, one file a matter.

#![expect(clippy::panic, reason = "a test fails loudly, and so do its helpers")]

#[path = "../support/mod.rs"]
mod support;

mod alipay_callback;
mod alipay_order;
mod alipay_refund;
mod alipay_transfer;
mod bank_file;
mod goldens;
mod logins;
mod notes;
mod payers;
mod sandbox_bank;
mod terms;
mod unionpay_callback;
mod unionpay_order;
mod unionpay_refund;
mod wechat_callback;
mod wechat_code;
mod wechat_face;
mod wechat_keys;
mod wechat_page;
mod wechat_refund;

use heliu_trade::verdict::{Decline, DeclineKind, Verdict};

/// A refusal in short.
fn declined(reason: &str, kind: DeclineKind) -> Verdict {
    Verdict::Declined(Decline {
        reason: reason.to_owned(),
        kind,
    })
}

fn is_unknown(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Unknown(_))
}
