//! Batches as files of a bank, and their result files.

use std::sync::Arc;

use encoding_rs::GB18030;
use heliu_ports::channel::{
    BillResult, Channel, FileFault, Payee, PayoutBatchFile, PayoutLine, SentFile, SentLine,
    WrittenFile,
};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{PayoutEvidence, PayoutFailure, PayoutResult, PayoutReturn};

use crate::support::NOW_MS;
use crate::support::keys::sha256_hex;
use crate::support::payouts::{FILE_SETTINGS, account, company, person};

const BATCH_NO: &str = "2601150000000042";
const BILLS: [&str; 3] = [
    "20260115000000000001",
    "20260115000000000002",
    "20260115000000000003",
];
const REQUESTS: [&str; 3] = ["R0000001", "R0000002", "R0000003"];
const AMOUNTS_FEN: [i64; 3] = [8377, 100, 99];

fn channel() -> Arc<dyn Channel> {
    heliu_channels::find("bank_file").expect("registered")
}

fn lines() -> [PayoutLine<'static>; 3] {
    let payees = [
        person(),
        company(),
        Payee {
            holder: "=HYPERLINK(\"x\")",
            ..person()
        },
    ];
    [0, 1, 2].map(|at| PayoutLine {
        bill_no: BILLS[at],
        request_no: REQUESTS[at],
        amount_fen: AMOUNTS_FEN[at],
        payee: payees[at],
        remark: "20260114结算款",
    })
}

