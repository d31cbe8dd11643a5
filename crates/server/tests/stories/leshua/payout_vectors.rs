//! Story: every vector of payouts, their callbacks and statement files over HTTP, accepted or
//! refused as it says, and answered member by member as ruling 50 wants it; and bad input, which is
//! told as that.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;

use crate::harness::{
    Demo, HEARD, Json, Pairs, PayWay, Receiver, Setup, XML_FORM, XmlTill, by, client, decoded,
    done, encoded, envelope_sign, eventually, hex_md5, newest_approval, rows, staff, value,
    xml_number,
};

const GOLDEN: &str = include_str!("../../../../dialects/src/leshua/golden/payouts.json");
const FACTOR: u64 = 20;
const OWNER: &str = "merchant:M9605000011";
/// The trade date of the vectors' bill, and the day on which it is made: here a Thursday and the
/// Friday after it.
const DATE: &str = "2026-01-15";
const NEXT: &str = "2026-01-16";
/// Where callbacks are heard.
const CALLBACK: &str = "/agent/payouts";
/// The bill, its mask, and the bill in its place, as the vectors print them.
const PRINTED_BILL: &str = "20260102000000000001";
const PRINTED_MASK: &str = "620000*********0018";
const PRINTED_NEW_BILL: &str = "20260103000000000001";
/// Cards that the bank refuses, and whose payment it takes back the day after.
const REFUSED: &str = "6200000000000000711";
const RETURNED: &str = "6200000000000000836";
const RETURNED_MASK: &str = "620000*********0836";

/// What comes of one payment of 500 fen that is settled T1, and the vectors that need that.
const PAID: &[&str] = &[
    "payout-paid",
    "payout-with-unsigned-serial",
    "neg-payout-other-agents",
    "neg-payout-unknown",
    "neg-payout-wrong-sign",
    "payouts-of-a-day",
    "payouts-of-a-day-by-state",
    "payouts-beyond-the-last-page",
    "neg-payouts-other-agents-merchant",
    "payouts-failed-none",
    "statement-trade",
    "neg-statement-other-agents",
    "neg-statement-unknown",
    "neg-statement-wrong-sign",
    "callback-paid",
];
const HELD_BACK: &[&str] = &["payout-frozen"];
const FAILED: &[&str] = &["payouts-failed", "callback-failed"];
const COME_BACK: &[&str] = &["callback-returned", "callback-paid-on-a-new-bill"];

/// The vectors of the file by name.
fn vectors() -> BTreeMap<String, Json> {
    let file = Json::parse(GOLDEN).unwrap();
    let named = file.list().iter().map(|vector| {
        let name = vector.str("name").strip_prefix("leshua/").unwrap();
        (name.to_owned(), vector.clone())
    });
    named.collect()
}

#[test]
fn no_vector_of_payouts_is_left_out() {
    let scenes = [PAID, HELD_BACK, FAILED, COME_BACK].concat();
    let names: BTreeSet<&str> = scenes.iter().copied().collect();
    assert_eq!(names.len(), scenes.len(), "a vector stands in two scenes");
    let vectors = vectors();
    assert_eq!(names, vectors.keys().map(String::as_str).collect());
    println!("{} vectors of payouts are played", names.len());
}

/// One platform on which a scene is played.
struct Scene {
    setup: Setup,
    demo: Demo,
    receiver: Receiver,
    vectors: BTreeMap<String, Json>,
    /// What stands for what is printed, whatever its place; the longest first.
    real: Vec<(String, String)>,
}

impl Scene {
    async fn open(story: &str) -> Scene {
        let setup = Setup::new(story, FACTOR);
        let demo = setup.start().await;
        let receiver = Receiver::start(|_, _| HEARD).await;
        staff(&setup);
        let url = receiver.url(CALLBACK);
        let words = ["agents", "edit", "10", "--payout-callback", &url];
        by(&setup, "li", &words);
        let dates = [
            ("20260102.txt", "20260116.txt"),
            ("2026-01-01", DATE),
            ("2026-01-02", NEXT),
            ("2026-01-03", "2026-01-17"),
        ];
        Scene {
            setup,
            demo,
            receiver,
            vectors: vectors(),
            real: dates.map(|(one, other)| (one.into(), other.into())).into(),
        }
    }

    /// The merchant is paid to another card from now on.
    fn put_card(&self, number: &str) {
        let file = self.setup.file("card");
        std::fs::write(&file, number).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let words = [
            "cards",
            "add",
            OWNER,
            "--holder",
            "测试法人",
            "--bank-branch",
            "演示银行深圳支行",
            "--number-file",
            "card",
        ];
        by(&self.setup, "ma", &words);
        let approval = newest_approval(&self.setup);
        by(&self.setup, "fu", &["cards", "approve", &approval]);
    }

