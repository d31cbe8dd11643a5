//! A wire with two surfaces behind the gateway: each obeys its own routes and methods, signer and
//! keys, limit, freshness and rule of recording.

mod house;
mod wire;

use std::collections::BTreeSet;
use std::time::Duration;

use heliu_ports::dialect::{Dialect, SignerKind};
use heliu_trade::followup::notification::NoticeKind;
use http::Method;

use house::{AGENT_KEY, APP_KEY, Asked, House};
use wire::{DESK_BYTES_MAX, Duo, FRESHNESS_MS, PACE, PAPERS_BYTES_MAX};

/// The answer of a surface that believed the request: it asks for an order that nobody has.
fn believed(surface: &str) -> String {
    format!("{surface}: order_not_found")
}

#[tokio::test(start_paused = true)]
async fn a_path_and_a_method_lead_to_their_surface() {
    let house = House::open().await;
    for path in [
        "/duo/Desk",
        "/duo/Desk/",
        "/DUO/desk",
        "/duo/box",
        "/Duo/Box/",
    ] {
        let answer = house.ask(Asked::by_app("POST", path, "")).await;
        assert_eq!(answer.text, believed("desk"), "{path}");
    }
    for (method, path) in [
        ("GET", "/duo/papers"),
        ("PUT", "/duo/papers/"),
        ("PUT", "/duo/PAPERS"),
        ("GET", "/duo/box"),
        ("GET", "/DUO/BOX"),
    ] {
        let answer = house.ask(Asked::by_agent(method, path, "", 0)).await;
        assert_eq!(answer.text, believed("papers"), "{method} {path}");
    }
    let nowhere = house.ask(Asked::by_app("POST", "/duo/elsewhere", "")).await;
    assert_eq!(nowhere.status, 404);
}

