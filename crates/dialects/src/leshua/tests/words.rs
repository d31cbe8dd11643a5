//! The tables of states, errors and kinds.

use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::OrderState;
use heliu_trade::verdict::{Decline, DeclineKind};
use heliu_trade::wallet::Scene;

use super::super::codes;
use super::samples::{
    MERCHANT, body, code, echo, encode, encode_as, fourth_paid, order_of, told, totals, value,
};

#[test]
fn states_follow_from_the_order_and_its_refunds() {
    let mut order = fourth_paid();
    let mut asked = |state, refunded, refunding| {
        order.state = state;
        (order.refunded, order.refunding) = (totals(refunded), totals(refunding));
        let answer = encode(&echo("query_status"), Ok(&told(order.clone())));
        assert_eq!(value(&answer, "pay_time") != "-", state == OrderState::Paid);
        assert_eq!(value(&answer, "attach") != "-", state == OrderState::Paid);
        code(&answer)
    };
    for (state, refunded, refunding, expected) in [
        (OrderState::Open, 0, 0, "0 0 0"),
        (OrderState::Paying, 0, 0, "0 0 0"),
        (OrderState::Reversing, 0, 0, "0 0 0"),
        (OrderState::Paid, 0, 0, "0 0 2"),
        (OrderState::Paid, 200, 0, "0 0 2"),
        (OrderState::Paid, 200, 100, "0 0 10"),
        (OrderState::Paid, 400, 100, "0 0 10"),
        (OrderState::Paid, 500, 0, "0 0 11"),
        (OrderState::Closed, 0, 0, "0 0 6"),
        (OrderState::Expired, 0, 0, "0 0 6"),
        (OrderState::Reversed, 0, 0, "0 0 6"),
        (OrderState::Failed, 0, 0, "0 0 8"),
    ] {
        let found = asked(state, refunded, refunding);
        assert_eq!(found, expected, "{state:?} {refunded} {refunding}");
    }
}

#[test]
fn a_refused_payment_is_told_by_its_code_or_by_its_status() {
    let mut order = order_of("upload-authcode", "2601011201000004");
    order.state = OrderState::Failed;
    for (kind, pay) in [
        (DeclineKind::Refused, "0 0 8"),
        (DeclineKind::Closed, "0 0 8"),
        (DeclineKind::CodeInvalid, "0 1 -1007"),
        (DeclineKind::Unreachable, "0 1 -1099"),
    ] {
        let reason = "WORD".to_owned();
        order.decline = Some(Decline { reason, kind });
        let asked = |service| encode(&echo(service), Ok(&told(order.clone())));
        assert_eq!(code(&asked("upload_authcode")), pay, "{kind:?}");
        assert_eq!(code(&asked("query_status")), "0 0 8", "{kind:?}");
    }
}

fn refused(service: &str, error: &TradeError) -> String {
    code(&encode(&echo(service), Err(error)))
}

#[test]
fn errors_have_the_words_of_the_table() {
    for (service, code, expected) in [
        ("query_status", ErrorCode::OrderNotFound, "0 1 -1002"),
        (
            "unified_query_refund",
            ErrorCode::RefundNotFound,
            "0 1 -1012",
        ),
        ("unified_refund", ErrorCode::RefundExceedsRest, "0 1 -1010"),
        ("unified_refund", ErrorCode::RefundConflict, "0 1 -1011"),
        ("unified_refund", ErrorCode::DuplicateRefund, "0 1 -1011"),
        ("unified_refund", ErrorCode::OrderNotPaid, "0 1 -1013"),
        ("unified_refund", ErrorCode::OrderReversed, "0 1 -1013"),
        ("unified_refund", ErrorCode::OrderEnded, "0 1 -1013"),
        ("unified_refund", ErrorCode::TooManyRefunds, "0 1 -1013"),
        ("close_order", ErrorCode::OrderPaid, "0 1 -1004"),
        ("close_order", ErrorCode::TooEarly, "0 1 -1006"),
        ("get_tdcode", ErrorCode::NoContract, "0 1 -1008"),
        ("get_tdcode", ErrorCode::MerchantNotEnabled, "0 1 -1009"),
        ("get_tdcode", ErrorCode::Declined, "0 1 -1099"),
        ("get_tdcode", ErrorCode::ChannelUnreachable, "0 1 -1099"),
        ("get_tdcode", ErrorCode::OutcomeUnknown, "0 1 -1099"),
        ("upload_authcode", ErrorCode::UnsupportedWallet, "0 1 -1001"),
        ("upload_authcode", ErrorCode::OutcomeUnknown, "0 0 0"),
        ("upload_authcode", ErrorCode::BooksUnavailable, "0 0 0"),
        ("query_openid", ErrorCode::Declined, "0 1 -1007"),
        ("query_userid", ErrorCode::OutcomeUnknown, "0 1 -1099"),
        ("query_status", ErrorCode::RateLimited, "5 - -"),
        ("query_status", ErrorCode::BooksUnavailable, "9 - -"),
        ("upload_authcode", ErrorCode::ServiceUnavailable, "9 - -"),
        ("query_status", ErrorCode::Internal, "9 - -"),
    ] {
        let error = TradeError::new(code, "a sentence");
        assert_eq!(refused(service, &error), expected, "{service} {code:?}");
    }
    let error = TradeError::new(ErrorCode::LookupRefused, "refused").because("CODE_USED");
    assert_eq!(refused("query_openid", &error), "0 1 -1007");
}

