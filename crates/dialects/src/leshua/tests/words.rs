//! The tables of states, errors and kinds.

use heliu_trade::command::Reply;
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
        (DeclineKind::CodeInvalid, "0 1 -20013"),
        (DeclineKind::Unreachable, "0 1 -20010"),
        (DeclineKind::NotSecured, "0 1 -20010"),
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
        ("query_status", ErrorCode::OrderNotFound, "0 1 -20018"),
        ("close_order", ErrorCode::OrderNotFound, "0 1 -4006"),
        ("unified_refund", ErrorCode::OrderNotFound, "0 1 -4006"),
        (
            "unified_query_refund",
            ErrorCode::OrderNotFound,
            "0 1 -4006",
        ),
        (
            "unified_query_refund",
            ErrorCode::RefundNotFound,
            "0 1 -20022",
        ),
        ("unified_refund", ErrorCode::RefundExceedsRest, "0 1 -5017"),
        ("unified_refund", ErrorCode::RefundConflict, "0 1 -5103"),
        ("unified_refund", ErrorCode::DuplicateRefund, "0 1 -5103"),
        ("unified_refund", ErrorCode::OrderNotPaid, "0 1 -5016"),
        ("unified_refund", ErrorCode::OrderReversed, "0 1 -5016"),
        ("unified_refund", ErrorCode::OrderEnded, "0 1 -5016"),
        ("unified_refund", ErrorCode::TooManyRefunds, "0 1 -5018"),
        ("unified_refund", ErrorCode::RefundBalanceShort, "0 1 -5015"),
        ("unified_refund", ErrorCode::TooLate, "0 1 -5015"),
        ("unified_refund", ErrorCode::OutsideHours, "0 1 -5015"),
        (
            "unified_refund",
            ErrorCode::NotifyAddressRefused,
            "0 1 -20001",
        ),
        ("close_order", ErrorCode::OrderPaid, "0 1 -20027"),
        ("close_order", ErrorCode::TooEarly, "0 1 -4004"),
        ("get_tdcode", ErrorCode::NoContract, "0 1 -1008"),
        ("get_tdcode", ErrorCode::MerchantNotEnabled, "0 1 -1009"),
        ("get_tdcode", ErrorCode::Declined, "0 1 -20010"),
        ("get_tdcode", ErrorCode::ChannelUnreachable, "0 1 -20010"),
        ("get_tdcode", ErrorCode::ChannelNotSecured, "0 1 -20010"),
        ("get_tdcode", ErrorCode::OutcomeUnknown, "0 1 -20010"),
        ("get_tdcode", ErrorCode::UnsupportedWallet, "0 1 -20008"),
        ("get_tdcode", ErrorCode::ReturnAddressRefused, "0 1 -20001"),
        (
            "upload_authcode",
            ErrorCode::UnsupportedWallet,
            "0 1 -20014",
        ),
        ("upload_authcode", ErrorCode::OutcomeUnknown, "0 0 0"),
        ("upload_authcode", ErrorCode::BooksUnavailable, "0 0 0"),
        ("query_openid", ErrorCode::Declined, "0 1 -20013"),
        ("query_openid", ErrorCode::LookupRefused, "0 1 -20013"),
        ("query_userid", ErrorCode::OutcomeUnknown, "0 1 -20010"),
        ("query_status", ErrorCode::RateLimited, "5 - -"),
        ("query_status", ErrorCode::BooksUnavailable, "9 - -"),
        ("upload_authcode", ErrorCode::ServiceUnavailable, "9 - -"),
        ("query_status", ErrorCode::Internal, "9 - -"),
    ] {
        let error = TradeError::new(code, "a sentence");
        assert_eq!(refused(service, &error), expected, "{service} {code:?}");
    }
    let error = TradeError::new(ErrorCode::RefundNotFound, "none").about(&fourth_paid());
    assert_eq!(refused("unified_query_refund", &error), "0 1 -5019");
    let reply = Reply::LoginCodeSent { life_ms: 1 };
    let answer = encode(&echo("query_status"), Ok(&reply));
    assert_eq!(
        code(&answer),
        "9 - -",
        "a fault of ours is no failed business"
    );
}

