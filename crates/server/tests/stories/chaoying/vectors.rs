//! Story: every vector of the second dialect over HTTP, accepted or rejected as it says, and
//! answered member by member as ruling 50 wants it.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{
    ALIPAY_PRE_ORDER, AgentAnswer, AgentTill, Demo, Json, Receiver, Setup, WECHAT_PRE_ORDER,
    decoded, encoded_as_notification, eventually, form_sign, form_verifies, hex_md5, now, pairs_of,
    sign_input, spoken, value,
};
use crate::vectors::chaoying::{Comparison, all};
use crate::vectors::{Numbers, Vector, by_name};

/// What a vector must come to where the file has no answer.
const WITHOUT_ANSWER: [&str; 10] = [
    "lib-empty-values-not-signed",
    "lib-unknown-extra-field",
    "lib-raw-utf8-body",
    "lib-chinese-percent-encoded",
    "lib-plus-for-space",
    "lib-value-with-outer-spaces-signed-trimmed",
    "lib-sign-lower-case-hex",
    "lib-method-mixed-case",
    "lib-parameter-order-irrelevant",
    "lib-refundquery-paytype-typo",
];

/// The one answer whose names are signed in another order than ASCII's.
const ANY_CASE: &str = "get-mch-info-response-case-insensitive";

/// Optional members of the specification's tables that the printed answers happen not to have and
/// the sandbox's wallets tell: the merchant's own app (4.1), the payer's account (4.3), the payer's
/// number over all apps (4.16).
const ADDED: [(&str, &[&str]); 3] = [
    ("getfaceauth", &["sub_appid"]),
    ("pay-alipay", &["buyer_logon_id"]),
    ("wxa-code2session", &["unionid"]),
];

/// Numbers of orders that vectors build on, and the platform's number as printed for one of them.
const UNPAID_ORDER: &str = "1768442400003";
const PRINTED_UNPAID: &str = "7551000001202601150000000003";
const REFUNDED_ORDER: &str = "1768442400008";
const MOBILE: &str = "13800000000";
const PRINTED_SMS_CODE: &str = "1234";

/// Plays vectors against one demo and keeps what went wrong.
struct Player<'a> {
    setup: &'a Setup,
    demo: &'a Demo,
    till: AgentTill,
    vectors: &'a BTreeMap<String, Vector>,
    numbers: Numbers,
    played: BTreeSet<String>,
    wrong: Vec<String>,
}

