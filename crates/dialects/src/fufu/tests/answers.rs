//! Answers byte for byte as the vectors have them, and the tables of states, errors and zones.

use std::sync::Arc;

use heliu_ports::dialect::{EncodeContext, Surface as _};
use heliu_ports::signature::Outgoing;
use heliu_trade::attempt::Handoff;
use heliu_trade::command::Reply;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::{Order, OrderState};
use heliu_trade::refund::{Refund, RefundState};
use heliu_trade::time::Zone;
use heliu_trade::verdict::{Decline, DeclineKind};
use heliu_trade::wallet::{Funding, Scene, WalletKind};

use super::super::codes;
use super::super::trade::Trade;
use super::samples::{
    PUBLIC_URL, THAI, THAI_SALE, alipay_paid, at, attributes, body, decode, encode, of_vector,
    order, ours, paid, path, refund, response, route, signed, thai, totals, undecoded, vector,
};

fn plain(order: Order, auth_code: Option<&str>) -> Reply {
    Reply::Order {
        order: Box::new(order),
        attempts: Vec::new(),
        auth_code: auth_code.map(str::to_owned),
    }
}

fn told(order: Order, refund: Refund) -> Reply {
    Reply::Refund {
        order: Box::new(order),
        refund: Box::new(refund),
        attempts: Vec::new(),
    }
}

/// The answer to the vector's request is the vector's, byte for byte.
fn answers(name: &str, outcome: Result<&Reply, &TradeError>) {
    let vector = vector(name);
    let decoded = decode(&of_vector(&vector));
    let answer = encode(&decoded.echo, outcome);
    assert_eq!(body(&answer), response(&vector), "{name}");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.headers["content-type"],
        "application/json;charset=UTF-8"
    );
}

fn unpaid_jsapi() -> Order {
    let mut order = order(6, "8ce68a7d-f422-4714-95ba-c3fcc737d86b", "20260115100006");
    (order.scene, order.amount_minor, order.charge_fen) = (Scene::Jsapi, 10, 10);
    Arc::make_mut(&mut order.details).attributes =
        attributes(&[("operator_id", "测试操作员"), ("terminal_id", "05315830")]);
    order
}

fn thai_paid() -> Order {
    let order = thai(order(4, THAI_SALE, "20260115100003"));
    let numbers = [
        "4200002926202601150000000004",
        &ours("20260115100000000004"),
    ];
    paid(order, "20260115100006", numbers, Funding::Credit)
}

#[test]
fn paid_barcode_orders() {
    answers(
        "order-alipay-success",
        Ok(&plain(alipay_paid(), Some("284214903060794755"))),
    );
    answers(
        "order-foreign-currency-thb",
        Ok(&plain(thai_paid(), Some("130060794755284214"))),
    );
    let number = "d2dbe5fb-fc71-4bfe-848f-a24875d9169d";
    let mut wechat = order(2, number, "20260115100001");
    (wechat.amount_minor, wechat.charge_fen) = (250, 250);
    wechat.wallet = Some(WalletKind::Wechat);
    Arc::make_mut(&mut wechat.details).attributes =
        attributes(&[("operator_id", "test1"), ("terminal_id", "收银机1")]);
    let numbers = [
        "4200002926202601150000000002",
        &ours("20260115100000000002"),
    ];
    let wechat = paid(wechat, "20260115100003", numbers, Funding::Debit);
    answers(
        "order-pretty-printed-auto-channel",
        Ok(&plain(wechat, Some("134886863488188613"))),
    );
}

