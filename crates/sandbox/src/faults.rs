//! The names of what `/control/faults` can set (README, "faults").

/// The verbs a fault can be limited to.
pub(crate) const VERBS: [&str; 8] = [
    "pay",
    "query",
    "reverse",
    "refund",
    "prepay",
    "close",
    CERTIFICATES,
    "any",
];

/// Asking for certificates is nobody's payment: a fault meets it only if it is meant by name.
pub(crate) const CERTIFICATES: &str = "certificates";

/// Every fault there is.
pub(crate) const FAULTS: [&str; 20] = [
    "slow",
    "silent_before",
    "silent_after",
    "http_500",
    "http_429",
    "cut_answer",
    "wrong_signature",
    "stale_timestamp",
    "unknown_serial",
    "sign_test",
    "late_success",
    "keeps_money",
    "duplicate_notifications",
    "early_notifications",
    "no_notifications",
    "refund_pending_then_fails",
    "refund_pending",
    "recall",
    "user_paying",
    "early_close_refused",
];
