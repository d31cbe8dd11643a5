//! What an agent asks of payouts and statements, by the vectors and by what bad input comes to.

use std::collections::BTreeMap;

use heliu_ports::dialect::{
    Decoded, Dialect as _, EncodeContext, PayoutNotice, Signer, Surface as _,
};
use heliu_ports::signature::{KeyRole, Outgoing};
use heliu_ports::wire::{WireRequest, WireResponse};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::command::{AgentCommand, Command, Reply};
use heliu_trade::directory::Agent;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::AppId;
use heliu_trade::payout_view::{PayoutClass, PayoutPage, PayoutStanding, PayoutView, PayoutsAsked};
use serde_json::Value;

use crate::tests::shared;

use super::super::Leshua;
use super::super::payouts::Payouts;
use super::samples::{at, body, name, of_vector, text};

const GOLDEN: &str = include_str!("../golden/payouts.json");
const AGENT_KEY: &str = "11223344556677889900aabbccddeeff";

fn requests() -> Vec<Value> {
    let mut vectors = shared::vectors(GOLDEN);
    vectors.retain(|vector| vector["kind"] != "notification");
    vectors
}

fn vector(name: &str) -> Value {
    shared::vector(GOLDEN, &Leshua, name)
}

fn reading(decoded: &Decoded, key: &str) -> Option<&'static str> {
    shared::reading(decoded, |spec| {
        shared::compute(spec, &[(KeyRole::AGENT, key)])
    })
}

/// What a request asks by the reading that holds under the agent's key.
fn asked(request: &WireRequest, key: &str) -> Result<AgentCommand, TradeError> {
    let decoded = shared::decode(&Payouts, request);
    let reading = reading(&decoded, key).expect("the signature holds");
    let meant = Payouts.command_of_reading(request, reading);
    match meant.unwrap_or(decoded.command)? {
        Command::Agent(command) => Ok(command),
        other => panic!("{other:?}"),
    }
}

fn encode(route: &str, outcome: Result<&Reply, &TradeError>) -> WireResponse {
    let echo = heliu_ports::dialect::Echo {
        route: route.to_owned(),
        values: Vec::new(),
    };
    let context = EncodeContext {
        now: at("20260102120000"),
        public_url: "https://pay.example.test",
        is_verified: true,
        can_sign: true,
        agent: None,
        contracts: &[],
        nonce: &|_| String::new(),
        page_proof: &|_, _| String::new(),
    };
    match Payouts.encode(&echo, outcome, context) {
        Outgoing::Plain(answer) => answer,
        Outgoing::Sign { .. } => panic!("answers of this surface are not signed"),
    }
}

/// The bill that the vectors are about.
fn bill() -> PayoutView {
    PayoutView {
        bill_id: "20260102000000000001".to_owned(),
        app_id: AppId::from("9605000011"),
        class: PayoutClass::NextDay,
        standing: PayoutStanding::Paid,
        is_final: true,
        created_at: at("20260102040000"),
        answered_at: Some(at("20260102080000")),
        trade_date: "2026-01-01".parse().expect("a date"),
        plan_fen: 498,
        suspend_fen: 0,
        real_fen: 498,
        fail_reason: String::new(),
        previous_bill_id: None,
        card_masked: "620000*********0018".to_owned(),
        holder_masked: "*试法人".to_owned(),
        branch: "演示银行深圳支行".to_owned(),
    }
}

/// The bill as it stands where a vector says so.
fn bill_of(vector_name: &str) -> PayoutView {
    match vector_name {
        "payout-frozen" => PayoutView {
            standing: PayoutStanding::Frozen,
            answered_at: None,
            suspend_fen: 498,
            real_fen: 0,
            ..bill()
        },
        "payouts-failed" => PayoutView {
            standing: PayoutStanding::Failed,
            is_final: false,
            fail_reason: "输入的卡号无效,请确认后输入[1000014]".to_owned(),
            card_masked: "620000*********0711".to_owned(),
            ..bill()
        },
        _ => bill(),
    }
}