fn write(encoding: Option<&str>, lines: &[PayoutLine<'_>]) -> Result<WrittenFile, Vec<FileFault>> {
    let mut account = account("bank_file", FILE_SETTINGS);
    let setting = encoding.map(|word| ("encoding".to_owned(), word.to_owned()));
    account.settings.extend(setting);
    let batch = PayoutBatchFile {
        account: &account,
        batch_no: BATCH_NO,
        date: "2026-01-15",
        lines,
    };
    let channel = channel();
    channel.payout_files().expect("it writes").write(&batch)
}

fn read(encoding: Option<&str>, bytes: &[u8]) -> Result<Vec<BillResult>, Vec<FileFault>> {
    let mut account = account("bank_file", FILE_SETTINGS);
    let setting = encoding.map(|word| ("encoding".to_owned(), word.to_owned()));
    account.settings.extend(setting);
    let lines = [0, 1, 2].map(|at| SentLine {
        bill_no: BILLS[at],
        request_no: REQUESTS[at],
        amount_fen: AMOUNTS_FEN[at],
    });
    let sent = SentFile {
        account: &account,
        batch_no: BATCH_NO,
        sha256: &digest(),
        lines: &lines,
    };
    let channel = channel();
    channel.payout_files().expect("it reads").read(&sent, bytes)
}

/// Of the file that was handed over.
fn digest() -> String {
    sha256_hex(&write(None, &lines()).expect("written").bytes)
}

const COLUMNS: &str = "账单号,请求号,金额(元),结果,银行流水号,付款时间,退票时间,原因";
const PAID: &str = "20260115000000000001,R0000001,83.77,成功,B1,2026-01-15 10:00:01,,";
const FAILED: &str =
    "20260115000000000002,R0000002,1.00,失败,,,,账号755912345610701户名不符[1000005]";
const RETURNED: &str =
    "20260115000000000003\t,R0000003,0.99,退票,B3,2026-01-15 10:00:01,2026-01-15 10:00:02,退票";

fn result_file(bills: &[&str], total: &str) -> String {
    let head = [
        format!("批次号,{BATCH_NO}\t"),
        format!("文件摘要,{}", digest()),
        COLUMNS.to_owned(),
    ];
    let bills = bills.iter().map(|bill| (*bill).to_owned());
    let lines: Vec<String> = head
        .into_iter()
        .chain(bills)
        .chain([total.to_owned()])
        .collect();
    lines.join("\r\n")
}

fn faults(text: &str) -> Vec<String> {
    let found = read(Some("utf-8"), text.as_bytes()).expect_err("it is refused");
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn a_batch_is_a_file_that_spreadsheets_do_not_spoil() {
    let written = write(Some("utf-8"), &lines()).expect("written");
    let text = String::from_utf8(written.bytes.clone()).expect("UTF-8");
    let expected = "\u{feff}序号,账单号,请求号,收款账号,收款户名,账户类型,开户行,联行号,金额(元),附言\r\n\
        1,20260115000000000001\t,R0000001\t,6200000000000000018\t,测试法人,对私,,,83.77,20260114结算款\r\n\
        2,20260115000000000002\t,R0000002\t,755912345610701\t,演示有限公司,对公,招商银行,308584000013\t,1.00,20260114结算款\r\n\
        3,20260115000000000003\t,R0000003\t,6200000000000000018\t,\"'=HYPERLINK(\"\"x\"\")\",对私,,,0.99,20260114结算款\r\n\
        合计,2601150000000042\t,2026-01-15,3笔,,,,,85.76,\r\n";
    assert_eq!(text, expected);
    assert_eq!(written.name, "演示银行-2026-01-15-2601150000000042.csv");
    assert_eq!(written.sha256, sha256_hex(&written.bytes));
}

#[test]
fn banks_get_gb18030_unless_the_account_says_otherwise() {
    let default = write(None, &lines()).expect("written");
    assert_eq!(default, write(Some("gb18030"), &lines()).expect("written"));
    let (text, has_bad) = GB18030.decode_without_bom_handling(&default.bytes);
    assert!(!has_bad && text.starts_with("序号,账单号"), "{text}");
    let rare = Payee {
        holder: "𠮷野家㐂😀",
        ..person()
    };
    let line = PayoutLine {
        payee: rare,
        ..lines()[0]
    };
    let written = write(None, &[line]).expect("written");
    let (text, _) = GB18030.decode_without_bom_handling(&written.bytes);
    assert!(text.contains(rare.holder), "{text}");
    assert!(!format!("{written:?}").contains("6200"));
}

#[test]
fn a_batch_that_a_bank_could_not_pay_is_not_written() {
    let [one, two, three] = lines();
    for (lines, expected) in [
        (
            vec![],
            "line 0, 批次: the batch has no bill; a file needs one at least",
        ),
        (
            vec![
                one,
                PayoutLine {
                    bill_no: BILLS[0],
                    ..two
                },
            ],
            "line 3, 账单号: the bill stands twice",
        ),
        (
            vec![
                one,
                PayoutLine {
                    request_no: REQUESTS[0],
                    ..two
                },
            ],
            "line 3, 请求号: the request number stands twice",
        ),
        (
            vec![PayoutLine {
                amount_fen: 0,
                ..one
            }],
            "line 2, 金额(元): it is not above 0",
        ),
        (
            vec![PayoutLine {
                payee: Payee {
                    clearing_no: "",
                    ..company()
                },
                ..two
            }],
            "line 2, 联行号: it is empty; a company's account needs it",
        ),
        (
            vec![PayoutLine {
                remark: "a\r\nb",
                ..three
            }],
            "line 2, 附言: it has a line break or another control character",
        ),
        (
            vec![
                PayoutLine {
                    amount_fen: i64::MAX,
                    ..one
                },
                PayoutLine {
                    amount_fen: 1,
                    ..two
                },
            ],
            "line 0, 合计: the sum is too large",
        ),
    ] {
        let found = write(None, &lines).expect_err("it is refused");
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, [expected]);
    }
}

#[test]
fn a_result_file_says_how_each_bill_ended() {
    let payment = |bank_no: &str| PayoutEvidence {
        bank_no: bank_no.to_owned(),
        paid_at: Timestamp::from_ms(NOW_MS + 1000),
        remark: String::new(),
    };
    let expected: Vec<BillResult> = [
        PayoutResult::Paid(payment("B1")),
        PayoutResult::Failed(PayoutFailure {
            reason: "账号755912*********0701户名不符[1000005]".to_owned(),
        }),
        PayoutResult::Returned(PayoutReturn {
            payment: payment("B3"),
            returned_at: Timestamp::from_ms(NOW_MS + 2000),
            reason: "退票".to_owned(),
        }),
    ]
    .into_iter()
    .enumerate()
    .map(|(at, result)| BillResult {
        bill_no: BILLS[at].to_owned(),
        request_no: REQUESTS[at].to_owned(),
        result,
    })
    .collect();
    let text = result_file(&[PAID, FAILED, RETURNED], "合计,3,85.76,1,83.77");
    let marked = format!("\u{feff}{text}");
    let (native, ..) = GB18030.encode(&text);
    assert_eq!(read(Some("utf-8"), text.as_bytes()), Ok(expected.clone()));
    assert_eq!(read(None, marked.as_bytes()), Ok(expected.clone()));
    assert_eq!(read(None, &native), Ok(expected.clone()));
    // Bills that it does not name stay as they are.
    let part = result_file(&[PAID], "合计,1,83.77,1,83.77");
    assert_eq!(
        read(Some("utf-8"), part.as_bytes()),
        Ok(expected[..1].to_vec())
    );
}

#[test]
fn a_result_file_that_is_about_another_file_or_does_not_add_up_is_refused() {
    let total = "合计,1,83.77,1,83.77";
    let whole = result_file(&[PAID], total);
    let ours = digest();
    let with = |from: &str, to: &str| whole.replace(from, to);
    for (text, expected) in [
        (
            with(BATCH_NO, "2601150000000043"),
            format!("line 1, 批次号: it is \"2601150000000043\", ours is {BATCH_NO}"),
        ),
        (
            with(&ours, "00"),
            format!("line 2, 文件摘要: it is \"00\", ours is {ours}"),
        ),
        (
            with("文件摘要", "摘要"),
            "line 2, 文件摘要: the line must begin with 文件摘要".to_owned(),
        ),
        (
            with("付款时间,退票时间", "退票时间,付款时间"),
            format!("line 3, columns: they must be {COLUMNS}"),
        ),
        (
            with(BILLS[0], "20260115000000000009"),
            "line 4, 账单号: the batch has no bill \"20260115000000000009\"".to_owned(),
        ),
        (
            with(REQUESTS[0], "R0000002"),
            "line 4, 请求号: it is \"R0000002\", ours is R0000001".to_owned(),
        ),
        (
            with("83.77,成功", "83.78,成功"),
            "line 4, 金额(元): it is \"83.78\", ours is 83.77".to_owned(),
        ),
        (
            with("成功", "完成"),
            "line 4, 结果: it is \"完成\", not 成功, 失败 or 退票".to_owned(),
        ),
        (
            with(",B1,", ",,"),
            "line 4, 银行流水号: it is empty, and the result is 成功".to_owned(),
        ),
        (
            with("2026-01-15 10:00:01", "2026/1/15"),
            "line 4, 付款时间: it is \"2026/1/15\", not yyyy-MM-dd HH:mm:ss".to_owned(),
        ),
        (
            with("10:00:01,,", "10:00:01,,,"),
            "line 4, line: it has 9 cells, not 8".to_owned(),
        ),
        (
            with("成功,B1", "失败,B1"),
            "line 4, 银行流水号: it must be empty, since the result is 失败".to_owned(),
        ),
        (
            with("合计,1,", "合计,2,"),
            "line 5, 笔数: it is \"2\", the lines make 1".to_owned(),
        ),
        (
            with(",1,83.77", ",1,83.78"),
            "line 5, 总金额(元): it is \"83.78\", the lines make 83.77".to_owned(),
        ),
        (
            with("合计,1,83.77,1", "合计,1,83.77,0"),
            "line 5, 成功笔数: it is \"0\", the lines make 1".to_owned(),
        ),
    ] {
        assert_eq!(faults(&text), [expected], "{text}");
    }
}

#[test]
fn every_fault_of_a_result_file_is_told_with_its_line() {
    let twice = result_file(&[PAID, PAID], "合计,2,167.54,2,167.54");
    assert_eq!(
        faults(&twice),
        ["line 5, 账单号: the bill stands in line 4 already"]
    );
    let two = result_file(
        &[&PAID.replace("成功", "?"), &FAILED.replace("1.00", "2")],
        "合计",
    );
    assert_eq!(
        faults(&two),
        [
            "line 4, 结果: it is \"?\", not 成功, 失败 or 退票",
            "line 5, 金额(元): it is \"2\", ours is 1.00",
        ]
    );
    let begin = "the file must begin with 批次号, 文件摘要 and the columns, a line each";
    let end = "the file ends before its bills; a sum line is the last one";
    assert_eq!(
        faults(""),
        [
            format!("line 1, file: {begin}"),
            format!("line 1, 合计: {end}")
        ]
    );
    let without_total = result_file(&[], PAID);
    assert_eq!(
        faults(&without_total),
        ["line 4, 合计: the last line must begin with 合计"]
    );
    let characters = read(None, b"\xff\xff").expect_err("no GB18030");
    assert_eq!(
        characters[0].to_string(),
        "line 1, file: its characters are not of the account's encoding (setting encoding)"
    );
}
