//! The names of what `/control/faults` can set (README, "faults").

/// The verbs a fault can be limited to.
pub(crate) const VERBS: [&str; 7] = [
    "pay", "query", "reverse", "refund", "prepay", "close", "any",
];

/// Every fault there is.
pub(crate) const FAULTS: [&str; 16] = [
    "slow",
    "silent_before",
    "silent_after",
    "http_500",
    "cut_answer",
    "wrong_signature",
    "stale_timestamp",
    "late_success",
    "keeps_money",
    "duplicate_notifications",
    "early_notifications",
    "no_notifications",
    "refund_pending_then_fails",
    "refund_pending",
    "recall",
    "early_close_refused",
];
