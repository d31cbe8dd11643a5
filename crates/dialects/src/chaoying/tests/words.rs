//! The tables of states, errors and kinds.

use heliu_ports::dialect::{Dialect as _, Surface};
use heliu_trade::command::Reply;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::OrderState;
use heliu_trade::refund::RefundState;
use heliu_trade::verdict::{Decline, DeclineKind};

use super::super::Chaoying;
use super::samples::{
    Asked, GATEWAY, body, code, echo, eighth_paid, encode, first_paid, order_of, refund, told,
};

#[test]
fn states_follow_from_the_order_and_whether_it_was_paid() {
    for (state, was_paid, query, pay) in [
        (
            OrderState::Paying,
            false,
            "SUCCESS 10001 NEED_QUERY",
            "SUCCESS 10001 NEED_QUERY",
        ),
        (
            OrderState::Open,
            false,
            "SUCCESS 10001 NEED_QUERY",
            "SUCCESS 10001 NEED_QUERY",
        ),
        (
            OrderState::Reversing,
            true,
            "SUCCESS 10001 NEED_QUERY",
            "SUCCESS 10001 NEED_QUERY",
        ),
        (
            OrderState::Paid,
            true,
            "SUCCESS 10000 SUCCESS",
            "SUCCESS 10000 SUCCESS",
        ),
        (
            OrderState::Closed,
            false,
            "SUCCESS 10004 FAIL",
            "SUCCESS 10004 FAIL",
        ),
        (
            OrderState::Expired,
            false,
            "SUCCESS 10004 FAIL",
            "SUCCESS 10004 FAIL",
        ),
        (
            OrderState::Reversed,
            false,
            "SUCCESS 10004 FAIL",
            "SUCCESS 10004 FAIL",
        ),
        (
            OrderState::Reversed,
            true,
            "SUCCESS 10005 FAIL",
            "SUCCESS 10005 FAIL",
        ),
        (
            OrderState::Failed,
            false,
            "SUCCESS 10006 FAIL",
            "SUCCESS 10006 FAIL",
        ),
    ] {
        let mut order = if was_paid {
            first_paid()
        } else {
            order_of("pay-user-paying", 3)
        };
        order.state = state;
        let reply = told(order);
        for (method, expected) in [("orderquery", query), ("pay", pay), ("facepay", pay)] {
            let answer = encode(&echo(GATEWAY, Some(method)), Ok(&reply), &Asked::default());
            assert_eq!(code(&answer), expected, "{method} {state:?}");
            let has_fields = body(&answer).contains("\"out_trade_no\"");
            assert_eq!(has_fields, state == OrderState::Paid, "{method} {state:?}");
        }
    }
}

#[test]
fn a_channel_that_was_never_reached_is_told_apart_from_a_refusal() {
    let mut order = order_of("pay-user-paying", 3);
    order.state = OrderState::Failed;
    let mut asked = |method, kind, reason: &str| {
        let reason = reason.to_owned();
        order.decline = Some(Decline { reason, kind });
        let reply = told(order.clone());
        let answer = encode(&echo(GATEWAY, Some(method)), Ok(&reply), &Asked::default());
        (code(&answer), body(&answer).to_owned())
    };
    for kind in [DeclineKind::Unreachable, DeclineKind::NotSecured] {
        let (unreached, _) = asked("pay", kind, "");
        assert_eq!(unreached, "FAIL 30001 FAIL");
        let (later, _) = asked("orderquery", kind, "");
        assert_eq!(later, "SUCCESS 10006 FAIL");
    }
    let (refused, text) = asked("pay", DeclineKind::Refused, "NOTENOUGH");
    assert_eq!(refused, "SUCCESS 10006 FAIL");
    assert!(text.contains("支付失败：NOTENOUGH"), "{text}");
}

#[test]
fn a_refund_says_how_far_it_is() {
    for (state, expected) in [
        (RefundState::Succeeded, "SUCCESS 10000 SUCCESS"),
        (RefundState::Refunding, "SUCCESS 10001 PROCESSING"),
        (RefundState::Failed, "FAIL 20008 -"),
    ] {
        let reply = Reply::Refund {
            order: Box::new(eighth_paid()),
            refund: Box::new(refund(state)),
            attempts: Vec::new(),
        };
        let answer = encode(
            &echo(GATEWAY, Some("refund")),
            Ok(&reply),
            &Asked::default(),
        );
        assert_eq!(code(&answer), expected);
        let has_fields = body(&answer).contains("\"refund_id\"");
        assert_eq!(has_fields, state != RefundState::Failed);
        let answer = encode(
            &echo(GATEWAY, Some("refundquery")),
            Ok(&reply),
            &Asked::default(),
        );
        assert_eq!(code(&answer), "SUCCESS 10000 SUCCESS");
    }
}

