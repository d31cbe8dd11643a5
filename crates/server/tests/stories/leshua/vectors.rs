//! Story: every vector of the third dialect over HTTP, accepted or rejected as it says, and
//! answered element by element as ruling 50 wants it.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{
    Demo, Json, Pairs, PayWay, Receiver, SIX_ZEROS, Setup, XmlAnswer, XmlTill, answer_text,
    decoded, done, eventually, hex_md5, notice_text, notice_verifies, read_xml, request_text,
    request_text_with_empty, value,
};
use crate::vectors::leshua::{Comparison, all};
use crate::vectors::{Numbers, Vector, by_name};

const FACTOR: u64 = 5;
/// The order that most vectors are about.
const PAID_ORDER: &str = "T20260101000004";
/// Its platform number as printed.
const PRINTED_PAID: &str = "2601011201000004";

/// What an accepted vector without an answer in the file must come to.
#[derive(Clone, Copy)]
enum End {
    /// A code to scan, for goods of this name at the channel.
    Code(&'static str),
    /// What a page inside the wallet takes.
    Info,
    /// The address of our own page.
    Page,
    /// A barcode payment, paid.
    Paid,
    /// The paid order, whoever asks for it in which way.
    Found,
    /// A refund under way, which comes back with its attachment.
    Refunding,
    /// The newest refund of the order.
    Newest,
}

const LIBERAL: [(&str, End); 27] = [
    ("lib-query-order", End::Found),
    ("lib-sign-type", End::Found),
    ("lib-nonce-again", End::Found),
    ("lib-trailing-slash", End::Found),
    ("lib-raw-body", End::Code("测试 商品: a/b")),
    ("lib-raw-plus-kept", End::Code("1+1 件")),
    ("lib-plus-for-space", End::Code("red tea + milk")),
    ("lib-raw-pre-encoded-url", End::Code("商品")),
    ("lib-pre-encoded-url", End::Code("商品")),
    ("lib-pre-encoded-goods", End::Code("商品")),
    ("lib-multipart", End::Code("a+b %41 测试")),
    ("lib-query-parameters", End::Code("测试 商品")),
    ("lib-query-and-body", End::Code("商品")),
    ("lib-empty-signed", End::Code("商品")),
    ("lib-empty-not-signed", End::Code("商品")),
    ("lib-empty-signed-plus-kept", End::Code("a+b")),
    ("lib-sign-lower-case", End::Code("商品")),
    ("lib-unknown-extra-field", End::Code("商品")),
    ("lib-flag-absent", End::Code("商品")),
    ("lib-outer-spaces", End::Code(" two spaces  ")),
    ("lib-simple-without-jump-url", End::Page),
    ("lib-alipay-mini-program", End::Info),
    ("lib-unionpay-page", End::Info),
    ("lib-extend-business-params", End::Code("商品")),
    ("lib-pay-with-source", End::Paid),
    ("lib-refund-with-type", End::Refunding),
    ("lib-refund-query-order-only", End::Newest),
];

/// Refused only while the refund of this number stands.
const REFUND_NUMBER_USED: &str = "neg-refund-number-used";
/// Refused only while its wallet refuses the code.
const REFUSED_CODE: &str = "neg-auth_code-refused";
/// Vectors of surfaces that are not served yet: onboarding, notices of card terminals. Whoever
/// serves one moves its vectors to the others.
const NOT_SERVED_YET: usize = 79;

/// A failure in its published shape; its reason is none of ours.
const PUBLISHED: &str = "failure-over-limit";

/// Plays vectors against one demo and keeps what went wrong.
struct Player<'a> {
    demo: &'a Demo,
    till: XmlTill,
    vectors: &'a BTreeMap<String, Vector>,
    numbers: Numbers,
    played: BTreeSet<String>,
    wrong: Vec<String>,
}

