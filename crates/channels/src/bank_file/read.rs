//! A result file: which file it is about, a line a bill, a sum.

use std::collections::BTreeMap;

use heliu_ports::channel::{BillResult, FileFault, SentFile, SentLine};
use heliu_trade::money::{parse_yuan, yuan_text};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{PayoutEvidence, PayoutFailure, PayoutResult, PayoutReturn};

use super::cells::{decode, encoding, plain};
use super::fault::{Faults, fault};
use crate::text::mask_accounts;

/// Longest file that is read, in bytes.
const BYTES_MAX: usize = 8 * 1024 * 1024;
/// The columns of bills.
const COLUMNS: [&str; 8] = [
    "账单号",
    "请求号",
    "金额(元)",
    "结果",
    "银行流水号",
    "付款时间",
    "退票时间",
    "原因",
];
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 120;

const BATCH: &str = "批次号";
const DIGEST: &str = "文件摘要";
const TOTAL: &str = "合计";

/// A line of the file and its number, from 1 on.
struct Row {
    line: usize,
    cells: Vec<String>,
}

impl Row {
    fn cell(&self, at: usize) -> &str {
        self.cells.get(at).map_or("", |cell| plain(cell))
    }

    fn fault(&self, field: &str, problem: impl Into<String>) -> FileFault {
        fault(self.line, field, problem)
    }
}

/// Reads all of it, or tells what is wrong.
pub(super) fn read(sent: &SentFile<'_>, bytes: &[u8]) -> Result<Vec<BillResult>, Vec<FileFault>> {
    let rows = rows(sent, bytes).map_err(|fault| vec![fault])?;
    let mut faults = Faults::default();
    let (head, rest) = rows.split_at(rows.len().min(3));
    faults.take(check_head(sent, head));
    let Some((total, bills)) = rest.split_last() else {
        let line = rows.len() + 1;
        faults.add(
            line,
            TOTAL,
            "the file ends before its bills; a sum line is the last one",
        );
        return faults.or(Vec::new());
    };
    let known: BTreeMap<&str, &SentLine<'_>> =
        sent.lines.iter().map(|line| (line.bill_no, line)).collect();
    let mut seen = BTreeMap::new();
    let mut results = Vec::new();
    let (mut all, mut paid) = (Tally::default(), Tally::default());
    for row in bills {
        if let Some(first) = seen.insert(row.cell(0), row.line) {
            let problem = format!("the bill stands in line {first} already");
            faults.add(row.line, COLUMNS[0], problem);
        }
        let Some((result, amount_fen)) = faults.take(bill(&known, row)) else {
            continue;
        };
        all.add(amount_fen);
        if matches!(result.result, PayoutResult::Paid(_)) {
            paid.add(amount_fen);
        }
        results.push(result);
    }
    // Sums of lines that cannot be read would only be one more complaint.
    if results.len() == bills.len() {
        faults.take(check_total(total, all, paid));
    }
    faults.or(results)
}

fn rows(sent: &SentFile<'_>, bytes: &[u8]) -> Result<Vec<Row>, FileFault> {
    if bytes.len() > BYTES_MAX {
        return Err(fault(1, "file", "it is longer than 8 MiB"));
    }
    let text = decode(bytes, encoding(sent.account)).ok_or_else(|| {
        let problem = "its characters are not of the account's encoding (setting encoding)";
        fault(1, "file", problem)
    })?;
    // Otherwise the reader counts the end of a line to the next one.
    let text = text.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let record = record.map_err(|error| fault(at + 1, "file", error.to_string()))?;
        let place = record.position().map_or(at + 1, |position| {
            usize::try_from(position.line()).unwrap_or(at + 1)
        });
        rows.push(Row {
            line: place,
            cells: record.iter().map(str::to_owned).collect(),
        });
    }
    Ok(rows)
}

/// The first three lines: the batch, the digest of the file that was handed over, the columns.
fn check_head(sent: &SentFile<'_>, head: &[Row]) -> Result<(), FileFault> {
    let [batch, digest, columns] = head else {
        let line = head.len() + 1;
        let problem = "the file must begin with 批次号, 文件摘要 and the columns, a line each";
        return Err(fault(line, "file", problem));
    };
    for (row, name, ours) in [(batch, BATCH, sent.batch_no), (digest, DIGEST, sent.sha256)] {
        if row.cell(0) != name {
            return Err(row.fault(name, format!("the line must begin with {name}")));
        }
        if !row.cell(1).eq_ignore_ascii_case(ours) {
            let problem = format!("it is {:?}, ours is {ours}", cut(row.cell(1)));
            return Err(row.fault(name, problem));
        }
    }
    let found: Vec<&str> = columns.cells.iter().map(|cell| plain(cell)).collect();
    if found != COLUMNS {
        let problem = format!("they must be {}", COLUMNS.join(","));
        return Err(columns.fault("columns", problem));
    }
    Ok(())
}