#[test]
fn errors_have_the_words_of_the_table() {
    let word = |method, error: ErrorCode| {
        let error = TradeError::new(error, "a sentence");
        code(&encode(
            &echo(GATEWAY, Some(method)),
            Err(&error),
            &Asked::default(),
        ))
    };
    for (error, expected) in [
        (ErrorCode::UnknownAgent, "FAIL 20012 -"),
        (ErrorCode::InvalidSignature, "FAIL 20002 -"),
        (ErrorCode::InvalidParameter, "FAIL 20004 -"),
        (ErrorCode::InvalidAmount, "FAIL 20004 -"),
        (ErrorCode::NotifyAddressRefused, "FAIL 20004 -"),
        (ErrorCode::ReturnAddressRefused, "FAIL 20004 -"),
        (ErrorCode::TerminalRequired, "FAIL 20004 -"),
        (ErrorCode::ExpiryPassed, "FAIL 20004 -"),
        (ErrorCode::LookupRefused, "FAIL 20004 -"),
        (ErrorCode::UnsupportedWallet, "FAIL 20004 -"),
        (ErrorCode::DuplicateOrder, "FAIL 20004 -"),
        (ErrorCode::UnknownMerchant, "FAIL 20005 -"),
        (ErrorCode::SignerNotAllowed, "FAIL 20005 -"),
        (ErrorCode::MerchantNotEnabled, "FAIL 20005 -"),
        (ErrorCode::WrongCredentials, "FAIL 20005 -"),
        (ErrorCode::UsernameTaken, "FAIL 20004 -"),
        (ErrorCode::Internal, "FAIL 20006 -"),
        (ErrorCode::RateLimited, "FAIL 20006 -"),
        (ErrorCode::BooksUnavailable, "FAIL 20006 -"),
        (ErrorCode::ServiceUnavailable, "FAIL 20006 -"),
        (ErrorCode::OrderNotFound, "FAIL 20007 -"),
        (ErrorCode::RefundExceedsRest, "FAIL 20008 -"),
        (ErrorCode::RefundConflict, "FAIL 20008 -"),
        (ErrorCode::DuplicateRefund, "FAIL 20008 -"),
        (ErrorCode::OrderNotPaid, "FAIL 20008 -"),
        (ErrorCode::RefundBalanceShort, "FAIL 20008 -"),
        (ErrorCode::TooManyRefunds, "FAIL 20008 -"),
        (ErrorCode::RefundNotFound, "FAIL 20010 -"),
        (ErrorCode::TooLate, "FAIL 20011 -"),
        (ErrorCode::TooEarly, "FAIL 20011 -"),
        (ErrorCode::NoContract, "FAIL 20013 -"),
        (ErrorCode::ChannelUnreachable, "FAIL 30001 NEED_QUERY"),
        (ErrorCode::ChannelNotSecured, "FAIL 30001 NEED_QUERY"),
        (ErrorCode::OutcomeUnknown, "FAIL 30001 NEED_QUERY"),
    ] {
        assert_eq!(word("pay", error), expected, "{error:?}");
    }
    for (method, error, expected) in [
        ("refund", ErrorCode::Declined, "FAIL 20008 -"),
        ("refund", ErrorCode::OrderReversed, "FAIL 20008 -"),
        ("refund", ErrorCode::OrderEnded, "FAIL 20008 -"),
        ("refundquery", ErrorCode::Declined, "FAIL 20010 -"),
        ("cancel", ErrorCode::OrderPaid, "FAIL 20011 -"),
        ("cancel", ErrorCode::OrderReversed, "FAIL 20011 -"),
        ("cancel", ErrorCode::Declined, "FAIL 20011 -"),
        ("pay", ErrorCode::Declined, "SUCCESS 10006 FAIL"),
        ("pay", ErrorCode::OrderReversed, "SUCCESS 10004 FAIL"),
        ("getfaceauth", ErrorCode::LookupRefused, "FAIL 20004 -"),
    ] {
        assert_eq!(word(method, error), expected, "{method} {error:?}");
    }
    let service = echo("/Open/WXA_Code2Session", None);
    let unknown = TradeError::new(ErrorCode::ChannelUnreachable, "away");
    assert_eq!(
        code(&encode(&service, Err(&unknown), &Asked::default())),
        "FAIL 30001 -"
    );
}