#[test]
fn an_undecided_barcode_order_ends_reversed() {
    let mut order = order(3, "20260115001069125002", "20260115100002");
    Arc::make_mut(&mut order.details)
        .attributes
        .insert("merchant_param".to_owned(), "dGFibGU9MTI=".to_owned());
    order.state = OrderState::Reversed;
    order.ended_at = Some(at("20260115100122"));
    answers(
        "order-timeout-auto-reversed",
        Ok(&plain(order.clone(), Some("288886863488188613"))),
    );
    (order.state, order.ended_at) = (OrderState::Reversing, None);
    let reply = plain(order, Some("288886863488188613"));
    let answer = encode(&route(path::ORDER), Ok(&reply));
    let text = body(&answer);
    assert!(
        text.contains(r#""auth_code":"288886863488188613","merchant_param":"dGFibGU9MTI=","#),
        "{text}"
    );
    assert!(
        text.ends_with(
            r#""begin_time":"20260115100002","total_fee":158,"fee_type":"CNY","state":3}}"#
        ),
        "{text}"
    );
}

#[test]
fn pre_orders() {
    let mut qr = order(5, "63c27efb-a133-4da0-91f3-6e7744b66826", "20260115100005");
    (qr.scene, qr.wallet, qr.amount_minor, qr.charge_fen) = (Scene::Qr, None, 1, 1);
    let prepaid = |order: &Order, handoff: Option<Handoff>| Reply::Prepaid {
        order: Box::new(order.clone()),
        attempt: None,
        handoff,
    };
    answers("preOrder-qrcode", Ok(&prepaid(&qr, None)));
    let number = Handoff::TradeNo("2026011522001404720201154848".to_owned());
    answers(
        "preOrder-alipay-jsapi",
        Ok(&prepaid(&unpaid_jsapi(), Some(number))),
    );
    let mut wechat = unpaid_jsapi();
    wechat.order_no = heliu_trade::id::OrderNo::from_u64(7);
    wechat.merchant_order_no = "deca1cd8-e4dc-42de-a4b6-9440d64af6f0".to_owned();
    let members = [
        ("appId", "wx00000000fufudemo"),
        ("timeStamp", "1768442400000"),
        ("nonceStr", "1768442400000"),
        ("package", "prepay_id=wx15100000000000000000000000000001"),
        ("signType", "MD5"),
        ("paySign", "2B9EF36F0868884124266EB2ED81F625"),
    ];
    let members = members
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    let invocation = Some(Handoff::Invocation(members));
    answers("preOrder-wechat-jsapi", Ok(&prepaid(&wechat, invocation)));
    let none = encode(&route(path::PRE_ORDER), Ok(&prepaid(&wechat, None)));
    assert!(body(&none).contains("SERVICE_UNAVAILABLE"));
}

#[test]
fn queries_tell_the_state_and_the_sums() {
    let mut partly = alipay_paid();
    partly.refunded = totals((58, 58));
    answers("query-paid", Ok(&plain(partly, Some("284214903060794755"))));
    answers("query-unpaid", Ok(&plain(unpaid_jsapi(), None)));
    let mut thai = thai_paid();
    thai.refunded = totals((2500, 507));
    let answer = encode(&route(path::QUERY), Ok(&plain(thai, None)));
    let expected = r#""total_fee":10000,"refund_fee":2500,"fee_type":"THB","exchange_rate":"0.2028","trans_amount_cny":2028,"refund_amount_cny":507,"state":4,"credit":"credit","time_zone":"#;
    assert!(body(&answer).contains(expected), "{}", body(&answer));
}

#[test]
fn cancel_and_close_name_the_order_also_when_they_fail() {
    let order_of = |number, text, state| {
        let mut order = order(number, text, "20260115100000");
        order.state = state;
        order
    };
    let cancelled = order_of(11, "20260115001069125011", OrderState::Reversing);
    answers("cancel-success", Ok(&plain(cancelled, None)));
    let early = order_of(12, "20260115001069125012", OrderState::Paying);
    let error = TradeError::new(ErrorCode::TooEarly, "wait").about(&early);
    answers("cancel-too-early", Err(&error));
    let error = TradeError::new(ErrorCode::OrderPaid, "paid").about(&alipay_paid());
    answers("cancel-already-paid", Err(&error));
    answers("cancel-already-paid", Ok(&plain(alipay_paid(), None)));
    let closed = Order {
        state: OrderState::Closed,
        ..unpaid_jsapi()
    };
    answers("close-success", Ok(&plain(closed, None)));
    for state in [OrderState::Open, OrderState::Paying] {
        let open = Order {
            state,
            ..unpaid_jsapi()
        };
        let answer = encode(&route(path::CLOSE), Ok(&plain(open, None)));
        assert!(body(&answer).contains(r#""return_msg":"SERVICE_UNAVAILABLE""#));
    }
}

#[test]
fn refunds() {
    let number = "b12959ea-3678-4ccc-b3b8-8d8a0a9fee42";
    let done = refund(
        9,
        number,
        (58, 58),
        "20260115101000",
        Some("20260115101001"),
    );
    let reply = told(alipay_paid(), done);
    answers("refund-partial-by-out_trade_no", Ok(&reply));
    answers("refundQuery-succ", Ok(&reply));
    let foreign = refund(
        10,
        "RB-0001",
        (2500, 507),
        "20260115101000",
        Some("20260115101002"),
    );
    answers(
        "refund-foreign-by-trade_no-bad-currency",
        Ok(&told(thai_paid(), foreign)),
    );
    let running = refund(10, "RB-0001", (2500, 507), "20260115101000", None);
    answers(
        "refundQuery-refunding",
        Ok(&told(thai_paid(), running.clone())),
    );
    let answer = encode(&route(path::REFUND), Ok(&told(thai_paid(), running)));
    assert!(body(&answer).contains("\"begin_time\"") && !body(&answer).contains("\"end_time\""));
}

/// Ruling 55: both numbers are the refund's, and so is the state.
#[test]
fn a_query_that_finds_a_refund_tells_it() {
    let number = "b12959ea-3678-4ccc-b3b8-8d8a0a9fee42";
    let end = Some("20260115101001");
    let done = refund(9, number, (58, 58), "20260115101000", end);
    answers("query-refund", Ok(&told(alipay_paid(), done.clone())));
    let at_end = at("20260115101001");
    for (state, sent_at, ended_at, expected) in [
        (RefundState::Refunding, None, None, 10),
        (RefundState::Refunding, Some(at_end), None, 8),
        (RefundState::Succeeded, Some(at_end), Some(at_end), 11),
        (RefundState::Failed, Some(at_end), Some(at_end), 12),
    ] {
        let found = Refund {
            state,
            sent_at,
            ended_at,
            ..done.clone()
        };
        let reply = told(thai_paid(), found);
        let answer = encode(&route(path::QUERY), Ok(&reply));
        let text = body(&answer);
        let end = format!(r#""fee_type":"THB","refund_amount_cny":58,"state":{expected},"#);
        assert!(text.contains(&end), "{text}");
        assert_eq!(text.contains("end_time"), ended_at.is_some(), "{text}");
    }
}

#[test]
fn a_failure_repeats_the_zone_that_its_call_named() {
    let zone = r#","time_zone":"+09:00"}}"#;
    let ends_in_zone = |interface: &str, outcome: Result<&Reply, &TradeError>| {
        let mut echo = route(interface);
        let pair = ("time_zone".to_owned(), "+09:00".to_owned());
        echo.values.push(pair);
        let answer = encode(&echo, outcome);
        let text = body(&answer);
        assert!(text.contains(r#""data":{"return_code":"FAIL""#), "{text}");
        text.ends_with(zone)
    };
    let mut failed = order(1, "a", "20260115100000");
    failed.state = OrderState::Failed;
    let reversed = Order {
        state: OrderState::Reversed,
        ..failed.clone()
    };
    for interface in path::ALL {
        for code in [ErrorCode::OrderNotFound, ErrorCode::InvalidAmount] {
            let error = TradeError::new(code, "a sentence");
            assert!(
                ends_in_zone(interface, Err(&error)),
                "{interface:?} {code:?}"
            );
        }
    }
    for interface in [path::CANCEL, path::CLOSE] {
        let error = TradeError::new(ErrorCode::OrderPaid, "paid").about(&alipay_paid());
        assert!(ends_in_zone(interface, Err(&error)));
        assert!(ends_in_zone(interface, Ok(&plain(alipay_paid(), None))));
    }
    for ended in [failed, reversed] {
        let error = TradeError::new(ErrorCode::OrderReversed, "ended").about(&ended);
        assert!(ends_in_zone(path::ORDER, Ok(&plain(ended, None))));
        assert!(ends_in_zone(path::ORDER, Err(&error)));
    }
}

#[test]
fn a_body_of_another_kind_is_told_as_that() {
    for (body_sent, kind) in [
        ("busi_id=880010000000001&out_trade_no=a", "a form"),
        ("<xml><busi_id>1</busi_id></xml>", "XML"),
    ] {
        let refused = undecoded(&signed(path::QUERY, body_sent));
        let answer = encode(&refused.echo, Err(&refused.error));
        let expected = r#"{"result":{"return_msg":"ILLEGAL_PARAMETER","return_code":"FAIL"}}"#;
        assert_eq!(body(&answer), expected);
        let detail = answer.headers["x-error-detail"].to_str().expect("a text");
        let told = format!("the body is {kind}; this address takes one JSON object");
        assert_eq!(detail, told);
    }
}

#[test]
fn an_address_that_the_engine_refuses_is_named() {
    let error = TradeError::new(ErrorCode::NotifyAddressRefused, "it leads inside");
    let answer = encode(&route(path::PRE_ORDER), Err(&error));
    assert_eq!(
        answer.headers["x-error-detail"],
        "notifyUrl: it leads inside"
    );
}

#[test]
fn a_refund_that_the_channel_refused_says_why() {
    let mut failed = refund(9, "R", (58, 58), "20260115101000", Some("20260115101001"));
    failed.state = RefundState::Failed;
    let reason = "NOTENOUGH".to_owned();
    failed.details.decline = Some(Decline {
        reason,
        kind: DeclineKind::Refused,
    });
    let reply = told(alipay_paid(), failed);
    let answer = encode(&route(path::REFUND), Ok(&reply));
    assert!(body(&answer).ends_with(r#""data":{"return_code":"FAIL","return_msg":"NOTENOUGH"}}"#));
    let answer = encode(&route(path::REFUND_QUERY), Ok(&reply));
    assert!(
        body(&answer).ends_with(r#""trade_status":"fail"}}"#),
        "{}",
        body(&answer)
    );
}

#[test]
fn a_refund_call_with_a_zone_of_its_own_is_told_in_it() {
    let mut done = refund(9, "R", (58, 58), "20260115101000", Some("20260115101001"));
    done.details
        .attributes
        .insert("time_zone".to_owned(), "+00:00".to_owned());
    let answer = encode(&route(path::REFUND), Ok(&told(thai_paid(), done)));
    let text = body(&answer);
    assert!(
        text.contains(r#""begin_time":"20260115021000","end_time":"20260115021001""#),
        "{text}"
    );
    assert!(text.ends_with(r#""time_zone":"+00:00"}}"#), "{text}");
}

#[test]
fn a_zone_that_only_the_call_named_is_repeated_and_moves_no_time() {
    let body_of_query =
        format!(r#"{{"busi_id":"880010000000001","out_trade_no":"a","time_zone":"{THAI}"}}"#);
    let decoded = decode(&signed(path::QUERY, &body_of_query));
    let answer = encode(&decoded.echo, Ok(&plain(alipay_paid(), None)));
    assert!(body(&answer).contains(r#""begin_time":"20260115100000""#));
    assert!(body(&answer).ends_with(&format!(r#""time_zone":"{THAI}"}}}}"#)));
}

#[test]
fn a_declined_order_says_the_channels_word_and_its_state() {
    for (kind, expected) in [
        (
            DeclineKind::Refused,
            r#""data":{"return_code":"FAIL","return_msg":"NOTENOUGH","channel_type":"1""#,
        ),
        (DeclineKind::CodeInvalid, r#""return_msg":"NOTENOUGH""#),
        (DeclineKind::Closed, r#""return_msg":"NOTENOUGH""#),
        (
            DeclineKind::Unreachable,
            r#"{"result":{"return_msg":"HTTP_EXCEPTION","return_code":"FAIL"}}"#,
        ),
        (
            DeclineKind::NotSecured,
            r#"{"result":{"return_msg":"CREATE_SECURITY_CONNECTION_ERROR","return_code":"FAIL"}}"#,
        ),
    ] {
        let mut order = order(1, "a", "20260115100000");
        (order.state, order.ended_at) = (OrderState::Failed, Some(at("20260115100001")));
        order.decline = Some(Decline {
            reason: "NOTENOUGH".to_owned(),
            kind,
        });
        let answer = encode(&route(path::ORDER), Ok(&plain(order, Some("28421490"))));
        assert!(
            body(&answer).contains(expected),
            "{kind:?}: {}",
            body(&answer)
        );
        let is_call = matches!(kind, DeclineKind::Unreachable | DeclineKind::NotSecured);
        assert_eq!(
            body(&answer).contains("28421490"),
            !is_call,
            "an echo like any other"
        );
        assert!(is_call || body(&answer).ends_with(r#""state":6}}"#));
    }
}

#[test]
fn an_undecided_order_is_no_answer_that_a_till_could_take_as_final() {
    for state in [OrderState::Open, OrderState::Paying] {
        let mut order = order(1, "a", "20260115100000");
        order.state = state;
        let answer = encode(&route(path::ORDER), Ok(&plain(order, None)));
        assert_eq!(
            body(&answer),
            r#"{"result":{"return_msg":"SERVICE_UNAVAILABLE","return_code":"FAIL"}}"#
        );
    }
}

#[test]
fn states_follow_from_state_and_refunds() {
    let none = totals((0, 0));
    let (part, all) = (totals((58, 58)), totals((158, 158)));
    for (state, refunded, refunding, last_refund_failed, expected) in [
        (OrderState::Open, none, none, false, 0),
        (OrderState::Paying, none, none, false, 0),
        (OrderState::Paid, none, none, false, 1),
        (OrderState::Expired, none, none, false, 2),
        (OrderState::Reversed, none, none, false, 2),
        (OrderState::Reversing, none, none, false, 3),
        (OrderState::Paid, part, none, false, 4),
        (OrderState::Paid, part, none, true, 4),
        (OrderState::Paid, all, none, false, 5),
        (OrderState::Failed, none, none, false, 6),
        (OrderState::Closed, none, none, false, 6),
        (OrderState::Paid, none, part, false, 8),
        (OrderState::Paid, part, part, true, 8),
        (OrderState::Paid, none, none, true, 9),
    ] {
        let mut order = order(1, "a", "20260115100000");
        (order.state, order.refunded, order.refunding) = (state, refunded, refunding);
        order.last_refund_failed = last_refund_failed;
        assert_eq!(codes::state(&order), expected, "{state:?}");
    }
}

#[test]
fn errors_stand_where_the_wire_puts_them() {
    let calls = [
        (ErrorCode::InvalidParameter, "ILLEGAL_PARAMETER"),
        (ErrorCode::UnsupportedWallet, "ILLEGAL_PARAMETER"),
        (ErrorCode::InvalidSignature, "INVALID_SIGN"),
        (ErrorCode::UnknownMerchant, "UNREGISTERED_BUSI"),
        (ErrorCode::RateLimited, "SERVICE_UNAVAILABLE"),
        (ErrorCode::ServiceUnavailable, "SERVICE_UNAVAILABLE"),
        (ErrorCode::ChannelUnreachable, "HTTP_EXCEPTION"),
        (
            ErrorCode::ChannelNotSecured,
            "CREATE_SECURITY_CONNECTION_ERROR",
        ),
        (ErrorCode::NotifyAddressRefused, "ILLEGAL_PARAMETER"),
        (ErrorCode::OutcomeUnknown, "IO_EXCEPTION"),
        (ErrorCode::BooksUnavailable, "DATABASE_ERROR"),
        (ErrorCode::Internal, "EXCEPTION"),
    ];
    let operations = [
        (ErrorCode::NoContract, "INVALID_CONTRACT"),
        (ErrorCode::InvalidAmount, "AMT_ERROR"),
        (ErrorCode::RefundExceedsRest, "AMT_ERROR"),
        (ErrorCode::RefundBalanceShort, "AMT_ERROR"),
        (ErrorCode::TooManyRefunds, "AMT_ERROR"),
        (ErrorCode::DuplicateOrder, "SERIAL_REPEAT"),
        (ErrorCode::DuplicateRefund, "SERIAL_REPEAT"),
        (ErrorCode::OrderNotFound, "CHARGE_NONEXISTENT"),
        (ErrorCode::RefundNotFound, "CHARGE_NONEXISTENT"),
        (ErrorCode::OrderReversed, "AREADY_REVOKED"),
        (ErrorCode::OrderPaid, "ORDER_PAID"),
        (ErrorCode::OrderEnded, "ORDER_FAILED"),
        (ErrorCode::OrderNotPaid, "ORDER_NOT_PAID"),
        (ErrorCode::OrderKindNotSupported, "ORDER_TYPE_NOT_SUPPORTED"),
        (ErrorCode::TooEarly, "CANCEL_TOO_EARLY"),
        (ErrorCode::OutsideHours, "SERVICE_UNAVAILABLE"),
        (ErrorCode::Declined, "PAYERROR"),
    ];
    for interface in path::ALL {
        let answer = |code| {
            let error = TradeError::new(code, "no").because("PAYERROR");
            body(&encode(&route(interface), Err(&error))).to_owned()
        };
        for (code, word) in calls {
            let expected =
                format!(r#"{{"result":{{"return_msg":"{word}","return_code":"FAIL"}}}}"#);
            assert_eq!(answer(code), expected);
        }
        for (code, word) in operations {
            let expected = format!(
                r#"{{"result":{{"return_msg":"OK","return_code":"SUCCESS"}},"data":{{"return_code":"FAIL","return_msg":"{word}"}}}}"#
            );
            assert_eq!(answer(code), expected);
        }
    }
}

#[test]
fn a_repeated_number_and_a_refusal_before_verification_repeat_nothing() {
    let error = TradeError::new(ErrorCode::DuplicateOrder, "in use").about(&alipay_paid());
    answers("neg-duplicate-out_trade_no", Err(&error));
    let error = TradeError::new(ErrorCode::OrderPaid, "paid").about(&alipay_paid());
    let context = EncodeContext {
        now: at("20260115120000"),
        public_url: PUBLIC_URL,
        is_verified: false,
        can_sign: true,
        agent: None,
        contracts: &[],
        nonce: &|length| "0".repeat(length),
        page_proof: &|_, _| "a1b2".to_owned(),
    };
    let Outgoing::Plain(answer) = Trade.encode(&route(path::CANCEL), Err(&error), context) else {
        panic!("signed")
    };
    assert!(!body(&answer).contains("trade_no"), "{}", body(&answer));
}

#[test]
fn the_detail_header_is_ascii_and_names_the_field() {
    let error = TradeError::field(ErrorCode::InvalidParameter, "pay_subject", "太长 100%\r\nx");
    let answer = encode(&route(path::ORDER), Err(&error));
    let detail = &answer.headers["x-error-detail"];
    assert_eq!(detail, "pay_subject: %E5%A4%AA%E9%95%BF 100%25%0D%0Ax");
    let error = TradeError::field(ErrorCode::InvalidParameter, "a", "付".repeat(5000));
    assert!(encode(&route("/"), Err(&error)).headers["x-error-detail"].len() < 4096);
}

#[test]
fn zones_are_read_in_three_forms() {
    let offset = |hours: i32| Zone::Offset {
        seconds: hours * 3600,
    };
    let iana = |name: &str| Zone::Iana(name.to_owned());
    for (text, zone) in [
        (THAI, iana("Asia/Bangkok")),
        ("中国标准时间;Asia/Shanghai;+08:00", iana("Asia/Shanghai")),
        ("Asia/Bangkok", iana("Asia/Bangkok")),
        ("+07:00", offset(7)),
        ("somewhere;No/Where;+09:00", offset(9)),
        ("UTC;Asia/Tokyo;+09:00", iana("Asia/Tokyo")),
        ("x; Asia/Tokyo ;+09:00", iana("Asia/Tokyo")),
        ("", Zone::BEIJING),
        (";;", Zone::BEIJING),
        ("nonsense", Zone::BEIJING),
        ("../../etc/passwd", Zone::BEIJING),
    ] {
        assert_eq!(codes::zone(Some(text)), zone, "{text}");
    }
    assert_eq!(codes::zone(None), Zone::BEIJING);
}

#[test]
fn texts_of_merchants_survive_as_json() {
    let mut order = alipay_paid();
    let nasty = "a\"b\\c/d\n\u{2028}付";
    Arc::make_mut(&mut order.details)
        .attributes
        .insert("merchant_param".to_owned(), nasty.to_owned());
    let answer = encode(&route(path::QUERY), Ok(&plain(order, None)));
    let value: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(value["data"]["merchant_param"], nasty);
    assert!(body(&answer).contains("c/d"), "a slash stays a slash");
}