#[test]
fn a_signature_holds_where_its_vector_says_and_names_the_agent() {
    for vector in requests() {
        let decoded = shared::decode(&Payouts, &of_vector(&vector));
        let held = reading(&decoded, text(&vector, "/key"));
        assert_eq!(held.is_some(), vector["signature_valid"] == true);
        let agent = text(&vector, "/params/agentId").into();
        assert_eq!(decoded.signer, Signer::Agent(agent), "{}", name(&vector));
        assert_eq!(decoded.app, None);
        if held.is_some() {
            let key = text(&vector, "/key");
            let masked = decoded.readings.spec(0).masked();
            let expected = text(&vector, "/sign_input").replace(key, "***agent key***");
            assert_eq!(masked, expected, "{}", name(&vector));
        }
    }
}

#[test]
fn vectors_ask_and_are_answered_as_they_say() {
    for vector in requests() {
        let name = name(&vector);
        let request = of_vector(&vector);
        let route = shared::decode(&Payouts, &request).echo.route;
        let engine = |code| Err(TradeError::new(code, "the engine says so"));
        let outcome = match (name, vector["signature_valid"] == true) {
            (_, false) => engine(ErrorCode::InvalidSignature),
            ("neg-payout-other-agents" | "neg-payout-unknown", _) => {
                engine(ErrorCode::PayoutNotFound)
            }
            ("neg-payouts-other-agents-merchant", _) => engine(ErrorCode::UnknownMerchant),
            ("neg-statement-other-agents" | "neg-statement-unknown", _) => {
                engine(ErrorCode::StatementNotFound)
            }
            _ => match asked(&request, text(&vector, "/key")).expect("accepted") {
                AgentCommand::FindPayout { bill_id, classes } => {
                    assert_eq!(bill_id, bill().bill_id);
                    assert_eq!(classes, [PayoutClass::NextDay]);
                    Ok(Reply::Payout(Box::new(bill_of(name))))
                }
                AgentCommand::ListPayouts(asked) => {
                    let is_empty = matches!(name, "payouts-of-a-day-by-state")
                        || name == "payouts-failed-none";
                    let found = (!is_empty).then(|| bill_of(name));
                    Ok(Reply::Payouts(PayoutPage::of(
                        found.into_iter().collect(),
                        &asked,
                    )))
                }
                AgentCommand::FetchStatement { file } => {
                    assert_eq!(file, "10_trade_new_20260102.txt");
                    continue;
                }
                other => panic!("{other:?}"),
            },
        };
        let is_accepted = vector["expect"] == "accept";
        assert_eq!(outcome.is_ok(), is_accepted, "{name}");
        let answer = encode(&route, outcome.as_ref());
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.headers["content-type"],
            "application/json;charset=UTF-8"
        );
        if vector.get("response").is_some() {
            let said: Value = serde_json::from_str(body(&answer)).expect("JSON");
            let expected = text(&vector, "/response/body");
            let expected: Value = serde_json::from_str(expected).expect("JSON");
            assert_eq!(said, expected, "{name}");
        }
    }
}