#[test]
fn a_number_in_use_is_told_by_what_became_of_its_order() {
    for (state, expected) in [
        (OrderState::Open, "0 1 -1003"),
        (OrderState::Paying, "0 1 -1003"),
        (OrderState::Failed, "0 1 -1003"),
        (OrderState::Paid, "0 1 -1004"),
        (OrderState::Closed, "0 1 -1005"),
        (OrderState::Expired, "0 1 -1005"),
        (OrderState::Reversing, "0 1 -1005"),
        (OrderState::Reversed, "0 1 -1005"),
    ] {
        let mut order = fourth_paid();
        order.state = state;
        let error = TradeError::new(ErrorCode::DuplicateOrder, "used").about(&order);
        for service in ["get_tdcode", "upload_authcode"] {
            assert_eq!(refused(service, &error), expected, "{service} {state:?}");
        }
    }
    let error = TradeError::new(ErrorCode::DuplicateOrder, "used");
    assert_eq!(refused("get_tdcode", &error), "0 1 -1003");
}

#[test]
fn an_order_that_has_ended_is_closed_already() {
    for (state, expected) in [
        (OrderState::Expired, "0 0 6"),
        (OrderState::Reversed, "0 0 6"),
        (OrderState::Failed, "0 0 8"),
    ] {
        let mut order = fourth_paid();
        order.state = state;
        let error = TradeError::new(ErrorCode::OrderEnded, "ended").about(&order);
        assert_eq!(refused("close_order", &error), expected, "{state:?}");
    }
}

#[test]
fn an_unknown_outcome_is_told_with_what_is_known() {
    let mut echo = echo("upload_authcode");
    echo.values
        .push(("third_order_id".to_owned(), "T1".to_owned()));
    let error = TradeError::new(ErrorCode::OutcomeUnknown, "unknown");
    let answer = encode(&echo, Err(&error));
    assert_eq!(value(&answer, "third_order_id"), "T1");
    assert_eq!(value(&answer, "status"), "0");
    assert!(answer.headers.contains_key("x-error-detail"));
    let order = order_of("upload-authcode", "2601011201000004");
    let answer = encode(&echo, Err(&error.about(&order)));
    assert_eq!(value(&answer, "leshua_order_id"), "2601011201000004");
    assert_eq!(code(&answer), "0 0 0");
}

#[test]
fn a_refund_that_the_channel_refused_has_a_status() {
    let mut echo = echo("unified_refund");
    for (name, value) in [("merchant_refund_id", "R1"), ("refund_amount", "200")] {
        echo.values.push((name.to_owned(), value.to_owned()));
    }
    let error = TradeError::new(ErrorCode::Declined, "refused")
        .because("NOTENOUGH")
        .about(&fourth_paid());
    let answer = encode(&echo, Err(&error));
    assert_eq!(code(&answer), "0 0 12");
    assert_eq!(value(&answer, "merchant_refund_id"), "R1");
    assert_eq!(value(&answer, "failure_reason"), "NOTENOUGH");
    assert_eq!(value(&answer, "order_balance"), "500");
}

#[test]
fn what_the_gateway_refuses_is_not_signed_and_repeats_nothing() {
    let mut echo = echo("get_tdcode");
    echo.values
        .push(("third_order_id".to_owned(), "T1".to_owned()));
    for (code, is_verified, expected) in [
        (ErrorCode::UnknownMerchant, false, "2"),
        (ErrorCode::SignerNotAllowed, true, "2"),
        (ErrorCode::InvalidSignature, false, "1"),
        (ErrorCode::InvalidParameter, false, "3"),
        (ErrorCode::RateLimited, false, "5"),
        (ErrorCode::RateLimited, true, "5"),
        (ErrorCode::BooksUnavailable, false, "9"),
        (ErrorCode::OrderNotFound, false, "9"),
        (ErrorCode::Internal, true, "9"),
    ] {
        let error = TradeError::new(code, "a sentence").about(&fourth_paid());
        let answer = encode_as(&echo, Err(&error), is_verified);
        assert_eq!(value(&answer, "resp_code"), expected, "{code:?}");
        let text = body(&answer);
        assert!(!text.contains(MERCHANT) && !text.contains("T1"), "{text}");
        assert!(!text.contains("result_code") && !text.contains("sign"));
    }
}

#[test]
fn trade_types_follow_from_the_scene() {
    let words: Vec<&str> = Scene::ALL.into_iter().map(codes::trade_type).collect();
    let expected = "MICROPAY MICROPAY JSAPIQuick NATIVE JSAPI SmPgPay APP";
    assert_eq!(words.join(" "), expected);
}