impl<'a> Player<'a> {
    fn new(demo: &'a Demo, vectors: &'a BTreeMap<String, Vector>) -> Player<'a> {
        Player {
            demo,
            till: XmlTill::of(demo),
            vectors,
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
    async fn send(&self, vector: &Vector) -> XmlAnswer {
        let gateway = "/cgi-bin/lepos_pay_gateway.cgi";
        let behind = vector.path.strip_prefix(gateway).unwrap();
        let query = Some(&vector.query).filter(|query| !query.is_empty());
        let query = query.map_or(String::new(), |query| format!("?{query}"));
        let body = vector.form_with(&self.numbers);
        let behind = format!("{behind}{query}");
        let content_type = Some(&*vector.content_type).filter(|text| !text.is_empty());
        let sent = self.till.post(&behind, content_type, body).await;
        let answer = sent.unwrap_or_else(|problem| panic!("{}: {problem}", vector.name));
        answer.assert_frame(&self.till.trade_key);
        answer
    }

    /// Plays a vector whose answer is in the file.
    async fn play(&mut self, name: &str) -> XmlAnswer {
        let answer = self.send(self.vector(name)).await;
        self.judge(name, &answer);
        answer
    }

    fn judge(&mut self, name: &str, answer: &XmlAnswer) {
        let printed = self.vector(name).printed();
        let expected = read_xml(&printed.body, "leshua").unwrap();
        let mut wrong = self.compare(&expected, &answer.pairs);
        if i64::from(answer.status) != printed.status || answer.content_type != printed.content_type
        {
            wrong.push(format!("{} {}", answer.status, answer.content_type));
        }
        if answer.get("sign").is_some() != printed.is_signed {
            wrong.push(format!("signed: {}", printed.is_signed));
        }
        self.note(name, &printed.body, &answer.text, wrong);
    }

    fn compare(&mut self, expected: &Pairs, got: &Pairs) -> Vec<String> {
        let origin = self.demo.about.str("platform");
        let mut comparison = Comparison {
            numbers: &mut self.numbers,
            pay_sign_key: self.demo.wechat_v2_key(),
            origin,
            wrong: Vec::new(),
        };
        comparison.documents(expected, got);
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
        let answer = self.send(vector).await;
        let mut wrong = Vec::new();
        let mut expect = |holds: bool, what: &str| {
            if !holds {
                wrong.push(what.to_owned());
            }
        };
        let outcome = answer.outcome();
        let number = answer.get("third_order_id").unwrap_or_default().to_owned();
        let (code, info, page) = (
            answer.get("td_code"),
            answer.get("jspay_info"),
            answer.get("jspay_url"),
        );
        match end {
            End::Code(_) | End::Info | End::Page => {
                expect(outcome == "done", "accepted");
                let given = [
                    (code, matches!(end, End::Code(_))),
                    (info, matches!(end, End::Info)),
                    (page, matches!(end, End::Page)),
                ];
                expect(
                    given
                        .iter()
                        .all(|(given, wanted)| given.is_some() == *wanted),
                    "what the payer needs, and nothing else",
                );
                expect(answer.get("amount") == Some("500"), "500 fen");
                let sent = vector.body.contains(&number) || vector.query.contains(&number);
                expect(sent && !number.is_empty(), "third_order_id comes back");
            }
            End::Paid => {
                expect(outcome == "status 2", "paid");
                expect(answer.get("trade_type") == Some("MICROPAY"), "by code");
            }
            End::Found | End::Newest | End::Refunding => {
                let real = self.numbers.real(PRINTED_PAID);
                expect(answer.get("leshua_order_id") == real, "the paid order");
                expect(number == PAID_ORDER, "and its merchant's number");
            }
        }
        match end {
            End::Found => expect(answer.get("amount") == Some("500"), "500 fen"),
            End::Refunding => {
                expect(outcome == "status 10", "under way");
                expect(answer.get("attach") == Some("r"), "attach comes back");
            }
            End::Newest => expect(
                answer.get("merchant_refund_id") == Some("R-2026_01"),
                "the newest refund",
            ),
            _ => {}
        }
        if let (End::Code(subject), Some(our_number)) = (end, answer.get("leshua_order_id")) {
            let order = self.demo.sandbox.order(our_number).await;
            let told = order.as_ref().and_then(|order| order.get("subject"));
            let told = told.and_then(Json::text).unwrap_or_default();
            // What a payer reads is trimmed at the channel.
            expect(
                told == subject.trim(),
                &format!("{subject:?}, not {told:?}"),
            );
        }
        self.note(name, "accepted", &answer.text, wrong);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_vector_is_accepted_or_rejected_as_it_says() {
    let vectors = by_name(all());
    let setup = Setup::new("ls-vectors", FACTOR);
    let demo = setup.start().await;
    let mut player = Player::new(&demo, &vectors);
    for name in [
        "tdcode-alipay",
        "tdcode-wechat-jsapi",
        "tdcode-simple",
        "upload-authcode",
        "query-paid",
        "query-not-found",
        "query-openid",
        "query-userid",
    ] {
        player.play(name).await;
    }
    published(&mut player).await;
    rejections(&mut player).await;
    player.play("refund").await;
    player.play(REFUND_NUMBER_USED).await;
    let refunded = eventually("the refund is done", async || {
        let answer = player.send(player.vector("refund-query")).await;
        (answer.get("status") != Some("10")).then_some(answer)
    });
    let refunded = refunded.await;
    player.judge("refund-query", &refunded);
    // One of them asks for its money on the same day.
    agree_on_the_same_day(&setup);
    for (name, end) in LIBERAL {
        player.play_liberal(name, end).await;
    }
    player.play("close").await;
    assert_played(&player, |vector| vector.kind != "notification");
    setup.assert_books_balance();
}

/// Two people agree that the merchant of the vectors is paid on the same day.
fn agree_on_the_same_day(setup: &Setup) {
    let by = |person: &str, words: &[&str]| done(setup, &[words, &["--as", person]].concat());
    done(setup, &["people", "add", "li", "--role", "admin"]);
    by("li", &["people", "add", "fu", "--role", "finance_checker"]);
    let owner = "merchant:M9605000011";
    let terms = ["terms", "propose", owner, "--cycle", "D0"];
    by("li", &[&terms[..], &["--from", "2026-01-15"]].concat());
    let proposed = [
        "approvals",
        "list",
        "--state",
        "proposed",
        "--output",
        "json",
    ];
    let proposed = Json::parse(&done(setup, &proposed)).unwrap();
    let approval = proposed.list()[0].str("approval_no");
    by("fu", &["approvals", "approve", approval]);
}

fn assert_played(player: &Player<'_>, is_due: impl Fn(&Vector) -> bool) {
    let due: BTreeSet<&String> = player
        .vectors
        .values()
        .filter(|vector| is_due(vector))
        .map(|vector| &vector.name)
        .collect();
    let played: BTreeSet<&String> = player.played.iter().collect();
    assert_eq!(played, due);
    let wrong = &player.wrong;
    assert!(
        wrong.is_empty(),
        "{} vectors went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// A failure has the elements of the published one, in their order. Nobody limits a single payment
/// here: the reason is that the number is in use.
async fn published(player: &mut Player<'_>) {
    let vector = player.vector(PUBLISHED);
    let accepted = player.send(vector).await;
    assert_eq!(accepted.outcome(), "done", "{}", accepted.text);
    let mut pairs = decoded(&vector.body);
    let amount = pairs.iter_mut().find(|(name, _)| name == "amount");
    amount.unwrap().1 = "500".to_owned();
    let answer = player.till.send(pairs).await;
    let expected = read_xml(&vector.printed().body, "leshua").unwrap();
    let names = |pairs: &Pairs| -> Vec<String> {
        let names = pairs.iter().map(|(name, _)| name.clone());
        names.collect()
    };
    let mut wrong = Vec::new();
    if names(&expected) != names(&answer.pairs) {
        wrong.push("the elements of a failure, in their order".to_owned());
    }
    for name in ["merchant_id", "result_code", "third_order_id", "pay_way"] {
        if value(&expected, name) != answer.get(name) {
            wrong.push(format!("{name} is the printed one"));
        }
    }
    player.note(PUBLISHED, &vector.printed().body, &answer.text, wrong);
}

/// What one vector wants to have happened: an order by barcode whose payer never confirms.
async fn wait_for_a_payer(player: &mut Player<'_>) {
    let close = decoded(&player.vector("neg-close-too-early").body);
    let number = value(&close, "third_order_id").unwrap();
    let code = PayWay::Wechat.code("91");
    let waiting = player.till.pay(number, 500, &code, &[]).await;
    assert_eq!(waiting.outcome(), "status 0", "{}", waiting.text);
}

/// The code's own digits say "pays at once"; here its wallet refuses it.
async fn refuse_a_code(player: &mut Player<'_>) {
    let pay = decoded(&player.vector(REFUSED_CODE).body);
    let code = value(&pay, "auth_code").unwrap();
    player.demo.sandbox.steer_code(code, "94").await;
    player.play(REFUSED_CODE).await;
    player.demo.sandbox.steer_code(code, "00").await;
}

/// Rejected, and nothing else changes.
async fn rejections(player: &mut Player<'_>) {
    let before = player.till.query(PAID_ORDER).await;
    let negative = player
        .vectors
        .values()
        .filter(|vector| vector.kind == "negative" && vector.name != REFUND_NUMBER_USED);
    let mut numbers = BTreeSet::new();
    wait_for_a_payer(player).await;
    for vector in negative {
        assert!(!vector.accept, "{}", vector.name);
        if vector.name == REFUSED_CODE {
            // Taken and refused by the wallet: this order does stand.
            refuse_a_code(player).await;
            continue;
        }
        player.play(&vector.name).await;
        let sent = decoded(&vector.body);
        let number = value(&sent, "third_order_id").unwrap_or_default();
        if number.starts_with('N') {
            numbers.insert(number.to_owned());
        }
    }
    assert!(numbers.len() > 8, "{numbers:?}");
    for number in numbers {
        let answer = player.till.query(&number).await;
        assert_eq!(answer.outcome(), "error -20018", "{number}");
    }
    let references = [
        ("third_order_id", PAID_ORDER),
        ("merchant_refund_id", "R20260101000009"),
    ];
    let refund = player.till.refund_query(&references).await;
    assert_eq!(refund.outcome(), "error -20022", "{}", refund.text);
    let after = player.till.query(PAID_ORDER).await;
    let without_nonce = |answer: &XmlAnswer| -> Pairs {
        let kept = answer.pairs.iter();
        kept.filter(|(name, _)| !["nonce_str", "sign"].contains(&&**name))
            .cloned()
            .collect()
    };
    assert_eq!(without_nonce(&after), without_nonce(&before));
}

/// What a listener hears of an equal payment and an equal refund.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_notification_is_told_as_its_vector_says() {
    let vectors = by_name(all());
    let setup = Setup::new("ls-vector-notices", FACTOR);
    let demo = setup.start().await;
    let mut player = Player::new(&demo, &vectors);
    let receiver = Receiver::start(|_, _| SIX_ZEROS).await;
    for (name, request) in [
        ("notify-paid", "upload-authcode"),
        ("notify-refunded", "refund"),
    ] {
        let vector = player.vector(name);
        let mut pairs = decoded(&player.vector(request).form_with(&player.numbers));
        pairs.retain(|(name, _)| name != "notify_url");
        pairs.push(("notify_url".to_owned(), receiver.url(&vector.path)));
        let answer = player.till.send(pairs).await;
        assert!(answer.outcome().starts_with("status"), "{}", answer.text);
        let number = answer.str("leshua_order_id");
        assert!(player.numbers.agree(PRINTED_PAID, number));
        let heard = receiver.wait(&vector.path, 1).await.remove(0);
        let expected = read_xml(&vector.body, "leshua").unwrap();
        let got = read_xml(heard.text(), "leshua").unwrap();
        let mut wrong = player.compare(&expected, &got);
        if !notice_verifies(&vector.key, &got) {
            wrong.push("the sign verifies".to_owned());
        }
        if heard.content_type != vector.content_type {
            wrong.push(format!("called as {}", heard.content_type));
        }
        player.note(name, &vector.body, heard.text(), wrong);
    }
    assert_played(&player, |vector| vector.kind == "notification");
    setup.assert_books_balance();
}

/// The file beside, whose vectors no test plays yet.
#[test]
fn vectors_that_are_not_played_yet_are_counted() {
    let text = include_str!("../../../../dialects/src/leshua/golden/not_served_yet.json");
    let file = Json::parse(text).unwrap();
    let waiting: BTreeSet<&str> = file.list().iter().map(|one| one.str("name")).collect();
    let played: BTreeSet<String> = all()
        .iter()
        .map(|vector| format!("leshua/{}", vector.name))
        .collect();
    assert_eq!(waiting.len(), file.list().len(), "a name stands twice");
    assert!(
        waiting.len() <= NOT_SERVED_YET,
        "vectors that were played are not played any more"
    );
    let of_both: Vec<_> = waiting
        .iter()
        .filter(|name| played.contains(**name))
        .collect();
    assert!(of_both.is_empty(), "{of_both:?}");
    let text = include_str!("../../../../dialects/src/leshua/golden/payouts.json");
    let payouts = Json::parse(text).unwrap();
    let (waiting, played) = (waiting.len(), played.len() + payouts.list().len());
    println!("{waiting} vectors are not played yet, {played} are");
    assert_eq!(waiting + played, 183, "a vector got lost");
}

/// Guards the other tests: their signatures and tables fit the file.
#[test]
fn the_file_and_the_test_fit_each_other() {
    let vectors = all();
    let without_answer = vectors.iter().filter(|vector| vector.response.is_none());
    let names: BTreeSet<&str> = without_answer.map(|vector| vector.name.as_str()).collect();
    let table: BTreeSet<&str> = LIBERAL.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, table);
    let published = vectors.iter().filter(|vector| vector.kind == "published");
    let published: Vec<&str> = published.map(|vector| &*vector.name).collect();
    assert_eq!(published, [PUBLISHED]);
    for vector in &vectors {
        let name = &vector.name;
        if vector.kind == "notification" {
            let pairs = read_xml(&vector.body, "leshua").unwrap();
            assert_eq!(
                notice_text(&vector.key, &pairs),
                vector.sign_input,
                "{name}"
            );
            assert!(notice_verifies(&vector.key, &pairs), "{name}");
            assert_eq!(vector.printed().body, "000000", "{name}");
            continue;
        }
        guard_request(vector);
        let printed = vector.response.as_ref();
        let Some(printed) = printed.filter(|printed| printed.is_signed) else {
            continue;
        };
        let pairs = read_xml(&printed.body, "leshua").unwrap();
        assert_eq!(
            answer_text(&vector.key, &pairs),
            printed.sign_input,
            "{name}"
        );
        let sign = hex_md5(printed.sign_input.as_bytes()).to_uppercase();
        assert_eq!(value(&pairs, "sign"), Some(&*sign), "{name}");
    }
}

/// The signature that is sent is good or not, as the vector says, and made over the text that the
/// reading of its client gives.
fn guard_request(vector: &Vector) {
    let name = &vector.name;
    let hash = hex_md5(vector.sign_input.as_bytes());
    let both = format!("{}&{}", vector.query, vector.body);
    let both = both.to_lowercase();
    let is_there =
        both.contains(&format!("sign={hash}")) || both.contains(&format!("\r\n{hash}\r\n"));
    // Two signatures are none, though one of them is good; and one was good before the amount was
    // changed.
    let is_spoiled = ["neg-sign-twice", "neg-amount-tampered"].contains(&&**name);
    let is_good = is_there && !is_spoiled;
    assert_eq!(is_good, vector.signature_valid, "{name}");
    let reads_otherwise = [
        "lib-raw-plus-kept",
        "lib-empty-signed-plus-kept",
        "lib-raw-pre-encoded-url",
        "lib-multipart",
        "neg-xml-body",
        "neg-amount-tampered",
    ];
    if reads_otherwise.contains(&&**name) {
        return;
    }
    let mut pairs = decoded(&vector.body);
    pairs.extend(decoded(&vector.query));
    let text = if name == "lib-empty-signed" {
        request_text_with_empty(&vector.key, &pairs)
    } else {
        request_text(&vector.key, &pairs)
    };
    assert_eq!(text, vector.sign_input, "{name}");
    let other_key = match &**name {
        "neg-notify-key" => "00112233445566778899aabbccddeeff",
        "neg-agent-key" => "11223344556677889900aabbccddeeff",
        _ => return,
    };
    let text = text.replace(&vector.key, other_key);
    let sign = hex_md5(text.as_bytes()).to_uppercase();
    assert_eq!(value(&pairs, "sign"), Some(&*sign), "{name}");
}
