//! The one list of errors that a merchant can be told.

use crate::order::Order;

/// What went wrong, for programs. A dialect words each of these; a new one does not compile until
/// it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A field is missing, malformed or too long. Cure: correct the field that the error names.
    InvalidParameter,
    /// The notification address leads where nothing may be sent, or nowhere. Cure: give one that
    /// can be reached from outside.
    NotifyAddressRefused,
    /// The address to which the payer's browser returns is no page. Cure: give an http or https
    /// address.
    ReturnAddressRefused,
    /// The wallet takes no payment without the terminal's number. Cure: state the terminal.
    TerminalRequired,
    /// The order's stated end is not in the future. Cure: state a later one, or none.
    ExpiryPassed,
    /// A wallet refused what it was asked about: a code is wrong or used, or a text of the
    /// terminal's is wrong; `reason` has the wallet's word. Cure: take a new code.
    LookupRefused,
    /// The signature is missing, malformed or wrong. Cure: compare the string to sign
    /// (`heliu verify`).
    InvalidSignature,
    /// No app of that number on this wire. Cure: check the number, or ask the operator to add it.
    UnknownMerchant,
    /// No enabled agent of that number on this wire. Cure: check the number, or ask the operator.
    UnknownAgent,
    /// The signer may not act for this merchant. Cure: sign with the key that belongs to the
    /// merchant.
    SignerNotAllowed,
    /// The login code or the password is wrong, used up, or belongs to nobody. Cure: ask for a new
    /// code.
    WrongCredentials,
    /// Another merchant of the agent has the login name. Cure: choose another one.
    UsernameTaken,
    /// The request is older than the wire allows. Cure: set the clock, sign anew.
    StaleRequest,
    /// Too many requests. Cure: slow down, then send the same request again.
    RateLimited,
    /// The merchant awaits activation or is disabled. Cure: ask the operator.
    MerchantNotEnabled,
    /// The merchant has no contract for this wallet. Cure: ask the operator.
    NoContract,
    /// The wallet cannot be named, told from the code, or used on this wire.
    UnsupportedWallet,
    /// The amount is not a positive whole number, or does not convert to at least one fen.
    InvalidAmount,
    /// The merchant's order number is in use. Cure: query it; never re-pay under a new number.
    DuplicateOrder,
    /// The merchant's refund number is in use. Cure: query the refund.
    DuplicateRefund,
    /// No such order of this merchant.
    OrderNotFound,
    /// No such refund of this merchant.
    RefundNotFound,
    /// The order is reversed, or about to be.
    OrderReversed,
    /// The order is paid, so it cannot be closed or cancelled. Cure: refund it.
    OrderPaid,
    /// The order has failed or is closed.
    OrderEnded,
    /// The order is not paid, so there is nothing to refund.
    OrderNotPaid,
    /// The order is of a kind that this verb does not serve.
    OrderKindNotSupported,
    /// Too early after the order was made. Cure: wait, or query.
    TooEarly,
    /// Too late after the order was made. Cure: refund it instead.
    TooLate,
    /// Outside the hours in which this verb is served.
    OutsideHours,
    /// More than what is left to refund.
    RefundExceedsRest,
    /// The refund states another total than the order has, or its number is in use for another
    /// refund. Cure: correct it, or take a new number.
    RefundConflict,
    /// The channel takes no more refunds of this order.
    TooManyRefunds,
    /// The payer, the payer's bank or the channel refused; `reason` has the channel's word.
    Declined,
    /// The channel was not reached: nothing happened. Cure: try again under a new number.
    ChannelUnreachable,
    /// No secure connection to the channel could be made: nothing happened. Cure: ask the operator,
    /// whose address or trusted certificates are wrong.
    ChannelNotSecured,
    /// The channel's answer is not known yet. Cure: query; never re-pay under a new number.
    OutcomeUnknown,
    /// The books are away. Cure: send the same request again, query first.
    BooksUnavailable,
    /// The service is stopping or overloaded. Cure: send the same request again.
    ServiceUnavailable,
    /// A fault on our side; the operator sees it under the request id.
    Internal,
}