#[test]
fn a_callback_is_worded_as_its_vector_says() {
    let agent = agent();
    let mut vectors = shared::vectors(GOLDEN);
    vectors.retain(|vector| vector["kind"] == "notification");
    assert_eq!(vectors.len(), 4);
    for vector in vectors {
        let payout = match name(&vector) {
            "callback-paid" => bill(),
            "callback-failed" => bill_of("payouts-failed"),
            "callback-returned" => PayoutView {
                standing: PayoutStanding::Returned,
                fail_reason: "退票".to_owned(),
                ..bill()
            },
            "callback-paid-on-a-new-bill" => PayoutView {
                bill_id: "20260103000000000001".to_owned(),
                previous_bill_id: Some(bill().bill_id),
                answered_at: Some(at("20260103080000")),
                ..bill()
            },
            other => panic!("{other}"),
        };
        let notice = PayoutNotice {
            agent: &agent,
            url: "https://agent.example/agent/payouts",
            payout: &payout,
        };
        let sent = Leshua.payout_notice(notice).expect("it ended");
        assert_eq!(
            sent.headers,
            [("Content-Type", "application/json".to_owned())]
        );
        let said: Value = serde_json::from_slice(&sent.body).expect("JSON");
        let expected: Value = serde_json::from_str(text(&vector, "/request/body")).expect("JSON");
        assert_eq!(said, expected, "{}", name(&vector));
    }
    for standing in [PayoutStanding::InProgress, PayoutStanding::Frozen] {
        let payout = PayoutView { standing, ..bill() };
        let notice = PayoutNotice {
            agent: &agent,
            url: "https://agent.example/agent/payouts",
            payout: &payout,
        };
        assert!(Leshua.payout_notice(notice).is_none());
    }
}

fn agent() -> Agent {
    Agent {
        agent_id: "10".into(),
        dialect_id: "leshua".into(),
        party_id: "10".into(),
        is_enabled: true,
        settings: BTreeMap::new(),
        mini_programs: BTreeMap::new(),
    }
}

#[test]
fn a_query_says_which_bills_it_means() {
    let asked = |name: &str| match asked(&of_vector(&vector(name)), AGENT_KEY) {
        Ok(AgentCommand::ListPayouts(asked)) => asked,
        other => panic!("{other:?}"),
    };
    let date = |text: &str| text.parse::<BusinessDate>().expect("a date");
    let all = PayoutsAsked {
        top_level_only: true,
        app_id: Some(AppId::from("9605000011")),
        created_on: date("2026-01-02"),
        classes: vec![PayoutClass::NextDay, PayoutClass::Adjustment],
        standing: None,
        page_no: 1,
        page_size: 20,
    };
    assert_eq!(asked("payouts-of-a-day"), all);
    let returned = PayoutsAsked {
        standing: Some(PayoutStanding::Returned),
        ..all.clone()
    };
    assert_eq!(asked("payouts-of-a-day-by-state"), returned);
    let beyond = PayoutsAsked {
        page_no: 99,
        ..all.clone()
    };
    assert_eq!(asked("payouts-beyond-the-last-page"), beyond);
    let failed = PayoutsAsked {
        top_level_only: false,
        app_id: None,
        standing: Some(PayoutStanding::Failed),
        ..all
    };
    assert_eq!(asked("payouts-failed"), failed);
}

/// A request of these parameters, signed as a client of this wire signs.
fn signed(path: &str, form: &[(&str, &str)]) -> WireRequest {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    match Payouts.sign_request(shared::request(path, "", body), at("20260102120000")) {
        Outgoing::Sign { spec, place } => {
            place(shared::compute(&spec, &[(KeyRole::AGENT, AGENT_KEY)]))
        }
        Outgoing::Plain(_) => panic!("nothing to sign"),
    }
}

const OF_MERCHANT: &str = "/open-api/agent/merchant-settlement-order";
const FAILED: &str = "/open-api/agent/agent-fail-settlement-order";
const ONE: &str = "/open-api/agent/settlement-order";