impl<'a> Player<'a> {
    fn new(setup: &'a Setup, demo: &'a Demo, vectors: &'a BTreeMap<String, Vector>) -> Player<'a> {
        Player {
            setup,
            demo,
            till: demo.agent(),
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

    async fn send(&self, vector: &Vector) -> AgentAnswer {
        let body = vector.form_with(&self.numbers).into_bytes();
        let target = if vector.query.is_empty() {
            vector.path.clone()
        } else {
            format!("{}?{}", vector.path, vector.query)
        };
        let content_type = Some(&*vector.content_type).filter(|text| !text.is_empty());
        let sent = self.till.post(&target, content_type, body).await;
        sent.unwrap_or_else(|problem| panic!("{}: {problem}", vector.name))
    }

    /// Plays a vector whose answer is in the file.
    async fn play(&mut self, name: &str) -> AgentAnswer {
        let answer = self.send(self.vector(name)).await;
        self.judge(name, &answer);
        answer
    }

    /// Compares an answer with the one in the file.
    fn judge(&mut self, name: &str, answer: &AgentAnswer) {
        let vector = self.vector(name);
        let printed = vector.printed();
        answer.assert_frame();
        let sent = decoded(&vector.body);
        let mut wrong = self.compare(vector, &sent, &printed.body, &answer.json);
        if i64::from(answer.status) != printed.status {
            wrong.push(format!("status {}", answer.status));
        }
        let pairs = answer.pairs();
        let sign = if name == ANY_CASE {
            sign_without_case(&vector.key, &pairs)
        } else {
            form_sign(&vector.key, &pairs)
        };
        if answer.text_of("sign") != Some(&*sign).filter(|_| printed.is_signed) {
            wrong.push(format!("the sign is {sign:?} or, if unsigned, absent"));
        }
        self.note(name, &printed.body, &answer.text, wrong);
    }

    fn compare(
        &mut self,
        vector: &Vector,
        sent: &[(String, String)],
        expected: &str,
        got: &Json,
    ) -> Vec<String> {
        let added = ADDED.iter().find(|(name, _)| *name == vector.name);
        let mut comparison = Comparison {
            numbers: &mut self.numbers,
            pay_sign_key: self.demo.wechat_v2_key(),
            origin: &self.till.base,
            sent,
            added: added.map_or(&[], |(_, names)| *names),
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

    /// Plays a vector whose answer is not in the file: accepted, and what was sent comes back.
    async fn play_accepted(&mut self, name: &str) {
        let vector = self.vector(name);
        assert!(
            vector.accept && vector.response.is_none(),
            "{name} has an answer in the file"
        );
        let answer = self.send(vector).await;
        self.till.assert_answers(&vector.path, &answer);
        let sent = decoded(&vector.body);
        let mut wrong = Vec::new();
        if answer.outcome() != "SUCCESS 10000 SUCCESS" {
            wrong.push("accepted".to_owned());
        } else if let Some(number) = value(&sent, "out_trade_no") {
            let attach = value(&sent, "attach").map(str::trim);
            let expected = [
                ("out_trade_no", Some(number)),
                ("attach", attach.filter(|text| !text.is_empty())),
                ("base_fee", value(&sent, "total_fee")),
                ("total_fee", value(&sent, "total_fee")),
            ];
            for (name, expected) in expected {
                if answer.text_of(name) != expected {
                    wrong.push(format!("{name} is {expected:?}"));
                }
            }
        }
        self.note(name, "accepted", &answer.text, wrong);
    }
}

/// Sorted without regard to case, as one agent's switch has it.
fn sign_without_case(key: &str, pairs: &[(String, String)]) -> String {
    let mut signed: Vec<_> = pairs.iter().filter(|(name, _)| name != "sign").collect();
    signed.sort_by_key(|(name, _)| name.to_lowercase());
    let joined: String = signed
        .iter()
        .map(|(name, value)| format!("{name}={value}&"))
        .collect();
    hex_md5(format!("{joined}key={key}").as_bytes()).to_uppercase()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_vector_is_accepted_or_rejected_as_it_says() {
    let vectors = by_name(all());
    let (usual, mut later) = (
        Setup::new("cy-vectors", 5),
        Setup::new("cy-vectors-later", 5),
    );
    let (usual_demo, later_demo) = (usual.start().await, later.start().await);
    let mut first = Player::new(&usual, &usual_demo, &vectors);
    payments(&mut first).await;
    pre_orders(&mut first).await;
    refunds(&mut first).await;
    merchants(&mut first).await;
    rejections(&mut first).await;
    for name in WITHOUT_ANSWER {
        first.play_accepted(name).await;
    }

    let mut second = Player::new(&later, &later_demo, &vectors);
    let paid = second.send(second.vector("pay-wechat-with-coupon")).await;
    assert_eq!(paid.code(), "10000", "{}", paid.text);
    notifications(&mut second).await;
    let (second_played, second_wrong) = (second.played, second.wrong);
    // Its five minutes pass faster than the rest.
    later_demo.kill();
    later.go_on_with_factor(60);
    let (later_demo, began) = (later.start().await, now());
    eventually("the paid order is older than five minutes", async || {
        (later.virtual_ms_since(began) > 310_000).then_some(())
    })
    .await;
    let mut third = Player::new(&later, &later_demo, &vectors);
    third.play("cancel-too-late").await;

    let till = &first.till;
    let switched = usual.run(&[
        "agents",
        "edit",
        &till.agent_id,
        "--setting",
        "sign_order=ignore_case",
    ]);
    assert!(switched.status.success(), "{}", spoken(&switched));
    first.play(ANY_CASE).await;

    let played = first.played.iter().chain(&second_played);
    let played: BTreeSet<&String> = played.chain(&third.played).collect();
    let missing: Vec<&String> = vectors
        .keys()
        .filter(|name| !played.contains(name))
        .collect();
    println!("{} of {} vectors played", played.len(), vectors.len());
    assert!(missing.is_empty(), "not played: {missing:?}");
    let wrong: Vec<String> = first
        .wrong
        .into_iter()
        .chain(second_wrong)
        .chain(third.wrong)
        .collect();
    assert!(
        wrong.is_empty(),
        "{} vectors went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    usual.assert_books_balance();
    later.assert_books_balance();
}

async fn payments(player: &mut Player<'_>) {
    for name in [
        "getfaceauth",
        "facepay",
        "pay-wechat-with-coupon",
        "pay-alipay",
    ] {
        player.play(name).await;
    }
    // The code's own digits say "pays at once"; here its payer never confirms.
    let code = "134567890123456780";
    player.demo.sandbox.steer_code(code, "91").await;
    player.play("pay-user-paying").await;
    let number = player.setup.upstream_number(UNPAID_ORDER);
    assert!(player.numbers.agree(PRINTED_UNPAID, &number));
    for name in [
        "orderquery-paid",
        "orderquery-unpaid",
        "orderquery-not-found",
        "cancel",
    ] {
        player.play(name).await;
    }
}

async fn pre_orders(player: &mut Player<'_>) {
    for name in [
        "wechat-preorder-jspay",
        "wechat-preorder-native",
        "alipay-preorder-native",
        "alipay-preorder-jspay",
        "orderquery-preorder-unpaid",
    ] {
        player.play(name).await;
    }
}

/// Refunds of an order of 8 of which the payer paid 6.
async fn refunds(player: &mut Player<'_>) {
    let coupon = [("goods_tag", "CY_PROMOTION_001")];
    let code = "134567890123456700";
    let paid = player.till.pay_with(REFUNDED_ORDER, 8, code, &coupon).await;
    assert_eq!(paid.outcome(), "SUCCESS 10000 SUCCESS", "{}", paid.text);
    assert_eq!(
        ["base_fee", "total_fee", "coupon_fee"].map(|name| paid.fen(name)),
        [8, 6, 2],
        "{}",
        paid.text
    );
    player.play("refund-partial-with-coupon").await;
    player.play("refund-repeat-idempotent").await;
    player.play("refundquery").await;
}

async fn merchants(player: &mut Player<'_>) {
    player.play("mch-reg").await;
    player.play("mch-reg-case-insensitive-order").await;
    player.play("get-mch-sms-valid").await;
    let message = player.demo.sandbox.text_message(MOBILE).await;
    let message = message.expect("a message came");
    let code = code_in(&message).unwrap_or_else(|| panic!("no code of four digits: {message}"));
    assert!(player.numbers.agree(PRINTED_SMS_CODE, &code));
    for name in [
        "get-mch-id-by-sms",
        "get-mch-id-by-password",
        "get-partner-id",
        "get-mch-info",
        "wxa-code2session",
    ] {
        player.play(name).await;
    }
}

/// The one group of exactly four digits.
fn code_in(message: &str) -> Option<String> {
    let mut groups = message.split(|character: char| !character.is_ascii_digit());
    groups.find(|digits| digits.len() == 4).map(str::to_owned)
}

/// Rejected, and nothing else changes.
async fn rejections(player: &mut Player<'_>) {
    let negative = player
        .vectors
        .values()
        .filter(|vector| vector.kind == "negative");
    let before = player
        .till
        .refund_query(&[("out_trade_no", REFUNDED_ORDER)]);
    let before = before.await.str("refund_list").to_owned();
    for vector in negative {
        assert!(!vector.accept, "{}", vector.name);
        player.play(&vector.name).await;
    }
    for number in ["1768442400097", "1768442400098", "1768442400099", "1234"] {
        let answer = player.till.query(number).await;
        assert_eq!(answer.code(), "20007", "{number}: {}", answer.text);
    }
    let after = player
        .till
        .refund_query(&[("out_trade_no", REFUNDED_ORDER)]);
    assert_eq!(after.await.str("refund_list"), before);
}

/// What a listener hears of an equal pre-order that is paid.
async fn notifications(player: &mut Player<'_>) {
    let receiver = Receiver::content().await;
    for (name, order, path) in [
        ("notify-wechat", "wechat-preorder-native", WECHAT_PRE_ORDER),
        ("notify-alipay", "alipay-preorder-native", ALIPAY_PRE_ORDER),
    ] {
        let vector = player.vector(name);
        let mut pairs = decoded(&player.vector(order).body);
        let address = pairs.iter_mut().find(|(name, _)| name == "notify_url");
        address.unwrap().1 = receiver.url(&vector.path);
        let before = receiver.heard(&vector.path).len();
        let created = player.till.post_signed(path, pairs).await.unwrap();
        assert_eq!(created.code(), "10000", "{name}: {}", created.text);
        player.demo.sandbox.pay(created.str("code_url")).await;
        let heard = receiver.wait(&vector.path, before + 1).await.remove(before);

        let (printed, got) = (decoded(&vector.body), decoded(heard.text()));
        let object = |pairs: &[(String, String)]| {
            let members = pairs.iter().map(|(name, text)| (name.clone(), text.into()));
            Json::Object(members.collect())
        };
        let mut wrong = player.compare(vector, &[], &object(&printed).to_string(), &object(&got));
        if !form_verifies(&vector.key, &got) {
            wrong.push("the sign verifies".to_owned());
        }
        if encoded_as_notification(&got) != heard.text() {
            wrong.push(format!(
                "it is written like {}",
                encoded_as_notification(&got)
            ));
        }
        if heard.content_type.replace(' ', "").to_lowercase() != vector.content_type.to_lowercase()
        {
            wrong.push(format!("called as {}", heard.content_type));
        }
        player.note(name, &vector.body, heard.text(), wrong);
    }
}

/// Guards the other test: its signatures and tables fit the file.
#[test]
fn the_file_and_the_test_fit_each_other() {
    let vectors = all();
    let without_answer = vectors.iter().filter(|vector| vector.response.is_none());
    let names: BTreeSet<&str> = without_answer.map(|vector| vector.name.as_str()).collect();
    assert_eq!(names, BTreeSet::from(WITHOUT_ANSWER));
    for vector in &vectors {
        let name = &vector.name;
        let pairs = decoded(&vector.body);
        let sign = hex_md5(vector.sign_input.as_bytes()).to_uppercase();
        let sent = value(&pairs, "sign").unwrap_or_default().to_uppercase();
        assert_eq!(sent == sign, vector.signature_valid, "{name}");
        if ["request", "notification"].contains(&&*vector.kind) {
            assert_eq!(sign_input(&vector.key, &pairs), vector.sign_input, "{name}");
            assert!(form_verifies(&vector.key, &pairs), "{name}");
        }
        if vector.kind == "notification" {
            assert_eq!(encoded_as_notification(&pairs), vector.body, "{name}");
        }
        let Some(printed) = vector.response.as_ref().filter(|printed| printed.is_signed) else {
            continue;
        };
        let pairs = pairs_of(&Json::parse(&printed.body).unwrap());
        let sign = if name == ANY_CASE {
            sign_without_case(&vector.key, &pairs)
        } else {
            assert_eq!(
                sign_input(&vector.key, &pairs),
                printed.sign_input,
                "{name}"
            );
            form_sign(&vector.key, &pairs)
        };
        assert_eq!(value(&pairs, "sign"), Some(&*sign), "{name}");
    }
    let page = vectors.iter().find(|vector| vector.pay_sign.is_some());
    let (page, pay_sign) = page
        .and_then(|page| Some((page, page.pay_sign.as_ref()?)))
        .unwrap();
    let printed = Json::parse(&page.printed().body).unwrap();
    let info = Json::parse(printed.str("pay_info")).unwrap();
    let sign = hex_md5(pay_sign.input.as_bytes()).to_uppercase();
    assert_eq!(info.str("paySign"), sign);
    assert!(pay_sign.input.ends_with(&format!("key={}", pay_sign.key)));
}