impl ErrorCode {
    /// Every code.
    pub const ALL: [Self; 40] = [
        Self::InvalidParameter,
        Self::NotifyAddressRefused,
        Self::ReturnAddressRefused,
        Self::TerminalRequired,
        Self::ExpiryPassed,
        Self::LookupRefused,
        Self::InvalidSignature,
        Self::UnknownMerchant,
        Self::UnknownAgent,
        Self::SignerNotAllowed,
        Self::WrongCredentials,
        Self::UsernameTaken,
        Self::StaleRequest,
        Self::RateLimited,
        Self::MerchantNotEnabled,
        Self::NoContract,
        Self::UnsupportedWallet,
        Self::InvalidAmount,
        Self::DuplicateOrder,
        Self::DuplicateRefund,
        Self::OrderNotFound,
        Self::RefundNotFound,
        Self::OrderReversed,
        Self::OrderPaid,
        Self::OrderEnded,
        Self::OrderNotPaid,
        Self::OrderKindNotSupported,
        Self::TooEarly,
        Self::TooLate,
        Self::OutsideHours,
        Self::RefundExceedsRest,
        Self::RefundConflict,
        Self::TooManyRefunds,
        Self::Declined,
        Self::ChannelUnreachable,
        Self::ChannelNotSecured,
        Self::OutcomeUnknown,
        Self::BooksUnavailable,
        Self::ServiceUnavailable,
        Self::Internal,
    ];

    /// The word in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidParameter => "invalid_parameter",
            Self::NotifyAddressRefused => "notify_address_refused",
            Self::ReturnAddressRefused => "return_address_refused",
            Self::TerminalRequired => "terminal_required",
            Self::ExpiryPassed => "expiry_passed",
            Self::LookupRefused => "lookup_refused",
            Self::InvalidSignature => "invalid_signature",
            Self::UnknownMerchant => "unknown_merchant",
            Self::UnknownAgent => "unknown_agent",
            Self::SignerNotAllowed => "signer_not_allowed",
            Self::WrongCredentials => "wrong_credentials",
            Self::UsernameTaken => "username_taken",
            Self::StaleRequest => "stale_request",
            Self::RateLimited => "rate_limited",
            Self::MerchantNotEnabled => "merchant_not_enabled",
            Self::NoContract => "no_contract",
            Self::UnsupportedWallet => "unsupported_wallet",
            Self::InvalidAmount => "invalid_amount",
            Self::DuplicateOrder => "duplicate_order",
            Self::DuplicateRefund => "duplicate_refund",
            Self::OrderNotFound => "order_not_found",
            Self::RefundNotFound => "refund_not_found",
            Self::OrderReversed => "order_reversed",
            Self::OrderPaid => "order_paid",
            Self::OrderEnded => "order_ended",
            Self::OrderNotPaid => "order_not_paid",
            Self::OrderKindNotSupported => "order_kind_not_supported",
            Self::TooEarly => "too_early",
            Self::TooLate => "too_late",
            Self::OutsideHours => "outside_hours",
            Self::RefundExceedsRest => "refund_exceeds_rest",
            Self::RefundConflict => "refund_conflict",
            Self::TooManyRefunds => "too_many_refunds",
            Self::Declined => "declined",
            Self::ChannelUnreachable => "channel_unreachable",
            Self::ChannelNotSecured => "channel_not_secured",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::BooksUnavailable => "books_unavailable",
            Self::ServiceUnavailable => "service_unavailable",
            Self::Internal => "internal",
        }
    }
}

/// An error as a merchant hears it. No secrets, nothing internal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TradeError {
    /// For programs.
    pub code: ErrorCode,
    /// For people: names the field, the problem and the cure.
    pub message: String,
    /// The offending field, in the wire's own word.
    pub field: Option<String>,
    /// The channel's own word, when a channel refused.
    pub reason: Option<String>,
    /// The order it is about, when it is known to exist.
    pub order: Option<Box<Order>>,
}

impl TradeError {
    /// An error with its sentence.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            reason: None,
            order: None,
        }
    }

    /// An error about one field of the wire.
    #[must_use]
    pub fn field(code: ErrorCode, field: &str, message: impl Into<String>) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..Self::new(code, message)
        }
    }

    /// The same error with the order it is about.
    #[must_use]
    pub fn about(mut self, order: &Order) -> Self {
        self.order = Some(Box::new(order.clone()));
        self
    }

    /// The same error with the channel's own word.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}
