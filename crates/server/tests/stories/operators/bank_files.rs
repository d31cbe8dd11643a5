//! Story: a batch goes to a bank as the file that two people let pass, byte by byte, and as nothing
//! else. What the bank says of it counts for what was sent in it, wherever a bill stands by then.

use heliu_trade::payout_batch::FileState;
use sha2::{Digest, Sha256};

use crate::harness::{
    PayWay, Setup, XmlTill, by, done, eventually, newest_approval, rows, spoken, staff, xml_number,
};

const FACTOR: u64 = 20;
const NEXT: &str = "2026-01-16";
const BANK: &str = "a-bank";
const NET_YUAN: &str = "122.98";
const LOWER_MERCHANT: &str = "9605000033";

/// It is refused with these words.
fn refused(setup: &Setup, words: &[&str], told: &str) {
    let output = setup.run(&[words, &["--as", "ma"]].concat());
    let said = spoken(&output);
    assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
    assert!(said.contains(told), "{words:?}: {told:?} in {said}");
}

/// A fact of a thing that is shown.
fn fact(setup: &Setup, words: &[&str], name: &str) -> String {
    let shown = done(setup, &[words, &["--output", "csv"]].concat());
    let mut lines = shown.lines().filter_map(|line| line.split_once(','));
    let found = lines.find(|(fact, _)| *fact == name);
    found.map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

fn file_state(state: FileState) -> &'static str {
    state.as_str()
}

/// Two merchants have earned something, which a bank pays that takes files.
async fn begin(setup: &Setup, demo: &crate::harness::Demo) {
    let put = ["channels", "put", BANK, "--channel", "bank_file"];
    let settings = [
        "--setting",
        "bank_name=演示银行",
        "--setting",
        "encoding=utf-8",
    ];
    done(setup, &[&put[..], &settings].concat());
    staff(setup);
    let till = XmlTill::of(demo);
    for till in [&till.of_merchant(LOWER_MERCHANT), &till] {
        let number = xml_number("filed");
        let code = PayWay::Wechat.code("00");
        let paid = till.pay(&number, 12_345, &code, &[]).await;
        assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
        eventually("nothing is left to do", async || {
            setup.has_no_job(&number).filter(|is_settled| *is_settled)
        })
        .await;
    }
}

/// The only batch that waits, once the clock has come to an hour of the Friday.
async fn drafted_by(setup: &Setup, hour: &str) -> String {
    let at = format!("{NEXT} {hour}:00");
    by(setup, "li", &["clock", "move", &at]);
    let mut batch_no = String::new();
    eventually("a batch waits", async || {
        let batches = rows(setup, &["batches", "list", "--state", "drafted"]);
        batch_no = batches.first()?.str("batch_no").to_owned();
        Some(())
    })
    .await;
    batch_no
}

fn pass(setup: &Setup, batch_no: &str) {
    by(setup, "ma", &["batches", "submit", batch_no]);
    by(
        setup,
        "fu",
        &["approvals", "approve", &newest_approval(setup)],
    );
}

fn sha256(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes);
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The lines of an exported file: bill and request.
fn lines(setup: &Setup, file: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(setup.file(file)).unwrap();
    let lines = text
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with("合计"));
    let cells = lines.map(|line| {
        let mut cells = line.split(',').map(|cell| cell.trim_matches(['\t', '"']));
        let (bill, request) = (cells.nth(1).unwrap(), cells.next().unwrap());
        (bill.to_owned(), request.to_owned())
    });
    cells.collect()
}