/// What the engine refuses, too, is told with the field's name on this wire.
#[test]
fn a_parameter_error_always_names_its_field() {
    let gateway = |method| echo(GATEWAY, Some(method));
    let pre_order = || echo("/Open/WECHAT_PreOrder", None);
    for (echo, code, field) in [
        (pre_order(), ErrorCode::NotifyAddressRefused, "notify_url"),
        (pre_order(), ErrorCode::ExpiryPassed, "time_expire"),
        (pre_order(), ErrorCode::UnsupportedWallet, "trade_type"),
        (pre_order(), ErrorCode::DuplicateOrder, "out_trade_no"),
        (gateway("pay"), ErrorCode::TerminalRequired, "device_info"),
        (gateway("pay"), ErrorCode::UnsupportedWallet, "auth_code"),
        (gateway("pay"), ErrorCode::InvalidAmount, "total_fee"),
        (gateway("pay"), ErrorCode::DuplicateOrder, "out_trade_no"),
        (gateway("facepay"), ErrorCode::UnsupportedWallet, "paytype"),
        (gateway("refund"), ErrorCode::InvalidAmount, "refund_fee"),
        (gateway("getfaceauth"), ErrorCode::LookupRefused, "rawdata"),
        (
            echo("/Open/WXA_Code2Session", None),
            ErrorCode::LookupRefused,
            "js_code",
        ),
        (
            echo("/UnifiedPay/Mch_Reg", None),
            ErrorCode::UsernameTaken,
            "username",
        ),
    ] {
        let error = TradeError::new(code, "a sentence").because("WORD");
        let answer = encode(&echo, Err(&error), &Asked::default());
        assert_eq!(self::code(&answer), "FAIL 20004 -", "{code:?}");
        let text = body(&answer);
        assert!(text.contains(&format!("参数错误：{field}")), "{text}");
    }
    // What cannot be read at all is no parameter's fault.
    let unreadable = TradeError::new(ErrorCode::InvalidParameter, "the parameters are not UTF-8");
    let answer = encode(&gateway("pay"), Err(&unreadable), &Asked::default());
    assert!(
        body(&answer).contains("参数错误：请求体格式不正确"),
        "{}",
        body(&answer)
    );
}

#[test]
fn an_order_that_was_reversed_while_its_call_waited_says_so() {
    let mut order = first_paid();
    order.state = OrderState::Reversed;
    let error = TradeError::new(ErrorCode::OrderReversed, "reversed").about(&order);
    let answer = encode(&echo(GATEWAY, Some("pay")), Err(&error), &Asked::default());
    assert_eq!(code(&answer), "SUCCESS 10005 FAIL");
}

#[test]
fn nobody_signs_for_an_unknown_agent_and_nothing_is_repeated() {
    let error = TradeError::new(ErrorCode::UnknownAgent, "no agent 7").about(&first_paid());
    let asked = Asked {
        cannot_sign: true,
        ..Asked::default()
    };
    let answer = encode(&echo(GATEWAY, Some("pay")), Err(&error), &asked);
    assert_eq!(
        body(&answer),
        r#"{"state":"FAIL","code":"20012","msg":"代理商不存在"}"#
    );
}

#[test]
fn each_surface_has_the_printed_addresses_of_its_interfaces_once() {
    let paths = |surface: &dyn Surface| -> Vec<&str> {
        let routes = surface.descriptor().routes.iter();
        routes.map(|route| route.path).collect()
    };
    let [trade, logins] = Chaoying.surfaces() else {
        panic!("two surfaces");
    };
    assert_eq!(
        paths(*trade),
        [
            "/UnifiedPay/Gateway",
            "/Open/WECHAT_PreOrder",
            "/Open/ALIPAY_PreOrder",
            "/Open/GetPartnerId",
            "/Open/GetMchInfo",
        ]
    );
    assert_eq!(
        paths(*logins),
        [
            "/UnifiedPay/Mch_Reg",
            "/Mch/GetMchSMSValid",
            "/Mch/GetMchId",
            "/Open/WXA_Code2Session",
        ]
    );
}
