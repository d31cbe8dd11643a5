//! Story: every vector of the specification over HTTP, accepted or rejected as it says, and
//! answered member by member as ruling 50 wants it.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{
    Answer, Demo, Heard, Json, Receiver, Setup, Till, eventually, sign, verifies,
};
use crate::vectors::fufu::{Comparison, all};
use crate::vectors::{Numbers, Vector, by_name};

/// What an answer must be where the file has no body to compare it with.
#[derive(Clone, Copy)]
enum End {
    /// A barcode order, paid; what was sent comes back.
    Paid,
    /// A pre-order for WeChat's JSAPI.
    Created,
    /// A refund that is done.
    Refunded,
    /// The number exists already, which only a request with a good signature is told.
    Repeated,
}

const LIBERAL: [(&str, End); 20] = [
    ("lib-empty-optional-values", End::Paid),
    ("lib-unknown-extra-field", End::Paid),
    ("lib-numbers-instead-of-strings", End::Paid),
    ("lib-chinese-utf8", End::Paid),
    ("lib-chinese-unicode-escapes", End::Paid),
    ("lib-value-with-spaces", End::Paid),
    ("lib-value-with-escaped-newline", End::Paid),
    ("lib-crlf-indent", End::Paid),
    ("lib-tab-indent-signed-all-whitespace", End::Paid),
    ("lib-tab-indent-signed-literal-rule", End::Paid),
    ("lib-signed-unstripped", End::Paid),
    ("lib-ideographic-space-kept", End::Paid),
    ("lib-ideographic-space-removed", End::Paid),
    ("lib-sign-upper-case-hex", End::Paid),
    ("lib-extra-query-parameter", End::Paid),
    ("lib-timestamp-one-day-old", End::Paid),
    ("lib-preOrder-old-subAppid", End::Created),
    ("lib-refundQuery-by-out_refund_no", End::Refunded),
    ("published-sample-traditional", End::Paid),
    ("published-sample-simplified", End::Repeated),
];

/// Plays vectors against one demo and keeps what went wrong.
struct Player<'a> {
    demo: &'a Demo,
    vectors: &'a BTreeMap<String, Vector>,
    pay_sign_key: String,
    numbers: Numbers,
    played: BTreeSet<String>,
    wrong: Vec<String>,
}

