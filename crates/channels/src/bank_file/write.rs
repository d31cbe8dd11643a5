//! A batch as a file.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use heliu_ports::channel::{FileFault, PayoutBatchFile, PayoutLine, WrittenFile};
use heliu_trade::money::yuan_text;
use sha2::{Digest as _, Sha256};

use super::cells::{encode, encoding, number_cell, text_cell};
use super::fault::{Faults, fault};
use crate::account::optional;

/// The columns.
const COLUMNS: [&str; 10] = [
    "序号",
    "账单号",
    "请求号",
    "收款账号",
    "收款户名",
    "账户类型",
    "开户行",
    "联行号",
    "金额(元)",
    "附言",
];
/// The first line is that of the columns.
const LINES_BEFORE: usize = 1;

/// The same batch always has the same bytes.
pub(super) fn write(batch: &PayoutBatchFile<'_>) -> Result<WrittenFile, Vec<FileFault>> {
    check(batch)?;
    let sum_fen = sum(batch)?;
    let rows = batch
        .lines
        .iter()
        .enumerate()
        .map(|(at, line)| row(at, line));
    let columns = COLUMNS.map(str::to_owned);
    let total = total(batch, sum_fen);
    let text = rendered(std::iter::once(columns).chain(rows).chain([total]))
        .map_err(|error| vec![fault(0, "file", error)])?;
    let bytes = encode(&text, encoding(batch.account));
    Ok(WrittenFile {
        name: name(batch),
        sha256: sha256_hex(&bytes),
        bytes,
    })
}

/// What the bank could not pay, or could pay twice.
fn check(batch: &PayoutBatchFile<'_>) -> Result<(), Vec<FileFault>> {
    let mut faults = Faults::default();
    if batch.lines.is_empty() {
        faults.add(
            0,
            "批次",
            "the batch has no bill; a file needs one at least",
        );
    }
    let (mut bills, mut requests) = (BTreeSet::new(), BTreeSet::new());
    for (at, line) in batch.lines.iter().enumerate() {
        let place = at + LINES_BEFORE + 1;
        let payee = &line.payee;
        for (name, text) in [
            ("账单号", line.bill_no),
            ("请求号", line.request_no),
            ("收款账号", payee.account_no),
            ("收款户名", payee.holder),
        ] {
            if text.trim().is_empty() {
                faults.add(place, name, "it is empty; the bank needs it");
            }
        }
        for (name, text) in [
            ("收款户名", payee.holder),
            ("开户行", payee.bank_name),
            ("附言", line.remark),
        ] {
            if text.contains(char::is_control) {
                faults.add(
                    place,
                    name,
                    "it has a line break or another control character",
                );
            }
        }
        if payee.is_company && payee.clearing_no.is_empty() {
            faults.add(place, "联行号", "it is empty; a company's account needs it");
        }
        if line.amount_fen <= 0 {
            faults.add(place, "金额(元)", "it is not above 0");
        }
        if !bills.insert(line.bill_no) {
            faults.add(place, "账单号", "the bill stands twice");
        }
        if !requests.insert(line.request_no) {
            faults.add(place, "请求号", "the request number stands twice");
        }
    }
    faults.or(())
}

fn sum(batch: &PayoutBatchFile<'_>) -> Result<i64, Vec<FileFault>> {
    let mut amounts = batch.lines.iter().map(|line| line.amount_fen);
    amounts
        .try_fold(0_i64, i64::checked_add)
        .ok_or_else(|| vec![fault(0, "合计", "the sum is too large")])
}

fn row(at: usize, line: &PayoutLine<'_>) -> [String; 10] {
    let payee = &line.payee;
    [
        (at + 1).to_string(),
        number_cell(line.bill_no),
        number_cell(line.request_no),
        number_cell(payee.account_no),
        text_cell(payee.holder),
        if payee.is_company { "对公" } else { "对私" }.to_owned(),
        text_cell(payee.bank_name),
        number_cell(payee.clearing_no),
        yuan_text(line.amount_fen),
        text_cell(line.remark),
    ]
}

/// The last line: which batch, which day, how many, how much.
fn total(batch: &PayoutBatchFile<'_>, sum_fen: i64) -> [String; 10] {
    let mut cells = [const { String::new() }; 10];
    "合计".clone_into(&mut cells[0]);
    cells[1] = number_cell(batch.batch_no);
    batch.date.clone_into(&mut cells[2]);
    cells[3] = format!("{}笔", batch.lines.len());
    cells[8] = yuan_text(sum_fen);
    cells
}

fn rendered(rows: impl Iterator<Item = [String; 10]>) -> Result<String, String> {
    let mut lines = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        lines
            .write_record(&row)
            .map_err(|error| error.to_string())?;
    }
    let bytes = lines.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// Of letters, digits and hyphens, whatever the bank is called.
fn name(batch: &PayoutBatchFile<'_>) -> String {
    let bank = optional(batch.account, "bank_name").unwrap_or("bank");
    let bank: String = bank.chars().filter(|c| c.is_alphanumeric()).collect();
    format!("{bank}-{}-{}.csv", batch.date, batch.batch_no)
}

fn sha256_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
