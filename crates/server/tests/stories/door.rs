//! What strangers find at the door: limits, answers to what is no request, and numbers that tell
//! nothing.

use std::time::Duration;

use crate::harness::{Demo, Json, Setup, eventually, fresh, sign, spoken};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How many times faster than the wall the demo's clocks run: nothing here waits.
const FACTOR: u64 = 1;
/// A till must not wait longer for a payment that takes no time.
const WITHIN: Duration = Duration::from_secs(20);

/// A demo with a configuration file of its own.
fn configured(story: &str, text: &str) -> Setup {
    let setup = Setup::new(story, FACTOR);
    let file = setup.file("heliu.toml");
    std::fs::write(&file, text).unwrap();
    setup.with("HELIU_CONFIG", file.to_str().unwrap())
}

/// All that comes back for these bytes.
async fn raw(address: &str, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    let _abrupt = tokio::time::timeout(WITHIN, reading).await.expect("an end");
    String::from_utf8_lossy(&answer).into_owned()
}

fn address(url: &str) -> &str {
    url.trim_start_matches("http://").trim_end_matches('/')
}

/// A request of the demo's merchant with another body and headers: status, request id and text.
async fn post(
    demo: &Demo,
    interface: &str,
    query: &str,
    body: String,
    from: Option<&str>,
) -> (u16, Option<String>, String) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/{interface}?{query}", demo.till.base);
    let mut request = http.post(url).body(body);
    if let Some(from) = from {
        request = request.header("X-Forwarded-For", from);
    }
    let answer = request.send().await.unwrap();
    let id = answer.headers().get("x-request-id");
    let id = id.map(|id| id.to_str().unwrap().to_owned());
    (answer.status().as_u16(), id, answer.text().await.unwrap())
}

async fn signed(
    demo: &Demo,
    interface: &str,
    body: String,
    from: Option<&str>,
) -> (u16, Option<String>, String) {
    let query = format!(
        "sign={}",
        sign(&demo.till.key, "1768442400000", body.as_bytes())
    );
    post(demo, interface, &query, body, from).await
}

/// What an operator sees of an exchange, once it is written whole: nobody waits for that.
async fn shown(setup: &Setup, request_id: &str) -> String {
    eventually("the exchange is written", async || {
        let shown = spoken(&setup.run(&["exchanges", "show", request_id]));
        let is_whole = shown.contains("  answered  ") && !shown.contains("not yet");
        is_whole.then_some(shown)
    })
    .await
}