impl<'a> Player<'a> {
    fn new(demo: &'a Demo, vectors: &'a BTreeMap<String, Vector>) -> Player<'a> {
        let pay_sign_key = demo.wechat_v2_key().to_owned();
        Player {
            demo,
            vectors,
            pay_sign_key,
            numbers: Numbers::default(),
            played: BTreeSet::new(),
            wrong: Vec::new(),
        }
    }

    fn vector(&self, name: &str) -> &'a Vector {
        self.vectors
            .get(name)
            .unwrap_or_else(|| panic!("no vector {name}"))
    }

    /// Sends a vector as it stands, or with the real numbers in it and signed again.
    async fn send(&self, vector: &Vector) -> Answer {
        let body = self.numbers.put_into(&vector.body);
        let query = if body == vector.body {
            vector.query.clone()
        } else {
            format!(
                "sign={}",
                sign(&vector.key, vector.timestamp(), body.as_bytes())
            )
        };
        let sent = self
            .demo
            .till
            .post(vector.interface(), &query, body.into_bytes())
            .await;
        sent.unwrap_or_else(|problem| panic!("{}: {problem}", vector.name))
    }

    /// Plays a vector whose answer is in the file.
    async fn play(&mut self, name: &str) -> Answer {
        let answer = self.send(self.vector(name)).await;
        self.judge(name, &answer);
        answer
    }

    /// Compares an answer with the one in the file.
    fn judge(&mut self, name: &str, answer: &Answer) {
        let printed = self.vector(name).printed();
        answer.assert_frame();
        let mut wrong = self.compare(&printed.body, &answer.json);
        if i64::from(answer.status) != printed.status || answer.content_type != printed.content_type
        {
            wrong.push(format!("{} {}", answer.status, answer.content_type));
        }
        self.note(name, &printed.body, &answer.text, wrong);
    }

    fn compare(&mut self, expected: &str, got: &Json) -> Vec<String> {
        let (numbers, pay_sign_key) = (&mut self.numbers, &*self.pay_sign_key);
        let mut comparison = Comparison {
            numbers,
            pay_sign_key,
            wrong: Vec::new(),
        };
        comparison.bodies(&Json::parse(expected).unwrap(), got);
        comparison.wrong
    }

    fn note(&mut self, name: &str, expected: &str, got: &str, wrong: Vec<String>) {
        self.played.insert(name.to_owned());
        if !wrong.is_empty() {
            let wrong = wrong.join("\n      ");
            self.wrong.push(format!(
                "{name}:\n      {wrong}\n  expected {expected}\n  got      {got}"
            ));
        }
    }

    /// Plays a vector whose answer is not in the file.
    async fn play_liberal(&mut self, name: &str, end: End) {
        let vector = self.vector(name);
        assert!(
            vector.accept && vector.response.is_none(),
            "{name} has an answer in the file"
        );
        let answer = self.send(vector).await;
        answer.assert_frame();
        let mut wrong = Vec::new();
        let (outcome, description) = match end {
            End::Paid => ("SUCCESS", "accepted and paid, what was sent comes back"),
            End::Created => ("SUCCESS", "accepted, with payInfo"),
            End::Refunded => ("SUCCESS", "accepted, with the refund's fate"),
            End::Repeated => ("SERIAL_REPEAT", "accepted, the number exists already"),
        };
        if answer.outcome() != outcome {
            wrong.push(format!(
                "the outcome is {outcome}, not {}",
                answer.outcome()
            ));
        } else {
            let data = answer.data().unwrap();
            match end {
                End::Paid => wrong.extend(not_echoed(&vector.body, data)),
                End::Created if data.get("payInfo").is_none() => {
                    wrong.push("payInfo is there".into())
                }
                End::Refunded if data.str("trade_status") != "succ" => {
                    wrong.push("it is done".into())
                }
                _ => {}
            }
        }
        self.note(name, description, &answer.text, wrong);
    }

    /// A till for orders that the vectors need beside them.
    fn till(&self) -> &'a Till {
        &self.demo.till
    }
}

