//! Story: a key need not be written into the command line, where everybody on the machine can read
//! it: it comes from a file or from standard input, wherever one is given.

use std::io::Write;
use std::process::{Output, Stdio};

use crate::harness::{Setup, spoken};

const FACTOR: u64 = 20;
const KEY: &str = "0123456789abcdef0123456789abcdef";
const OTHER_KEY: &str = "fedcba9876543210fedcba9876543210";
const URL: &str = "/gateway/pay/query";
const BODY: &str = r#"{"busi_id":"880010000000001","out_trade_no":"none"}"#;

/// Runs a command with something on its standard input.
fn run(setup: &Setup, arguments: &[&str], input: &str) -> Output {
    let mut command = setup.command();
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that is refused before it reads has closed its end.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn done(setup: &Setup, arguments: &[&str], input: &str) -> String {
    let output = run(setup, arguments, input);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        spoken(&output)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn refused(setup: &Setup, arguments: &[&str], input: &str) -> String {
    let output = run(setup, arguments, input);
    assert!(
        !output.status.success(),
        "{arguments:?}: {}",
        spoken(&output)
    );
    spoken(&output)
}

/// The fingerprints of an owner's keys.
fn fingerprints(setup: &Setup, owner: &str) -> Vec<String> {
    let listed = done(setup, &["keys", "list", owner], "");
    let prints = listed
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().nth(2));
    prints.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_comes_from_a_file_or_from_standard_input_wherever_one_is_given() {
    let setup = Setup::new("given-keys", FACTOR);
    let demo = setup.start().await;
    std::fs::write(setup.file("key"), format!("{KEY}\n")).unwrap();
    let input = format!("{KEY}\n");

    let add = |id: &'static str, app: &'static str, key: &'static str| {
        [
            "merchants",
            "add",
            id,
            "--name",
            "店",
            "--dialect",
            "fufu",
            "--app-id",
            app,
            "--key",
            key,
        ]
    };
    let plain: &'static str = "trade=0123456789abcdef0123456789abcdef";
    done(&setup, &add("K1", "880010000000101", plain), "");
    done(&setup, &add("K2", "880010000000102", "trade=@key"), "");
    done(&setup, &add("K3", "880010000000103", "trade=-"), &input);
    let signed = |app: &str, key: &str, input: &str| {
        let body = BODY.replace("880010000000001", app);
        done(&setup, &["sign", URL, "--body", &body, "--key", key], input)
    };
    // Signed by the books' key, and by the key that was given: alike.
    for app in ["880010000000101", "880010000000102", "880010000000103"] {
        let body = BODY.replace("880010000000001", app);
        for (key, input) in [(KEY, ""), ("@key", ""), ("-", &*input)] {
            let text = signed(app, key, input);
            let query = text
                .lines()
                .find_map(|line| line.strip_prefix("POST "))
                .unwrap();
            let verified = done(&setup, &["verify", query, "--body", &body], "");
            assert!(verified.contains("MATCHES"), "{verified}");
            let verified = done(
                &setup,
                &["verify", query, "--body", &body, "--key", key],
                input,
            );
            assert!(verified.contains("MATCHES"), "{verified}");
        }
    }

    let owner = "app:fufu:880010000000101";
    done(&setup, &["keys", "rotate", owner, "--key", "-"], OTHER_KEY);
    assert_eq!(fingerprints(&setup, owner).len(), 2);
    let agent = [
        "agents",
        "add",
        "7001",
        "--dialect",
        "chaoying",
        "--name",
        "商",
        "--key",
        "-",
    ];
    done(&setup, &agent, KEY);
    // The file holds the same key as the input did.
    let again = [
        "agents",
        "rotate-key",
        "7001",
        "--dialect",
        "chaoying",
        "--key",
        "@key",
    ];
    assert!(refused(&setup, &again, "").contains("has this agent key already"));
    demo.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn standard_input_is_one_secret_and_says_so() {
    let setup = Setup::new("one-input", FACTOR);
    let demo = setup.start().await;
    let both = ["sign", URL, "--key", "-", "--body", "-"];
    assert!(refused(&setup, &both, KEY).contains("cannot both be standard input"));
    let merchant = [
        "merchants",
        "add",
        "K4",
        "--name",
        "店",
        "--dialect",
        "leshua",
        "--app-id",
        "9605000104",
        "--key",
        "trade=-",
        "--key",
        "notify=-",
    ];
    let words = refused(&setup, &merchant, KEY);
    assert!(
        words.contains("standard input is") && words.contains("@FILE"),
        "{words}"
    );
    let empty = ["agents", "rotate-key", "16600000000000001", "--key", "-"];
    assert!(refused(&setup, &empty, "\n").contains("standard input is empty"));
    let twice = [
        "merchants",
        "add",
        "K5",
        "--name",
        "店",
        "--dialect",
        "fufu",
        "--app-id",
        "880010000000105",
        "--key",
        "trade=aaaaaaaaaaaaaaaa",
        "--key",
        "trade=bbbbbbbbbbbbbbbb",
    ];
    let words = refused(&setup, &twice, "");
    assert!(
        words.contains("trade is given twice") && !words.contains("aaaaaa"),
        "{words}"
    );
    // What is not understood may be a key, and is not repeated.
    let bare = [
        "merchants",
        "add",
        "K6",
        "--name",
        "店",
        "--dialect",
        "fufu",
        "--app-id",
        "880010000000106",
        "--key",
        KEY,
    ];
    assert!(!refused(&setup, &bare, "").contains(KEY));
    demo.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_root_key_may_come_from_standard_input() {
    let setup = Setup::new("root-input", FACTOR);
    assert!(setup.start().await.stop().await.success());
    let root = std::fs::read_to_string(setup.file("root.key")).unwrap();
    std::fs::remove_file(setup.file("root.key")).unwrap();
    let setup = setup.with("HELIU_ROOT_KEY_FILE", "-");
    let listed = done(&setup, &["merchants", "list"], &root);
    assert!(listed.contains("880010000000001"), "{listed}");
    let wrong = refused(&setup, &["merchants", "list"], "00");
    assert!(wrong.contains("a root key is 32 bytes"), "{wrong}");
}
