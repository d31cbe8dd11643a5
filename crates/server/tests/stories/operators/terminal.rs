//! Story: what merchants, payers and their endpoints write reaches the operator's terminal as text
//! and as nothing else: no escape moves the cursor, no sign turns the direction of a line (row G10
//! of the reliability paper).

use crate::harness::{
    FORM, GATEWAY, REGISTER, Receiver, Reply, Setup, eventually, fresh, joined, order_number,
    percent_encoded, random,
};
use std::process::Output;

const FACTOR: u64 = 20;
/// Escape, bell, a control of Latin-1, a turn of direction, and a delete.
const HOSTILE: &str = "a\u{1b}[2Jb\u{7}\u{9b}31m\u{202e}c\u{7f}\u{2066}";
const SHOWN: &str = "a\\u001b[2Jb\\u0007\\u009b31m\\u202ec\\u007f\\u2066";
const ANSWER: &str = "no\u{1b}]0;title\u{7}\u{202e}";

/// Both outputs, of which nothing may be obeyed.
fn read(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8(text).unwrap();
    let obeyed = |letter: char| {
        letter.is_control() && letter != '\n'
            || "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}"
                .contains(letter)
    };
    assert!(!text.contains(obeyed), "{text:?}");
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_write_is_shown_escaped_by_every_command() {
    let setup = Setup::new("terminal", FACTOR);
    let demo = setup.start().await;
    let receiver = Receiver::start(|_, _| Reply::Words(ANSWER)).await;
    let run = |arguments: &[&str]| read(&setup.run(arguments));

    // As JSON, whose escapes are plain text on the wire.
    let json: String = HOSTILE
        .chars()
        .map(|c| format!("\\u{:04x}", u32::from(c)))
        .collect();
    let number = fresh("subject");
    let body = format!(
        r#"{{"busi_id":"{}","out_trade_no":"{number}","total_fee":158,"channel_type":"0","pay_subject":"{json}","fee_type":"CNY","trade_type":"QRCODE","notifyUrl":"{}"}}"#,
        demo.till.busi_id,
        receiver.url("/n"),
    );
    let answer = demo
        .till
        .post_signed("preOrder", body.clone().into_bytes())
        .await
        .unwrap();
    assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
    demo.sandbox.scan(answer.str("qr_code"), "wechat").await;
    receiver.wait("/n", 1).await;
    let story = eventually("the delivery is in the story", async || {
        let story = run(&["orders", "show", &number]);
        story.contains("notified").then_some(story)
    })
    .await;
    let subject = story
        .lines()
        .find(|line| line.trim_start().starts_with("subject"));
    assert!(subject.unwrap().ends_with(SHOWN), "{story}");
    assert!(story.contains("no\\u001b]0;title\\u0007\\u202e"), "{story}");
    let listed = run(&["notifications", "list"]);
    assert!(listed.contains("/n"), "{listed}");

    let told = number;
    // A line end cannot pass for a line of ours.
    let number = fresh("lines");
    let body = body
        .replace(&json, "x\\n  payment      cash ¥9.99")
        .replace(&told, &number);
    let answer = demo
        .till
        .post_signed("preOrder", body.into_bytes())
        .await
        .unwrap();
    assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
    let story = run(&["orders", "show", &number]);
    assert!(
        !story.lines().any(|line| line.starts_with("  payment ")),
        "{story}"
    );

    // Raw bytes in a form.
    let agent = demo.agent();
    let number = order_number("raw");
    let members = [
        ("attach", HOSTILE),
        ("method", "pay"),
        ("mch_id", &*agent.mch_id),
        ("out_trade_no", &*number),
        ("auth_code", "134886863488188600"),
        ("body", "noodles"),
        ("total_fee", "158"),
    ];
    let mut pairs = agent.unsigned(&members);
    // In front, since a story shows the beginning of a body.
    pairs.rotate_left(3);
    let body = joined(&agent.signed(pairs), str::to_owned);
    let paid = agent
        .post(GATEWAY, Some(FORM), body.into_bytes())
        .await
        .unwrap();
    assert!(paid.outcome().starts_with("SUCCESS 10000"), "{}", paid.text);
    let story = run(&["orders", "show", &number]);
    assert!(story.contains(&format!("attach={SHOWN}")), "{story}");

    // The name of a merchant that registered itself.
    let mobile = format!("139{:08}", random() % 100_000_000);
    let members = [
        ("FullName", HOSTILE),
        ("ShortName", HOSTILE),
        ("Mobile", &*mobile),
    ];
    let registered = agent.call(REGISTER, &members).await;
    assert_eq!(registered.outcome(), "SUCCESS 10000", "{}", registered.text);
    let listed = run(&["merchants", "list"]);
    let line = listed.lines().find(|line| line.contains(SHOWN));
    let id = line.and_then(|line| line.split_whitespace().next());
    let shown = run(&[
        "merchants",
        "show",
        id.unwrap_or_else(|| panic!("{listed}")),
    ]);
    assert!(shown.contains(SHOWN), "{shown}");

    // A pasted request, and the refusal of one.
    let url = "/cgi-bin/lepos_pay_gateway.cgi";
    let pasted = format!(
        "service=upload_authcode&merchant_id=9605000011&body={}&nonce_str=x&sign=00000000000000000000000000000000",
        percent_encoded(HOSTILE)
    );
    let verified = run(&["verify", url, "--body", &pasted, "--key", &"k".repeat(32)]);
    assert!(
        verified.contains("string to sign") && verified.contains(SHOWN),
        "{verified}"
    );
    let refused = run(&["orders", "show", HOSTILE]);
    assert!(refused.contains(SHOWN), "{refused}");
}