/// What a paid barcode order must give back of its request, and nothing more.
fn not_echoed(sent: &str, data: &Json) -> Vec<String> {
    let sent = Json::parse(sent).unwrap();
    let mut wrong = Vec::new();
    for name in [
        "out_trade_no",
        "auth_code",
        "merchant_param",
        "operator_id",
        "terminal_id",
        "fee_type",
    ] {
        let expected = sent.get(name).filter(|value| value.text() != Some(""));
        if data.get(name) != expected {
            wrong.push(format!("{name} is {expected:?}, not {:?}", data.get(name)));
        }
    }
    let fee = sent
        .get("total_fee")
        .map(|fee| fee.to_string().replace('"', ""));
    if data.get("total_fee") != fee.map(Json::Number).as_ref() || data.int("state") != 1 {
        wrong.push("total_fee is the number sent and the state is 1".to_owned());
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_vector_is_accepted_or_rejected_as_it_says() {
    let vectors = by_name(all());
    let (usual, slow) = (Setup::new("vectors", 20), Setup::new("vectors-slow", 4));
    let (usual_demo, slow_demo) = (usual.start().await, slow.start().await);
    let mut first = Player::new(&usual_demo, &vectors);
    orders(&mut first).await;
    what_follows_orders(&mut first).await;
    rejections(&mut first).await;
    for (name, end) in LIBERAL {
        first.play_liberal(name, end).await;
    }
    let mut second = Player::new(&slow_demo, &vectors);
    what_needs_time(&mut second).await;
    notifications(&mut second).await;

    let played: BTreeSet<&String> = first.played.union(&second.played).collect();
    let missing: Vec<&String> = vectors
        .keys()
        .filter(|name| !played.contains(name))
        .collect();
    println!("{} of {} vectors played", played.len(), vectors.len());
    assert!(missing.is_empty(), "not played: {missing:?}");
    let wrong: Vec<String> = first.wrong.into_iter().chain(second.wrong).collect();
    assert!(
        wrong.is_empty(),
        "{} vectors went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    usual.assert_books_balance();
    slow.assert_books_balance();
}

/// Guards the other test: its signatures, numbers and table fit the file.
#[test]
fn the_file_and_the_test_fit_each_other() {
    let vectors = all();
    for vector in vectors
        .iter()
        .filter(|vector| ["request", "notification"].contains(&&*vector.kind))
    {
        let body = vector.body.as_bytes();
        assert!(
            verifies(&vector.key, &vector.query, body),
            "{}",
            vector.name
        );
    }
    let without_answer = vectors.iter().filter(|vector| vector.response.is_none());
    let names: BTreeSet<&str> = without_answer.map(|vector| vector.name.as_str()).collect();
    let table: BTreeSet<&str> = LIBERAL.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, table);
    let pay_sign_key = "wx_sim_api_key_0123456789abcdef0";
    let printed = vectors
        .iter()
        .find(|vector| vector.name == "preOrder-wechat-jsapi")
        .unwrap();
    let printed = Json::parse(&printed.printed().body).unwrap();
    let mut numbers = Numbers::default();
    let mut comparison = Comparison {
        numbers: &mut numbers,
        pay_sign_key,
        wrong: Vec::new(),
    };
    comparison.bodies(&printed, &printed);
    assert_eq!(
        comparison.wrong.len(),
        1,
        "only trade_no is not of our form: {:?}",
        comparison.wrong
    );
}

async fn orders(player: &mut Player<'_>) {
    player.play("order-alipay-success").await;
    player.play("order-pretty-printed-auto-channel").await;
    player.play("order-foreign-currency-thb").await;
    // The code's own digits say "pays at once"; here its payer never confirms.
    let code = "288886863488188613";
    player.demo.sandbox.steer_code(code, "91").await;
    player.play("order-timeout-auto-reversed").await;
    player.demo.sandbox.steer_code(code, "13").await;
    player.play("preOrder-qrcode").await;
    player.play("preOrder-alipay-jsapi").await;
    player.play("preOrder-wechat-jsapi").await;
}

async fn what_follows_orders(player: &mut Player<'_>) {
    player.play("refund-partial-by-out_trade_no").await;
    player.play("refund-foreign-by-trade_no-bad-currency").await;
    for name in [
        "query-paid",
        "query-unpaid",
        "query-not-found",
        "cancel-not-found",
    ] {
        player.play(name).await;
    }
    cancel_success(player).await;
    for name in [
        "cancel-already-paid",
        "close-success",
        "refundQuery-succ",
        "query-refund",
    ] {
        player.play(name).await;
    }
}

/// A barcode order whose payer never confirms, in flight on another connection.
async fn unpaid_order(till: &Till, number: &'static str) -> tokio::task::JoinHandle<Answer> {
    let caller = till.clone();
    let call = tokio::spawn(async move { caller.order(number, 158, "284214903060794791").await });
    eventually(number, async || {
        (till.query(number).await.state() == Some(0)).then_some(())
    })
    .await;
    call
}

/// Cancelled as soon as the order is old enough; the call that waits for it hears of it.
async fn cancel_success(player: &mut Player<'_>) {
    let vector = player.vector("cancel-success");
    let number = "20260115001069125011";
    let waiting = unpaid_order(player.till(), number).await;
    let answer = eventually("the order is 15 s old", async || {
        let answer = player.send(vector).await;
        (answer.outcome() != "CANCEL_TOO_EARLY").then_some(answer)
    })
    .await;
    player.judge("cancel-success", &answer);
    let told = waiting.await.unwrap();
    assert_eq!(told.outcome(), "AREADY_REVOKED", "{}", told.text);
    let end = eventually("the cancelled order ends in state 2", async || {
        let answer = player.till().query(number).await;
        (answer.state() == Some(2)).then_some(answer)
    })
    .await;
    let belief = player
        .demo
        .sandbox
        .belief(end.str("trade_no"))
        .await
        .unwrap();
    assert!(!belief.was_charged, "{belief:?}");
}

/// Rejected, and nothing else changes.
async fn rejections(player: &mut Player<'_>) {
    let paid = player.till().query("20260115001069125001").await;
    let negative = player
        .vectors
        .values()
        .filter(|vector| vector.kind == "negative");
    for vector in negative {
        assert!(!vector.accept, "{}", vector.name);
        player.play(&vector.name).await;
    }
    assert_eq!(
        player.till().query("20260115001069125099").await.outcome(),
        "CHARGE_NONEXISTENT"
    );
    assert_eq!(
        player.till().refund_query("RB-0099").await.outcome(),
        "CHARGE_NONEXISTENT"
    );
    assert_eq!(
        player.till().query("20260115001069125001").await.text,
        paid.text
    );
}

/// A refund that is still under way, and an order that is still young: on a demo whose time runs
/// slower.
async fn what_needs_time(player: &mut Player<'_>) {
    let order = player.play("order-foreign-currency-thb").await;
    assert_eq!(order.outcome(), "SUCCESS", "{}", order.text);
    player
        .demo
        .sandbox
        .set_fault("wechat", "refund", "refund_pending")
        .await;
    let refund = player
        .send(player.vector("refund-foreign-by-trade_no-bad-currency"))
        .await;
    assert_eq!(refund.outcome(), "SUCCESS", "{}", refund.text);
    assert!(
        refund.data().unwrap().get("end_time").is_none(),
        "{}",
        refund.text
    );
    player.play("refundQuery-refunding").await;

    let waiting = unpaid_order(player.till(), "20260115001069125012").await;
    player.play("cancel-too-early").await;
    waiting.abort();
}

/// What a listener hears of an equal pre-order that is paid.
async fn notifications(player: &mut Player<'_>) {
    let receiver = Receiver::content().await;
    let printed = "http://merchant.example.test/fufu/notify";
    let equal = &player.vector("preOrder-qrcode").body;
    let body = equal.replace(printed, &receiver.url("/fufu/notify"));
    notified(player, "notify-paid", &body, &receiver, 0).await;

    let address = receiver.url("/fufu/notify?shop=12&lang=zh");
    let body = format!(
        "{{\"busi_id\":\"880010000000001\",\"operator_id\":\"oper01\",\"total_fee\":\"10000\",\
         \"channel_type\":\"0\",\"out_trade_no\":\"BKK-20260115-0002\",\"pay_subject\":\"THB sale\",\
         \"fee_type\":\"THB\",\"trade_type\":\"QRCODE\",\"notifyUrl\":\"{address}\",\
         \"time_zone\":\"泰国标准时间;Asia/Bangkok;+07:00\"}}"
    );
    notified(
        player,
        "notify-paid-url-with-query-thb",
        &body,
        &receiver,
        1,
    )
    .await;
}

async fn notified(
    player: &mut Player<'_>,
    name: &str,
    order: &str,
    receiver: &Receiver,
    before: usize,
) {
    let vector = player.vector(name);
    let created = player
        .till()
        .post_signed("preOrder", order.as_bytes().to_vec())
        .await
        .unwrap();
    assert_eq!(created.outcome(), "SUCCESS", "{name}: {}", created.text);
    player
        .demo
        .sandbox
        .scan(created.str("qr_code"), "wechat")
        .await;
    let heard: Heard = receiver.wait(&vector.path, before + 1).await.remove(before);
    let text = String::from_utf8(heard.body.clone()).unwrap();

    let mut wrong = player.compare(&vector.body, &heard.json());
    if heard.json().get("data").unwrap().str("trade_no") != created.str("trade_no") {
        wrong.push(format!("trade_no is that of {}", created.text));
    }
    if !verifies(&vector.key, &heard.query, &heard.body) {
        wrong.push(format!("the sign verifies: {}", heard.query));
    }
    let printed = vector.query.split("sign=").next();
    if heard.query.split("sign=").next() != printed || heard.content_type != vector.content_type {
        wrong.push(format!(
            "called with {} as {}",
            heard.query, heard.content_type
        ));
    }
    player.note(name, &vector.body, &text, wrong);
}