#[test]
fn what_is_wrong_is_named() {
    let bad = |path: &str, form: &[(&str, &str)]| {
        let error = asked(&signed(path, form), AGENT_KEY).expect_err("refused");
        assert_eq!(error.code, ErrorCode::InvalidParameter, "{error}");
        let answer = encode(path, Err(&error));
        let said: Value = serde_json::from_str(body(&answer)).expect("JSON");
        assert_eq!(said["error_code"], "000101");
        let field = error.field.expect("a field");
        assert!(text(&said, "/error_msg").contains(&field), "{said} {field}");
        field
    };
    let merchant = r#""merchantId":"9605000011""#;
    let day = r#""date":"2026-01-02""#;
    for (data, field) in [
        (String::new(), "data"),
        ("{".to_owned(), "data"),
        (format!("{{{day},{day}}}"), "data"),
        (
            format!("{{{day},\"type\":\"D1\",\"state\":4,\"pageNo\":1}}"),
            "merchantId",
        ),
        (
            format!("{{{merchant},\"type\":\"D1\",\"state\":4,\"pageNo\":1}}"),
            "date",
        ),
        (
            format!(r#"{{{merchant},"date":"2026-02-30","type":"D1","state":4,"pageNo":1}}"#),
            "date",
        ),
        (
            format!(r#"{{{merchant},"date":"20260102","type":"D1","state":4,"pageNo":1}}"#),
            "date",
        ),
        (
            format!(r#"{{{merchant},{day},"type":"T1","state":4,"pageNo":1}}"#),
            "type",
        ),
        (
            format!(r#"{{{merchant},{day},"type":"D1","state":5,"pageNo":1}}"#),
            "state",
        ),
        (
            format!(r#"{{{merchant},{day},"type":"D1","pageNo":1}}"#),
            "state",
        ),
        (
            format!(r#"{{{merchant},{day},"type":"D1","state":4,"pageNo":0}}"#),
            "pageNo",
        ),
        (
            format!(r#"{{{merchant},{day},"type":"D1","state":4,"pageNo":"x"}}"#),
            "pageNo",
        ),
        (
            format!(r#"{{"merchantId":[1],{day},"type":"D1","state":4,"pageNo":1}}"#),
            "merchantId",
        ),
    ] {
        let form = [("agentId", "10"), ("data", &*data)];
        assert_eq!(bad(OF_MERCHANT, &form), field, "{data}");
    }
    let data = r#"{"date":"2026-01-02","type":"D1","pageNo":1}"#;
    assert_eq!(bad(FAILED, &[("agentId", "10"), ("data", data)]), "type");
    for (form, field) in [
        (vec![("type", "t1")], "billId"),
        (vec![("billId", "20260102000000000001")], "type"),
        (vec![("billId", "1"), ("type", "D1")], "type"),
    ] {
        let mut form = form;
        form.insert(0, ("agentId", "10"));
        assert_eq!(bad(ONE, &form), field);
    }
}

#[test]
fn every_type_is_a_class_and_its_case_means_nothing() {
    for (word, classes) in [
        ("t0", &[PayoutClass::SameDay, PayoutClass::Withdrawal][..]),
        ("t1", &[PayoutClass::NextDay]),
        ("T1", &[PayoutClass::NextDay]),
        ("T1_Adjust", &[PayoutClass::Adjustment]),
    ] {
        let form = [("agentId", "10"), ("billId", "1"), ("type", word)];
        let expected = AgentCommand::FindPayout {
            bill_id: "1".to_owned(),
            classes: classes.to_vec(),
        };
        assert_eq!(asked(&signed(ONE, &form), AGENT_KEY), Ok(expected));
    }
}

#[test]
fn an_envelope_is_read_however_it_was_encoded() {
    let data = r#"{"merchantId":9605000011,"date":"2026-01-02","type":"D1","state":"4","pageNo":"1","note":"a+b %41"}"#;
    let sign = match Payouts.sign_request(
        shared::request(
            OF_MERCHANT,
            "",
            form_urlencoded::Serializer::new(String::new())
                .append_pair("agentId", "10")
                .append_pair("data", data)
                .finish(),
        ),
        at("20260102120000"),
    ) {
        Outgoing::Sign { spec, .. } => shared::compute(&spec, &[(KeyRole::AGENT, AGENT_KEY)]),
        Outgoing::Plain(_) => panic!("nothing to sign"),
    };
    let raw = format!("agentId=10&sign={sign}&data={data}");
    for request in [
        shared::request(OF_MERCHANT, "", raw.clone()),
        shared::request(OF_MERCHANT, &raw, ""),
    ] {
        let found = asked(&request, AGENT_KEY);
        assert!(
            matches!(found, Ok(AgentCommand::ListPayouts(_))),
            "{found:?}"
        );
    }
}