fn order(demo: &Demo, number: &str, subject: &str) -> String {
    let members = [
        ("busi_id", Json::from(&demo.till.busi_id)),
        ("operator_id", "oper01".into()),
        ("total_fee", 158.into()),
        ("channel_type", "0".into()),
        ("auth_code", "284214903060794700".into()),
        ("pay_subject", subject.into()),
        ("out_trade_no", number.into()),
        ("fee_type", "CNY".into()),
    ];
    let members = members.map(|(name, value)| (name.to_owned(), value));
    Json::Object(members.into_iter().collect()).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_request_is_answered_by_every_listener() {
    let setup = Setup::new("framing", FACTOR);
    let demo = setup.start().await;
    let long = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
        "x".repeat(17_000)
    );
    let lengths = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab";
    let coding = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: brotli\r\n\r\nab";
    let blank =
        "POST /gateway/pay/query?sign=a b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
    for listener in ["platform", "sandbox", "admin"] {
        let at = address(demo.about.str(listener));
        for (bytes, status) in [(blank, 400), (&*long, 431), (lengths, 400), (coding, 400)] {
            let answer = raw(at, bytes).await;
            let begins = format!("HTTP/1.1 {status} ");
            let request: String = bytes.chars().take(60).collect();
            assert!(
                answer.starts_with(&begins),
                "{listener}: {request:?}: {answer:?}"
            );
        }
        let answer = raw(
            at,
            "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        )
        .await;
        assert!(
            answer.contains("\r\nContent-Length: "),
            "{listener}: {answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_id_tells_nothing_and_leads_to_its_exchange() {
    let setup = configured("ids", "trusted_proxies = [\"127.0.0.1\"]\n");
    let demo = setup.start().await;
    let body = order(&demo, &fresh("id"), "面");
    let (_, id, text) = signed(&demo, "order", body.clone(), Some("203.0.113.9, 10.0.0.1")).await;
    let id = id.expect("an id");
    assert!(
        id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{id}"
    );
    let answer = Json::parse(&text).unwrap();
    let data = answer.get("data").unwrap_or_else(|| panic!("{text}"));
    let trade_no = data.str("trade_no");
    let told = shown(&setup, &id).await;
    for words in [
        "from 10.0.0.1",
        "/gateway/pay/order",
        trade_no,
        "status 200",
    ] {
        assert!(told.contains(words), "{words:?} in {told}");
    }
    assert!(!told.contains("284214903060794700"), "{told}");
    assert!(
        setup
            .story(trade_no)
            .contains(&format!("heliu exchanges show {id}"))
    );
    // One that was refused before anybody's signature held is found as well.
    let wrong = format!("sign={}:1768442400000", "0".repeat(32));
    let (_, id, _) = post(&demo, "order", &wrong, body, None).await;
    let id = id.expect("an id");
    let told = shown(&setup, &id).await;
    for words in [
        "from 127.0.0.1",
        "nobody whose signature held",
        "string to sign",
    ] {
        assert!(told.contains(words), "{words:?} in {told}");
    }
    for unknown in ["0000000000000001", "no id", &"0".repeat(32)] {
        let shown = setup.run(&["exchanges", "show", unknown]);
        assert!(!shown.status.success(), "{}", spoken(&shown));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_cannot_be_read_through() {
    let setup = configured("guesses", "trusted_proxies = [\"127.0.0.1\"]\n");
    let demo = setup.start().await;
    let order = demo
        .till
        .qr_order(&fresh("page"), 158, "http://127.0.0.1:9/n")
        .await;
    let page = order.str("qr_code").replace("&amp;", "&");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let status = async |url: String, from: &str| {
        let request = http.get(url).header("X-Forwarded-For", from);
        request.send().await.unwrap().status().as_u16()
    };
    let platform = demo.about.str("platform").trim_end_matches('/').to_owned();
    let guess = |number: u32| {
        let app = &demo.till.busi_id;
        format!("{platform}/online/pay/?id={app}&tradeNo=15989156610{number:05}&price=1.58")
    };
    let mut guesses = 0;
    while status(guess(guesses), "203.0.113.1").await != 429 {
        guesses += 1;
        assert!(guesses < 100, "so many guesses were listened to");
    }
    assert_eq!(
        status(page.clone(), "203.0.113.1").await,
        429,
        "the right one too"
    );
    assert_eq!(status(page, "203.0.113.2").await, 200, "another payer's");
    let callback = format!("{platform}/callback/bm90IG91cnM");
    let mut missed = 0;
    let post = async |from: &str| {
        let request = http
            .post(&callback)
            .header("X-Forwarded-For", from)
            .body("x");
        request.send().await.unwrap().status().as_u16()
    };
    while post("203.0.113.3").await != 429 {
        missed += 1;
        assert!(missed < 100, "so many callbacks were listened to");
    }
    assert_eq!(post("203.0.113.4").await, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_who_is_too_fast_fills_no_disk() {
    let setup = configured("fast", "requests_per_app_per_s = 1\n");
    let demo = setup.start().await;
    let mut refused = None;
    for _ in 0..10 {
        let body = order(&demo, &fresh("fast"), &"面".repeat(15_000));
        let (_, id, text) = signed(&demo, "order", body, None).await;
        if text.contains("SERVICE_UNAVAILABLE") || text.contains("too many") {
            refused = id;
        }
    }
    let id = refused.expect("of ten at once some are too many");
    let told = shown(&setup, &id).await;
    assert!(told.contains("rate_limited"), "{told}");
    assert!(told.len() < 3 * 4096, "{} bytes are kept", told.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_few_files_half_sent_headers_keep_no_payment_from_its_channel() {
    let mut setup = Setup::new("files", FACTOR);
    setup.start_by(&["sh", "-c", "ulimit -n 320; exec \"$0\" \"$@\""]);
    let demo = setup.start().await;
    let mut halves = Vec::new();
    for _ in 0..500 {
        let mut half = TcpStream::connect(demo.address()).await.unwrap();
        let _ = half
            .write_all(b"POST /gateway/pay/order HTTP/1.1\r\nHost: half")
            .await;
        halves.push(half);
    }
    for _ in 0..5 {
        let till = demo.till.clone().with_new_connections();
        let number = fresh("files");
        let paying = till.order(&number, 158, "284214903060794700");
        let paid = tokio::time::timeout(WITHIN, paying).await.expect("in time");
        assert_eq!(paid.outcome(), "SUCCESS", "{}", paid.text);
    }
    assert!(demo.log().contains("only so many files may be open"));
    drop(halves);
    setup.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_refusals_takes_few_lines_of_the_log() {
    let setup = Setup::new("flood", FACTOR);
    let demo = setup.start().await;
    for request in 0..300 {
        let query = format!("sign={request:032}:1768442400000");
        let body = order(&demo, "flood", "面");
        let (status, id, _) = post(&demo, "order", &query, body, None).await;
        assert!(status == 200 && id.is_some());
    }
    let log = demo.log();
    let lines = log
        .lines()
        .filter(|line| line.contains("merchant request refused"))
        .count();
    assert_eq!(lines, 1, "{log}");
}

#[test]
fn a_configuration_tells_all_its_faults_and_none_of_its_secrets() {
    let setup = configured(
        "faults",
        "databse_url = \"postgres://heliu:s3cret@db/heliu\"\nnode = \"s3cret\"\nsms_url = \"https://s3cret\"\n",
    );
    let setup = setup
        .with("HELIU_DATABSE", "s3cret")
        .with("HELIU_LISTEN", "s3cret");
    let told = setup.run(&["serve"]);
    assert!(!told.status.success());
    let told = spoken(&told);
    for words in [
        "line 1: there is no option databse_url",
        "line 2: node wants",
        "HELIU_LISTEN wants",
        "no variable HELIU_DATABSE",
        "sms_token_file",
    ] {
        assert!(told.contains(words), "{words:?} in {told}");
    }
    assert!(!told.contains("s3cret"), "{told}");
}
