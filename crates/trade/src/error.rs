//! The one list of errors that a merchant can be told.

use std::fmt::Display;

pub use crate::advice::Advice;
use crate::order::Order;

/// The list of errors: what each means, its word, and what its caller should do. Everything that is
/// told of an error comes from here, the page `docs/errors.md` too.
macro_rules! error_codes {
    ($($(#[doc = $meaning:literal])+ $code:ident = $word:literal, $advice:ident;)+) => {
        /// What went wrong, for programs. A dialect words each of these; a new one does not compile
        /// until it does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[doc = $meaning])+ $code,)+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$code),+];

            /// The word in logs and metrics.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $word,)+
                }
            }

            /// What it means, for people.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$code => concat!($($meaning),+).trim_ascii_start(),)+
                }
            }

            /// What who hears it should do.
            #[must_use]
            pub const fn advice(self) -> Advice {
                match self {
                    $(Self::$code => Advice::$advice,)+
                }
            }
        }
    };
}

error_codes! {
    /// A field is missing, malformed or too long; the error names it.
    InvalidParameter = "invalid_parameter", FixRequest;
    /// The notification address leads where nothing may be sent, or nowhere: it must be reachable
    /// from outside.
    NotifyAddressRefused = "notify_address_refused", FixRequest;
    /// The address to which the payer's browser returns is no page: it must be an http or https
    /// address.
    ReturnAddressRefused = "return_address_refused", FixRequest;
    /// The wallet takes no payment without the terminal's number.
    TerminalRequired = "terminal_required", FixRequest;
    /// The order's stated end is not in the future.
    ExpiryPassed = "expiry_passed", FixRequest;
    /// A wallet refused what it was asked about: a code is wrong or used, or a text of the
    /// terminal's is wrong; `reason` has the wallet's word.
    LookupRefused = "lookup_refused", TakeNewCode;
    /// The signature is missing, malformed or wrong; `heliu verify` shows the string to sign.
    InvalidSignature = "invalid_signature", SignAgain;
    /// No app of that number on this wire: the number is wrong, or the operator has yet to add it.
    UnknownMerchant = "unknown_merchant", AskOperator;
    /// No enabled agent of that number on this wire.
    UnknownAgent = "unknown_agent", AskOperator;
    /// The signer may not act for this merchant: the key that belongs to the merchant signs.
    SignerNotAllowed = "signer_not_allowed", SignAgain;
    /// The login code or the password is wrong, used up, or belongs to nobody.
    WrongCredentials = "wrong_credentials", TakeNewCode;
    /// Another merchant of the agent has the login name.
    UsernameTaken = "username_taken", FixRequest;
    /// The request is older than the wire allows.
    StaleRequest = "stale_request", SignAgain;
    /// Too many requests.
    RateLimited = "rate_limited", Wait;
    /// The merchant awaits activation or is disabled.
    MerchantNotEnabled = "merchant_not_enabled", AskOperator;
    /// The merchant has no contract for this wallet.
    NoContract = "no_contract", AskOperator;
    /// The wallet cannot be named, told from the code, or used on this wire.
    UnsupportedWallet = "unsupported_wallet", FixRequest;
    /// The amount is not a positive whole number, or does not convert to at least one fen.
    InvalidAmount = "invalid_amount", FixRequest;
    /// The merchant's order number is in use.
    DuplicateOrder = "duplicate_order", QueryFirst;
    /// The merchant's refund number is in use.
    DuplicateRefund = "duplicate_refund", QueryFirst;
    /// No such order of this merchant.
    OrderNotFound = "order_not_found", FixRequest;
    /// No such refund of this merchant.
    RefundNotFound = "refund_not_found", FixRequest;
    /// No such bill of a merchant below this agent.
    PayoutNotFound = "payout_not_found", FixRequest;
    /// No such statement file of this agent.
    StatementNotFound = "statement_not_found", FixRequest;
    /// Somebody else has published this statement meanwhile.
    StatementConflict = "statement_conflict", QueryFirst;
    /// The order is reversed, or about to be.
    OrderReversed = "order_reversed", NewNumber;
    /// The order is paid, so it cannot be closed or cancelled.
    OrderPaid = "order_paid", RefundInstead;
    /// The order has failed or is closed.
    OrderEnded = "order_ended", NewNumber;
    /// The order is not paid, so there is nothing to refund.
    OrderNotPaid = "order_not_paid", QueryFirst;
    /// The order is of a kind that this verb does not serve.
    OrderKindNotSupported = "order_kind_not_supported", FixRequest;
    /// Too early after the order was made; it can be queried meanwhile.
    TooEarly = "too_early", Wait;
    /// Too late after the order was made.
    TooLate = "too_late", RefundInstead;
    /// Outside the hours in which this verb is served.
    OutsideHours = "outside_hours", Wait;
    /// More than what is left to refund.
    RefundExceedsRest = "refund_exceeds_rest", FixRequest;
    /// The refund states another total than the order has, or its number is in use for another
    /// refund.
    RefundConflict = "refund_conflict", FixRequest;
    /// The money may be paid out already, and the merchant has too little unsettled to take the
    /// refund from.
    RefundBalanceShort = "refund_balance_short", Wait;
    /// The channel takes no more refunds of this order.
    TooManyRefunds = "too_many_refunds", AskOperator;
    /// The payer, the payer's bank or the channel refused; `reason` has the channel's word.
    Declined = "declined", NewNumber;
    /// The channel was not reached: nothing happened.
    ChannelUnreachable = "channel_unreachable", NewNumber;
    /// No secure connection to the channel could be made: nothing happened. Its address or the
    /// trusted certificates are wrong.
    ChannelNotSecured = "channel_not_secured", AskOperator;
    /// The channel's answer is not known yet.
    OutcomeUnknown = "outcome_unknown", QueryFirst;
    /// The books are away; what was asked may have been done.
    BooksUnavailable = "books_unavailable", QueryThenRepeat;
    /// The service is stopping or overloaded; nothing was done.
    ServiceUnavailable = "service_unavailable", RepeatSame;
    /// A fault on our side, of which the operator sees the request id; what was asked may have been
    /// done.
    Internal = "internal", QueryFirst;
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
    /// After how long the same request may come again, in ms, when that is known.
    pub wait_ms: Option<i64>,
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
            wait_ms: None,
        }
    }

    /// An error with its problem and the advice of its code.
    #[must_use]
    pub fn advised(code: ErrorCode, problem: impl Display) -> Self {
        Self::new(code, code.advice().after(problem))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_number_is_advised_only_where_no_money_can_have_moved() {
        let advised = |advice: Advice| {
            let codes = ErrorCode::ALL.into_iter();
            codes
                .filter(move |code| code.advice() == advice)
                .collect::<Vec<_>>()
        };
        // Of these orders it is known that they took no money, or that it goes back.
        assert_eq!(
            advised(Advice::NewNumber),
            [
                ErrorCode::OrderReversed,
                ErrorCode::OrderEnded,
                ErrorCode::Declined,
                ErrorCode::ChannelUnreachable,
            ],
        );
        // These may hide a payment that nobody has heard of.
        for code in [
            ErrorCode::DuplicateOrder,
            ErrorCode::DuplicateRefund,
            ErrorCode::OutcomeUnknown,
            ErrorCode::BooksUnavailable,
            ErrorCode::Internal,
        ] {
            assert!(code.advice().asks_for_a_query(), "{code:?}");
        }
    }

    #[test]
    fn what_a_code_means_and_advises_is_said_in_plain_sentences() {
        for code in ErrorCode::ALL {
            let meaning = code.meaning();
            assert!(meaning.starts_with(char::is_uppercase), "{meaning}");
            assert!(
                meaning.ends_with('.') && !meaning.contains("  "),
                "{meaning}"
            );
        }
        let error = TradeError::advised(ErrorCode::NoContract, "no contract for qq");
        assert_eq!(error.message, "no contract for qq; ask the operator");
    }
}