/// A result file of a batch: the lines' own words, and how many of them paid.
fn answer(
    setup: &Setup,
    name: &str,
    batch_no: &str,
    sha256: &str,
    said: &[(&(String, String), &str)],
) {
    let mut text = format!(
        "批次号,{batch_no}\n文件摘要,{sha256}\n\
         账单号,请求号,金额(元),结果,银行流水号,付款时间,退票时间,原因\n"
    );
    let mut paid = 0;
    for ((bill, request), end) in said {
        let rest = match *end {
            "成功" => {
                paid += 1;
                format!("B{request},{NET} 09:00:00,,", NET = NEXT)
            }
            _ => ",,,户名不符".to_owned(),
        };
        text.push_str(&format!("{bill},{request},{NET_YUAN},{end},{rest}\n"));
    }
    let yuan = |count: usize| format!("{}.{:02}", 12_298 * count / 100, 12_298 * count % 100);
    let (all, paid_yuan) = (yuan(said.len()), yuan(paid));
    text.push_str(&format!("合计,{},{all},{paid},{paid_yuan}\n", said.len()));
    let bytes = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    std::fs::write(setup.file(name), bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bank_is_handed_what_two_people_let_pass() {
    let setup = Setup::new("bank-files", FACTOR);
    let demo = setup.start().await;
    begin(&setup, &demo).await;
    let batch_no = drafted_by(&setup, "05:01").await;
    let show = ["batches", "show", &batch_no];
    pass(&setup, &batch_no);
    let content = done(&setup, &["approvals", "show", &newest_approval(&setup)]);
    let passed = fact(&setup, &show, "file_sha256");
    assert!(content.contains(&format!("file {passed}")), "{content}");
    let export = |name| ["batches", "export", batch_no.as_str(), "--out", name];
    refused(
        &setup,
        &export("early"),
        "only what is being sent is handed over",
    );
    by(&setup, "ma", &["batches", "send"]);
    by(&setup, "ma", &export("file"));
    by(&setup, "ma", &export("again"));
    let bytes = std::fs::read(setup.file("file")).unwrap();
    assert_eq!(sha256(&bytes), passed);
    assert_eq!(std::fs::read(setup.file("again")).unwrap(), bytes);
    assert_eq!(
        fact(&setup, &show, "file_state"),
        file_state(FileState::HandedOver)
    );

    let sent = lines(&setup, "file");
    let said = [(&sent[0], "成功"), (&sent[1], "失败")];
    answer(&setup, "result", &batch_no, &passed, &said);
    let import = |name| ["batches", "import-result", batch_no.as_str(), name];
    by(&setup, "ma", &import("result"));
    let approval = newest_approval(&setup);
    by(&setup, "fu", &["approvals", "approve", &approval]);
    by(&setup, "ma", &["batches", "enter-result", &approval]);

    // The one that failed goes on with another batch; what the first file says of it still holds.
    let failed = sent[1].0.as_str();
    by(&setup, "ma", &["payouts", "repair", failed]);
    let second = drafted_by(&setup, "14:01").await;
    pass(&setup, &second);
    by(&setup, "ma", &["batches", "send"]);
    by(
        &setup,
        "ma",
        &["batches", "export", &second, "--out", "second"],
    );
    assert_ne!(
        lines(&setup, "second")[0].1,
        sent[1].1,
        "another request number"
    );
    by(&setup, "ma", &import("result"));
    let said = [(&sent[0], "成功"), (&sent[1], "成功")];
    answer(&setup, "otherwise", &batch_no, &passed, &said);
    let told = format!("the bill went on with batch {second}");
    refused(&setup, &import("otherwise"), &told);
    done(&setup, &["books", "check"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_changed_since_is_handed_to_nobody() {
    let setup = Setup::new("bank-files-changed", FACTOR);
    let demo = setup.start().await;
    begin(&setup, &demo).await;
    let change = |encoding: &str| {
        let setting = format!("encoding={encoding}");
        by(
            &setup,
            "li",
            &["channels", "put", BANK, "--setting", &setting],
        );
    };
    let batch_no = drafted_by(&setup, "05:01").await;
    pass(&setup, &batch_no);
    change("gb18030");
    by(&setup, "ma", &["batches", "send"]);
    let listed = rows(&setup, &["batches", "list"]);
    let states: Vec<_> = listed.iter().map(|it| it.str("state")).collect();
    assert_eq!(states, ["void"], "nothing of it was sent");

    let batch_no = drafted_by(&setup, "14:01").await;
    pass(&setup, &batch_no);
    by(&setup, "ma", &["batches", "send"]);
    change("utf-8");
    let export = ["batches", "export", &batch_no, "--out", "file"];
    refused(&setup, &export, "is not what was let pass");
    assert!(!setup.file("file").exists(), "nobody has it");
    let show = ["batches", "show", &batch_no];
    assert_eq!(
        fact(&setup, &show, "file_state"),
        file_state(FileState::Void)
    );
    let bills = rows(&setup, &["payouts", "list"]);
    let states: Vec<_> = bills.iter().map(|it| it.str("state")).collect();
    assert_eq!(states, ["failed", "failed"]);
    let acts = rows(&setup, &["audit", "list", "--action", "batches.void-file"]);
    assert_eq!(acts.len(), 1);
    done(&setup, &["books", "check"]);
}
