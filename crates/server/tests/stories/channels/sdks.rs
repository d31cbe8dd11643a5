//! Story: public SDKs, which share no code with us, drive every call of the sandbox and verify what
//! it answers and tells; their primitives verify what our connectors send. The checks themselves
//! are in `sdk/`, run by Node.

use std::path::Path;
use std::process::Command;

use crate::harness::{PayWay, Setup, XmlTill, eventually, order_number, spoken, xml_number};

/// SDKs look at the time, so these clocks are the wall's.
const FACTOR: u64 = 1;

/// A world whose clock is the wall's.
fn setup(story: &str) -> Setup {
    let mut date = Command::new("date");
    let now = date.args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().unwrap();
    let now = String::from_utf8(now.stdout).unwrap();
    Setup::new(story, FACTOR).with("HELIU_CLOCK_START", now.trim())
}

/// Runs the checks of a file against a sandbox; how many there were.
async fn checks(file: &str, sandbox: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk");
    assert!(
        folder.join("node_modules").exists(),
        "the SDKs are not installed: make sdks"
    );
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=tap", file]);
    node.current_dir(&folder).env("SANDBOX_URL", sandbox);
    let run = tokio::task::spawn_blocking(move || node.output());
    let output = run.await.unwrap().expect("Node is installed: .ci/packages");
    let words = spoken(&output);
    assert!(output.status.success(), "{words}");
    let count = |name: &str| {
        let line = words.lines().find_map(|line| line.strip_prefix(name));
        let number = line.unwrap_or_else(|| panic!("{name}: {words}"));
        number.trim().parse::<usize>().unwrap()
    };
    assert_eq!(count("# fail "), 0, "{words}");
    assert_eq!(count("# skipped "), 0, "{words}");
    count("# pass ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wechats_sdk_drives_every_call_of_the_sandbox() {
    let setup = setup("sdk-wechat");
    let sandbox = setup.start_sandbox().await;
    assert_eq!(checks("wechat.test.mjs", &sandbox.url).await, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alipays_sdk_drives_every_call_of_the_sandbox() {
    let setup = setup("sdk-alipay");
    let sandbox = setup.start_sandbox().await;
    assert_eq!(checks("alipay.test.mjs", &sandbox.url).await, 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sdks_verify_what_our_connectors_send() {
    let setup = setup("sdk-captured");
    let demo = setup.start().await;
    let till = &XmlTill::of(&demo);
    for way in [PayWay::Wechat, PayWay::Alipay] {
        let paid = xml_number("sdk");
        let answer = till.pay(&paid, 500, &way.code("90"), &[]).await;
        assert_eq!(answer.outcome(), "status 0", "{}", answer.text);
        eventually("it is paid", async || {
            (till.query(&paid).await.outcome() == "status 2").then_some(())
        })
        .await;
        let refunded = till.refund(&paid, &xml_number("back"), 100, &[]).await;
        assert!(
            refunded.outcome().starts_with("status 1"),
            "{}",
            refunded.text
        );
        let open = xml_number("sdk");
        let made = till.unified(way, "0", &open, 500, &[]).await;
        assert!(made.get("td_code").is_some(), "{}", made.text);
        let closed = till.close(&open).await;
        assert_eq!(closed.get("result_code"), Some("0"), "{}", closed.text);
    }
    let face = demo.agent();
    let answer = face.face_pay(&order_number("sdk"), 500, "face00").await;
    assert_eq!(answer.code(), "10000", "{}", answer.text);
    assert_eq!(
        checks("captured.test.mjs", demo.about.str("sandbox")).await,
        3
    );
}