/// What a line says of its bill, and the amount.
fn bill(known: &BTreeMap<&str, &SentLine<'_>>, row: &Row) -> Result<(BillResult, i64), FileFault> {
    if row.cells.len() != COLUMNS.len() {
        let problem = format!("it has {} cells, not {}", row.cells.len(), COLUMNS.len());
        return Err(row.fault("line", problem));
    }
    let sent = known.get(row.cell(0)).ok_or_else(|| {
        let problem = format!("the batch has no bill {:?}", cut(row.cell(0)));
        row.fault(COLUMNS[0], problem)
    })?;
    if row.cell(1) != sent.request_no {
        let problem = format!("it is {:?}, ours is {}", cut(row.cell(1)), sent.request_no);
        return Err(row.fault(COLUMNS[1], problem));
    }
    if parse_yuan(row.cell(2)) != Some(sent.amount_fen) {
        let ours = yuan_text(sent.amount_fen);
        let problem = format!("it is {:?}, ours is {ours}", cut(row.cell(2)));
        return Err(row.fault(COLUMNS[2], problem));
    }
    let result = match row.cell(3) {
        "成功" => {
            empty(row, 6)?;
            PayoutResult::Paid(payment(row, reason(row))?)
        }
        "失败" => {
            for at in 4..=6 {
                empty(row, at)?;
            }
            PayoutResult::Failed(PayoutFailure {
                reason: filled(row, 7, &reason(row))?,
            })
        }
        "退票" => PayoutResult::Returned(PayoutReturn {
            payment: payment(row, String::new())?,
            returned_at: time(row, 6)?,
            reason: filled(row, 7, &reason(row))?,
        }),
        other => {
            let problem = format!("it is {:?}, not 成功, 失败 or 退票", cut(other));
            return Err(row.fault(COLUMNS[3], problem));
        }
    };
    let result = BillResult {
        bill_no: sent.bill_no.to_owned(),
        request_no: sent.request_no.to_owned(),
        result,
    };
    Ok((result, sent.amount_fen))
}

fn payment(row: &Row, remark: String) -> Result<PayoutEvidence, FileFault> {
    Ok(PayoutEvidence {
        bank_no: filled(row, 4, row.cell(4))?,
        paid_at: time(row, 5)?,
        remark,
    })
}

fn reason(row: &Row) -> String {
    let reason = row.cell(7).chars().filter(|c| !c.is_control());
    mask_accounts(&reason.take(REASON_CHARS_MAX).collect::<String>())
}

fn time(row: &Row, at: usize) -> Result<Timestamp, FileFault> {
    let text = filled(row, at, row.cell(at))?;
    Timestamp::parse_beijing_spaced(&text).ok_or_else(|| {
        let problem = format!("it is {:?}, not yyyy-MM-dd HH:mm:ss", cut(&text));
        row.fault(COLUMNS[at], problem)
    })
}

fn filled(row: &Row, at: usize, text: &str) -> Result<String, FileFault> {
    if text.is_empty() {
        let problem = format!("it is empty, and the result is {}", row.cell(3));
        return Err(row.fault(COLUMNS[at], problem));
    }
    Ok(text.to_owned())
}

fn empty(row: &Row, at: usize) -> Result<(), FileFault> {
    if row.cell(at).is_empty() {
        return Ok(());
    }
    let problem = format!("it must be empty, since the result is {}", row.cell(3));
    Err(row.fault(COLUMNS[at], problem))
}

/// How many, and how much, in fen.
#[derive(Clone, Copy, Default)]
struct Tally {
    count: u64,
    sum_fen: i64,
}

impl Tally {
    fn add(&mut self, amount_fen: i64) {
        self.count += 1;
        self.sum_fen = self.sum_fen.saturating_add(amount_fen);
    }
}

/// 合计, how many bills, how much, how many of them paid, how much of it.
fn check_total(row: &Row, all: Tally, paid: Tally) -> Result<(), FileFault> {
    if row.cell(0) != TOTAL {
        return Err(row.fault(TOTAL, "the last line must begin with 合计"));
    }
    for (at, name, ours) in [
        (1, "笔数", all.count.to_string()),
        (2, "总金额(元)", yuan_text(all.sum_fen)),
        (3, "成功笔数", paid.count.to_string()),
        (4, "成功金额(元)", yuan_text(paid.sum_fen)),
    ] {
        if row.cell(at) != ours {
            let problem = format!("it is {:?}, the lines make {ours}", cut(row.cell(at)));
            return Err(row.fault(name, problem));
        }
    }
    Ok(())
}

/// A foreign text as it may stand in a fault: bounded.
fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}