    /// A payment of 500 fen, booked; the night after all steps of its date are run.
    async fn take_and_run_the_day(&mut self) {
        let number = xml_number("vector");
        let code = PayWay::Wechat.code("00");
        let till = XmlTill::of(&self.demo);
        let paid = till.pay(&number, 500, &code, &[]).await;
        assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
        eventually("nothing is left to do", async || {
            let is_settled = self.setup.has_no_job(&number);
            is_settled.filter(|is_settled| *is_settled)
        })
        .await;
        let night = format!("{NEXT} 00:00:30");
        by(&self.setup, "li", &["clock", "move", &night]);
        by(&self.setup, "li", &["day", "run", DATE]);
        let bill_id = self.bill().str("bill_id").to_owned();
        self.real.insert(0, (PRINTED_BILL.to_owned(), bill_id));
    }

    /// The merchant's newest bill.
    fn bill(&self) -> Json {
        let bills = rows(&self.setup, &["payouts", "list", "--owner", OWNER]);
        assert!(!bills.is_empty(), "no bill of {OWNER}");
        bills[0].clone()
    }

    /// Two people let the only batch pass, and it is sent.
    async fn pass_and_send(&self) {
        let batch = eventually("a batch waits", async || {
            let batches = rows(&self.setup, &["batches", "list", "--state", "drafted"]);
            batches.first().cloned()
        })
        .await;
        by(
            &self.setup,
            "ma",
            &["batches", "submit", batch.str("batch_no")],
        );
        let approval = newest_approval(&self.setup);
        by(&self.setup, "fu", &["approvals", "approve", &approval]);
        by(&self.setup, "ma", &["batches", "send"]);
    }

    fn put_real(&self, text: &str) -> String {
        let put = |text: String, (printed, real): &(String, String)| text.replace(printed, real);
        self.real.iter().fold(text.to_owned(), put)
    }

    /// Sends a request with what is real here, signed again if the vector's signature is good;
    /// type and text of the answer.
    async fn send(&self, vector: &Json) -> (String, String) {
        let (name, key) = (vector.str("name"), vector.str("key"));
        let request = vector.get("request").unwrap();
        let (path, in_query) = (request.str("path"), request.str("method") == "GET");
        let printed = decoded(request.str(if in_query { "query" } else { "body" }));
        let is_good = vector.get("signature_valid") == Some(&Json::Bool(true));
        let sent = value(&printed, "sign").unwrap();
        assert_eq!(sign_of(path, &printed, key) == sent, is_good, "{name}");

        let path = self.put_real(path);
        let named = printed.iter();
        let mut pairs: Pairs = named
            .map(|(name, value)| (name.clone(), self.put_real(value)))
            .collect();
        let signed = sign_of(&path, &pairs, key);
        for (_, sign) in pairs
            .iter_mut()
            .filter(|(name, _)| is_good && name == "sign")
        {
            sign.clone_from(&signed);
        }
        let url = format!("{}{path}", self.demo.about.str("platform"));
        let request = if in_query {
            client().get(format!("{url}?{}", encoded(&pairs)))
        } else {
            let post = client().post(url).header("Content-Type", XML_FORM);
            post.body(encoded(&pairs))
        };
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{name}");
        let content_type = answer.headers()["content-type"].to_str().unwrap();
        (content_type.to_owned(), answer.text().await.unwrap())
    }

    /// Plays a request; what is wrong with its answer.
    async fn play(&self, name: &str) -> Vec<String> {
        let vector = &self.vectors[name];
        let (content_type, text) = self.send(vector).await;
        let Some(printed) = vector.get("response") else {
            return without_answer(name, &content_type, &text);
        };
        let headers = printed.get("headers").unwrap();
        let mut wrong = self.compare(vector, printed.str("body"), &text);
        if content_type != headers.str("Content-Type") {
            wrong.push(content_type);
        }
        wrong
    }

    /// What is different in an answer or a callback but must not be.
    fn compare(&self, vector: &Json, printed: &str, got: &str) -> Vec<String> {
        let printed = self.put_real(printed);
        let [printed, real] = [&*printed, got].map(|text| {
            let mut leaves = BTreeMap::new();
            flatten(&Json::parse(text).unwrap(), String::new(), &mut leaves);
            leaves
        });
        let mut wrong = Vec::new();
        if !printed.keys().eq(real.keys()) {
            wrong.push(format!(
                "members {:?}, not {:?}",
                printed.keys(),
                real.keys()
            ));
        }
        let free = vector.get("free");
        for (path, value) in &printed {
            let pattern = free.and_then(|free| free.get(path)).and_then(Json::text);
            let got = real.get(path).unwrap_or(&Json::Null);
            let holds = match pattern {
                Some(pattern) => got.text().is_some_and(|text| fits(pattern, text)),
                None => value == got,
            };
            if !holds {
                wrong.push(format!("{path} is {value}, not {got}"));
            }
        }
        wrong
    }