#[tokio::test(start_paused = true)]
async fn another_method_is_told_which_the_path_takes() {
    let house = House::open().await;
    for (method, path, allowed) in [
        ("GET", "/duo/Desk", "POST"),
        ("PUT", "/duo/desk", "POST"),
        ("POST", "/duo/papers", "GET HEAD PUT"),
        ("DELETE", "/duo/box", "GET HEAD POST"),
        ("DELETE", "/duo/BOX/", "GET HEAD POST"),
    ] {
        let answer = house.ask(Asked::by_app(method, path, "")).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        let allow = answer.allow.expect("what is allowed");
        let told: BTreeSet<_> = allow.split(',').map(str::trim).collect();
        assert_eq!(told, allowed.split(' ').collect(), "{method} {path}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_surface_believes_its_own_signer_and_key() {
    let house = House::open().await;
    for (method, path, signer, key, told) in [
        (
            "POST",
            "/duo/box",
            "shop",
            AGENT_KEY,
            "desk: invalid_signature",
        ),
        (
            "POST",
            "/duo/box",
            "house",
            AGENT_KEY,
            "desk: unknown_merchant",
        ),
        (
            "GET",
            "/duo/box",
            "house",
            APP_KEY,
            "papers: invalid_signature",
        ),
        ("GET", "/duo/box", "shop", APP_KEY, "papers: unknown_agent"),
    ] {
        let asked = Asked::signed(method, path, "", (signer, key), 0);
        assert_eq!(house.ask(asked).await.text, told, "{method} as {signer}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_surface_has_its_own_limit_of_a_body() {
    let house = House::open().await;
    for (bytes, told) in [
        (DESK_BYTES_MAX, "desk: order_not_found"),
        (DESK_BYTES_MAX + 1, "desk: invalid_parameter"),
    ] {
        let body = "a".repeat(bytes);
        let answer = house.ask(Asked::by_app("POST", "/duo/box", &body)).await;
        assert_eq!(answer.text, told, "{bytes}");
    }
    for (bytes, told) in [
        (DESK_BYTES_MAX + 1, "papers: order_not_found"),
        (PAPERS_BYTES_MAX, "papers: order_not_found"),
        (PAPERS_BYTES_MAX + 1, "papers: invalid_parameter"),
    ] {
        let body = "a".repeat(bytes);
        let asked = Asked::by_agent("PUT", "/duo/papers", &body, 0);
        assert_eq!(house.ask(asked).await.text, told, "{bytes}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_surface_has_its_own_rule_of_freshness() {
    let house = House::open().await;
    for age_ms in [0, FRESHNESS_MS + 1, -FRESHNESS_MS - 1] {
        let asked = Asked::signed("POST", "/duo/box", "", ("shop", APP_KEY), age_ms);
        assert_eq!(house.ask(asked).await.text, believed("desk"), "{age_ms}");
    }
    for (age_ms, told) in [
        (FRESHNESS_MS, "papers: order_not_found"),
        (-FRESHNESS_MS, "papers: order_not_found"),
        (FRESHNESS_MS + 1, "papers: stale_request"),
        (-FRESHNESS_MS - 1, "papers: stale_request"),
    ] {
        let asked = Asked::by_agent("GET", "/duo/box", "", age_ms);
        assert_eq!(house.ask(asked).await.text, told, "{age_ms}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_surfaces_pace_is_its_signers_and_its_clocks() {
    let house = House::open().await;
    let papers = || Asked::by_agent("GET", "/duo/box", "", 0);
    let wrong = Asked::signed("GET", "/duo/box", "", ("house", APP_KEY), 0);
    for _ in 0..PACE.requests {
        // What nobody signed counts for nobody.
        house.ask(wrong.clone()).await;
        assert_eq!(house.ask(papers()).await.text, believed("papers"));
    }
    let refused = house.ask(papers()).await;
    assert_eq!(refused.text, "papers: rate_limited");
    // Another surface states no pace.
    let desk = house.ask(Asked::by_app("POST", "/duo/box", "")).await;
    assert_eq!(desk.text, believed("desk"));
    tokio::time::advance(Duration::from_millis(19_999)).await;
    assert_eq!(house.ask(papers()).await.text, "papers: rate_limited");
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(house.ask(papers()).await.text, believed("papers"));
}

#[tokio::test(start_paused = true)]
async fn a_body_is_kept_as_its_surface_says() {
    let house = House::open().await;
    let body = "face of a payer, code=284214903060794755";
    let at_the_desk = Asked::by_app("POST", "/duo/box", body);
    let papers = Asked::by_agent("PUT", "/duo/papers", body, 0);
    let query_of_papers = papers.query.clone();

    let (request, answer) = house.kept(&house.ask(at_the_desk).await).await;
    assert_eq!(request.body, "face of a payer, code=28************4755");
    assert_eq!(answer.outcome, "order_not_found");

    let (request, answer) = house.kept(&house.ask(papers).await).await;
    assert_eq!(request.body, "(40 bytes, not kept)");
    assert_eq!(request.query, query_of_papers);
    assert_eq!(answer.outcome, "order_not_found");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_kept_of_papers_that_nobody_believed() {
    let house = House::open().await;
    let body = "face of a payer, code=284214903060794755";
    let forged = |method, path, signer| Asked::signed(method, path, body, (signer, "no key"), 0);
    let unread = |method, path| Asked {
        query: "code=284214903060794755".to_owned(),
        ..forged(method, path, "")
    };

    let (_, answer) = house
        .kept(&house.ask(forged("POST", "/duo/box", "shop")).await)
        .await;
    let signing = answer.signing.expect("what should have been signed");
    assert!(signing.contains("face of a payer, code=28***"), "{signing}");

    let (request, answer) = house
        .kept(&house.ask(forged("PUT", "/duo/papers", "house")).await)
        .await;
    let signing = answer.signing.expect("under which reading");
    assert!(
        signing.contains("(whole)") && !signing.contains("face"),
        "{signing}"
    );
    assert_eq!(request.body, "(40 bytes, not kept)");

    let (request, _) = house
        .kept(&house.ask(unread("POST", "/duo/box")).await)
        .await;
    assert_eq!(request.body, "face of a payer, code=28************4755");
    assert_eq!(request.query, "code=28************4755");

    let (request, _) = house
        .kept(&house.ask(unread("PUT", "/duo/papers")).await)
        .await;
    assert_eq!(
        (&*request.body, &*request.query),
        ("(40 bytes, not kept)", "")
    );
}

#[test]
fn a_signer_needs_the_keys_of_all_surfaces_on_which_it_signs() {
    let duo: &dyn Dialect = &Duo;
    assert_eq!(duo.key_roles(SignerKind::App), ["trade", "notify"]);
    assert_eq!(duo.key_roles(SignerKind::Agent), ["agent"]);
    assert!(duo.is_signed_by(SignerKind::App) && duo.is_signed_by(SignerKind::Agent));
    assert_eq!(duo.signer_of_notice(NoticeKind::OrderPaid), SignerKind::App);
    assert_eq!(
        duo.signer_of_notice(NoticeKind::RefundEnded),
        SignerKind::Agent
    );
}

#[test]
fn a_surface_is_found_by_method_and_path_as_the_gateway_finds_it() {
    let duo: &dyn Dialect = &Duo;
    for (method, path, name) in [
        (Method::POST, "/duo/box", Some("desk")),
        (Method::GET, "//DUO/box/", Some("papers")),
        (Method::PUT, "/duo/papers", Some("papers")),
        (Method::DELETE, "/duo/box", None),
        (Method::POST, "/duo", None),
    ] {
        let found = duo.surface_at(&method, path);
        let found = found.map(|surface| surface.descriptor().name);
        assert_eq!(found, name, "{method} {path}");
    }
}