/// The published table, as far as this wire says it: numbers and texts go together.
#[test]
fn texts_are_those_of_the_published_table() {
    for (service, code, text) in [
        (
            "query_status",
            ErrorCode::OrderNotFound,
            "无效的第三方订单号或者乐刷订单号",
        ),
        ("close_order", ErrorCode::OrderNotFound, "订单不存在"),
        ("close_order", ErrorCode::OrderPaid, "该订单已支付"),
        ("close_order", ErrorCode::TooEarly, "订单正在处理中"),
        ("get_tdcode", ErrorCode::InvalidParameter, "参数错误或无效"),
        ("get_tdcode", ErrorCode::InvalidAmount, "订单金额填写有误"),
        ("get_tdcode", ErrorCode::DuplicateOrder, "该订单号已被用"),
        ("get_tdcode", ErrorCode::Declined, "系统错误"),
        ("get_tdcode", ErrorCode::UnsupportedWallet, "支付类型错误"),
        (
            "upload_authcode",
            ErrorCode::UnsupportedWallet,
            "未知类型的授权码",
        ),
        ("query_openid", ErrorCode::LookupRefused, "非法的授权码"),
        ("unified_refund", ErrorCode::OrderNotPaid, "订单状态异常"),
        (
            "unified_refund",
            ErrorCode::RefundExceedsRest,
            "订单可退金额不足",
        ),
        (
            "unified_refund",
            ErrorCode::TooManyRefunds,
            "订单退款次数超限",
        ),
        ("unified_refund", ErrorCode::TooLate, "暂不支持退款"),
        (
            "unified_refund",
            ErrorCode::RefundBalanceShort,
            "退款余额不足",
        ),
        (
            "unified_refund",
            ErrorCode::DuplicateRefund,
            "商户退款id已存在",
        ),
        (
            "unified_query_refund",
            ErrorCode::RefundNotFound,
            "无效的第三方退款订单号",
        ),
    ] {
        let answer = encode(&echo(service), Err(&TradeError::new(code, "a sentence")));
        assert_eq!(value(&answer, "error_msg"), text, "{service} {code:?}");
    }
    for (code, text) in [
        (ErrorCode::InvalidSignature, "验签失败"),
        (ErrorCode::UnknownMerchant, "无效商户号"),
    ] {
        let error = TradeError::new(code, "a sentence");
        let answer = encode_as(&echo("query_status"), Err(&error), false);
        assert_eq!(value(&answer, "resp_msg"), text);
    }
}

/// A client in use reads `pay_way` of every failed query unguarded (ruling 57).
#[test]
fn every_failed_query_names_a_way_of_payment() {
    let alipay = order_of("tdcode-alipay", "2601011200000001");
    let mut open = order_of("tdcode-simple", "2601011200020003");
    open.wallet = None;
    for code in ErrorCode::ALL {
        for (order, pay_way) in [
            (None, "UNKNOWN"),
            (Some(&open), "UNKNOWN"),
            (Some(&alipay), "ZFBZF"),
        ] {
            let error = TradeError::new(code, "a sentence");
            let error = match order {
                Some(order) => error.about(order),
                None => error,
            };
            let answer = encode(&echo("query_status"), Err(&error));
            let has_failed = value(&answer, "result_code") == "1";
            let expected = if has_failed { pay_way } else { "-" };
            assert_eq!(value(&answer, "pay_way"), expected, "{code:?}");
            if code == ErrorCode::OrderNotFound {
                assert_eq!(value(&answer, "status"), "-");
                assert!(has_failed);
            }
        }
    }
    let error = TradeError::new(ErrorCode::RefundNotFound, "a sentence");
    let answer = encode(&echo("unified_query_refund"), Err(&error));
    assert_eq!(value(&answer, "pay_way"), "-");
}

#[test]
fn a_fault_in_an_address_is_named_in_the_header() {
    for (service, code, field) in [
        ("get_tdcode", ErrorCode::NotifyAddressRefused, "notify_url:"),
        ("get_tdcode", ErrorCode::ReturnAddressRefused, "jump_url:"),
    ] {
        let answer = encode(
            &echo(service),
            Err(&TradeError::new(code, "it leads inside")),
        );
        let detail = answer.headers["x-error-detail"].to_str().expect("a text");
        assert!(detail.starts_with(field), "{detail}");
    }
}

#[test]
fn a_number_in_use_is_told_by_what_became_of_its_order() {
    for (state, expected) in [
        (OrderState::Open, "0 1 -1006"),
        (OrderState::Paying, "0 1 -1006"),
        (OrderState::Failed, "0 1 -1006"),
        (OrderState::Paid, "0 1 -20027"),
        (OrderState::Closed, "0 1 -1006"),
        (OrderState::Expired, "0 1 -1006"),
        (OrderState::Reversing, "0 1 -1006"),
        (OrderState::Reversed, "0 1 -1006"),
    ] {
        let mut order = fourth_paid();
        order.state = state;
        let error = TradeError::new(ErrorCode::DuplicateOrder, "used").about(&order);
        for service in ["get_tdcode", "upload_authcode"] {
            assert_eq!(refused(service, &error), expected, "{service} {state:?}");
        }
    }
    let error = TradeError::new(ErrorCode::DuplicateOrder, "used");
    assert_eq!(refused("get_tdcode", &error), "0 1 -1006");
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