    /// Plays the requests of a scene, and hears its callbacks in their order.
    async fn play_all(&self, names: &[&str]) {
        let mut wrong = Vec::new();
        let mut callbacks = 0;
        for name in names {
            let vector = &self.vectors[*name];
            let faults = if vector.str("kind") == "notification" {
                callbacks += 1;
                let heard = self.receiver.wait(CALLBACK, callbacks).await;
                let heard = &heard[callbacks - 1];
                assert_eq!(heard.content_type, "application/json", "{name}");
                let printed = vector.get("request").unwrap().str("body");
                self.compare(vector, printed, heard.text())
            } else {
                self.play(name).await
            };
            wrong.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// What agent 10 hears of an envelope with this `data`.
    async fn ask(&self, path: &str, agent: (&str, &str), data: &str) -> Json {
        let sign = envelope_sign(agent.1, data);
        let pairs = [
            ("agentId", agent.0),
            ("version", "1.0"),
            ("reqSerialNo", "2026010112000000100099"),
            ("sign", &sign),
            ("data", data),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let url = format!("{}/open-api/agent/{path}", self.demo.about.str("platform"));
        let post = client().post(url).header("Content-Type", XML_FORM);
        let answer = post.body(encoded(&pairs)).send().await.unwrap();
        Json::parse(&answer.text().await.unwrap()).unwrap()
    }
}

/// The signature as the description makes it: over three parameters of a bill, over a file's name,
/// over `data`.
fn sign_of(path: &str, pairs: &Pairs, key: &str) -> String {
    let of = |name: &str| value(pairs, name).unwrap_or_default();
    if let Some(file) = path.strip_prefix("/statement/") {
        let text = format!("agentId={}&file={file}&key={key}", of("agentId"));
        return hex_md5(text.as_bytes());
    }
    if path.ends_with("/settlement-order") {
        let (agent, bill, kind) = (of("agentId"), of("billId"), of("type"));
        let text = format!("agentId={agent}&billId={bill}&type={kind}&key={key}");
        return hex_md5(text.as_bytes());
    }
    envelope_sign(key, of("data"))
}

/// What is accepted without an answer in the file.
fn without_answer(name: &str, content_type: &str, text: &str) -> Vec<String> {
    let holds = match name {
        "payout-with-unsigned-serial" => {
            text.contains(r#""state":1"#) && text.contains(r#""error_code":"0""#)
        }
        "statement-trade" => {
            content_type == "text/plain;charset=UTF-8"
                && text.starts_with("BT|")
                && text.contains("|9605000011|38|500|2|498|进账|")
        }
        other => panic!("{other} has no answer in the file"),
    };
    let fault = || format!("{content_type} {text}");
    (!holds).then(fault).into_iter().collect()
}

/// Each value of a document by its path; members may stand in any order.
fn flatten(of: &Json, path: String, leaves: &mut BTreeMap<String, Json>) {
    let below = |name: &str| match &*path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match of {
        Json::Object(members) => {
            for (name, value) in members {
                flatten(value, below(name), leaves);
            }
        }
        Json::List(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                flatten(value, below(&index.to_string()), leaves);
            }
        }
        leaf => {
            leaves.insert(path, leaf.clone());
        }
    }
}

/// Whether a text has the form that a vector leaves free.
fn fits(pattern: &str, text: &str) -> bool {
    let form: String = text
        .chars()
        .map(|sign| if sign.is_ascii_digit() { '0' } else { sign })
        .collect();
    let twenty = "0".repeat(20);
    match pattern {
        "^.*$" => true,
        "^.+$" => !text.is_empty(),
        "^[0-9]{20}$" => form == twenty,
        "^([0-9]{20})?$" => form.is_empty() || form == twenty,
        "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}$" => form == "0000-00-00 00:00:00",
        "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\\.0$" => form == "0000-00-00 00:00:00.0",
        other => panic!("nobody knows the form {other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bill_that_is_paid_is_told_as_the_vectors_say() {
    let mut scene = Scene::open("ls-payout-paid").await;
    scene.take_and_run_the_day().await;
    scene.pass_and_send().await;
    scene.play_all(PAID).await;
    // Sent once, whatever the vectors ask afterwards.
    assert_eq!(scene.receiver.heard(CALLBACK).len(), 1);

    let own = ("10", "11223344556677889900aabbccddeeff");
    let (of_day, of_failed) = ("merchant-settlement-order", "agent-fail-settlement-order");
    let asked = |merchant: &str, date: &str, more: &str| {
        format!(r#"{{"merchantId":"{merchant}","date":"{date}","type":"D1",{more}}}"#)
    };
    let usual = r#""state":4,"pageNo":1"#;
    for (path, agent, data, told) in [
        (of_day, own, asked("9605000022", NEXT, usual), "000104"),
        (of_day, own, asked("9605999999", NEXT, usual), "000104"),
        (
            of_day,
            own,
            asked("9605000011", "2026-02-30", usual),
            "000101",
        ),
        (
            of_day,
            own,
            asked("9605000011", "16.01.2026", usual),
            "000101",
        ),
        (of_day, own, asked("9605000011", "", usual), "000101"),
        (
            of_day,
            own,
            asked("9605000011", NEXT, r#""state":4,"pageNo":0"#),
            "000101",
        ),
        (
            of_day,
            own,
            asked("9605000011", NEXT, r#""state":9,"pageNo":1"#),
            "000101",
        ),
        (of_day, own, "{".to_owned(), "000101"),
        (
            of_day,
            ("10", "another key"),
            asked("9605000011", NEXT, usual),
            "000102",
        ),
        (
            of_day,
            ("99", own.1),
            asked("9605000011", NEXT, usual),
            "000103",
        ),
        (
            of_failed,
            own,
            r#"{"date":"2026-13-01","type":"T1","pageNo":1}"#.to_owned(),
            "000101",
        ),
        (
            of_failed,
            own,
            r#"{"date":"2026-01-16","type":"D1","pageNo":1}"#.to_owned(),
            "000101",
        ),
    ] {
        let answer = scene.ask(path, agent, &data).await;
        assert_eq!(answer.str("error_code"), told, "{data}: {answer}");
        assert!(!answer.str("error_msg").is_empty(), "{answer}");
    }
    done(&scene.setup, &["books", "check"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bill_that_is_held_back_is_told_as_the_vectors_say() {
    let mut scene = Scene::open("ls-payout-frozen").await;
    let hold = ["holds", "place", OWNER, "--all", "--reason", "a complaint"];
    by(&scene.setup, "ma", &hold);
    scene.take_and_run_the_day().await;
    scene.play_all(HELD_BACK).await;
    assert!(scene.receiver.heard(CALLBACK).is_empty(), "nothing ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bill_that_failed_is_told_as_the_vectors_say() {
    let mut scene = Scene::open("ls-payout-failed").await;
    scene.put_card(REFUSED);
    scene.take_and_run_the_day().await;
    scene.pass_and_send().await;
    scene.play_all(FAILED).await;
}

/// The bank takes the money back the day after; a new bill is made, which names the one before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bill_that_came_back_is_told_as_the_vectors_say() {
    let mut scene = Scene::open("ls-payout-returned").await;
    scene.put_card(RETURNED);
    scene.take_and_run_the_day().await;
    scene.pass_and_send().await;
    let (path, first) = (CALLBACK, scene.bill().str("bill_id").to_owned());
    assert_eq!(
        scene.receiver.wait(path, 1).await[0].json().str("state"),
        "3"
    );
    let noon = "2026-01-17 12:00:00";
    by(&scene.setup, "li", &["clock", "move", noon]);
    scene.receiver.wait(path, 2).await;
    scene.pass_and_send().await;
    let new = eventually("the new bill is paid", async || {
        let new = scene.bill();
        (new.str("bill_id") != first && new.str("state") == "paid").then_some(new)
    })
    .await;
    let bill_id = new.str("bill_id").to_owned();
    for (printed, real) in [(PRINTED_NEW_BILL, &*bill_id), (PRINTED_MASK, RETURNED_MASK)] {
        scene.real.insert(0, (printed.to_owned(), real.to_owned()));
    }
    let heard = scene.receiver.wait(path, 3).await;
    let mut wrong = Vec::new();
    for (name, heard) in COME_BACK.iter().zip(&heard[1..]) {
        let vector = &scene.vectors[*name];
        let printed = vector.get("request").unwrap().str("body");
        wrong.extend(scene.compare(vector, printed, heard.text()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(heard[2].json().str("remark"), first);
    assert_eq!(heard[2].json().str("billId"), bill_id);
    done(&scene.setup, &["books", "check"]);
}
