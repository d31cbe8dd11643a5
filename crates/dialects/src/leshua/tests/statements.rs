//! Statement files: written by the wire, read back by a reader that knows the description alone
//! (Leshua, section 9).

use std::collections::{BTreeMap, BTreeSet};

use heliu_ports::dialect::{Dialect as _, Statements};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::directory::Agent;
use heliu_trade::id::{AppId, OrderNo};
use heliu_trade::payout_view::{PayoutClass, PayoutStanding, PayoutView};
use heliu_trade::statement::{RemitRow, ShareLevel, StatementKind, TradeMovement, TradeRow};
use heliu_trade::verdict::Evidence;
use heliu_trade::wallet::{Funding, Scene, WalletKind};

use super::super::Leshua;
use super::samples::at;

fn agent(settings: &[(&str, &str)]) -> Agent {
    let settings = settings
        .iter()
        .map(|(name, word)| ((*name).to_owned(), (*word).to_owned()));
    Agent {
        agent_id: "10".into(),
        dialect_id: "leshua".into(),
        party_id: "10".into(),
        is_enabled: true,
        settings: settings.collect::<BTreeMap<_, _>>(),
        mini_programs: BTreeMap::new(),
    }
}

fn files() -> &'static dyn Statements {
    Leshua.statements().expect("this wire has files")
}

fn day() -> BusinessDate {
    "2026-01-01".parse().expect("a date")
}

/// The agent's part, at a cost of 0.25 %.
fn level(share_fen: i64) -> ShareLevel {
    ShareLevel {
        party_id: "10".into(),
        cost_rate_ppm: 2_500,
        share_fen,
    }
}

/// The example line of the description, and what was given back of it.
fn trades() -> Vec<TradeRow> {
    let evidence = Evidence {
        payable_fen: 500,
        cash_fen: 500,
        merchant_discount_fen: 0,
        channel_discount_fen: 0,
        channel_order_no: "4200000000202601010000000001".to_owned(),
        // What the payer's phone shows stands in no column.
        payer_order_no: "2601011201000004".to_owned(),
        payer_id: Some("oTEST0000000000000000000001".to_owned()),
        funding: Funding::Balance,
        paid_at: at("20260101120102"),
        notes: None,
    };
    let payment = TradeRow {
        merchant_id: "m".into(),
        app_id: AppId::from("9605000011"),
        order_no: "2601011201000004".parse::<OrderNo>().expect("a number"),
        entry_index: 0,
        movement: TradeMovement::Payment,
        booked_at: at("20260101120103"),
        begun_at: at("20260101120102"),
        settled_at: None,
        merchant_order_no: "T20260101000004".to_owned(),
        merchant_refund_no: None,
        wallet: WalletKind::Wechat,
        scene: Scene::Barcode,
        rate_ppm: 3_800,
        amount_fen: 500,
        fee_fen: 2,
        levels: vec![level(1)],
        evidence,
    };
    let refund = |number: &str, amount_fen, fee_fen| TradeRow {
        levels: vec![level(fee_fen / 2)],
        movement: TradeMovement::Refund,
        entry_index: if amount_fen == 200 { 5 } else { 9 },
        merchant_refund_no: Some(number.to_owned()),
        begun_at: at("20260101130000"),
        booked_at: at("20260101130001"),
        amount_fen,
        fee_fen,
        ..payment.clone()
    };
    vec![
        payment.clone(),
        refund("R20260101000001", 200, 0),
        refund("R20260101000002", 300, 2),
    ]
}

fn bill() -> PayoutView {
    PayoutView {
        bill_id: "20260102000000000001".to_owned(),
        app_id: AppId::from("9605000011"),
        class: PayoutClass::NextDay,
        standing: PayoutStanding::Paid,
        is_final: true,
        created_at: at("20260102040000"),
        answered_at: Some(at("20260102080000")),
        trade_date: day(),
        plan_fen: 498,
        suspend_fen: 0,
        real_fen: 498,
        fail_reason: String::new(),
        previous_bill_id: None,
        card_masked: "620000*********0018".to_owned(),
        holder_masked: "*试法人".to_owned(),
        branch: "演示银行深圳支行".to_owned(),
    }
}

fn bytes(agent: &Agent, rows: &[TradeRow]) -> Vec<u8> {
    let mut out = files().titles(agent, StatementKind::Trade);
    for (row_no, row) in (1..).zip(rows) {
        files().trade_row(agent, row_no, row, &mut out);
    }
    out
}

fn trade_file(agent: &Agent, rows: &[TradeRow]) -> String {
    String::from_utf8(bytes(agent, rows)).expect("UTF-8")
}

fn profit_file(agent: &Agent, kind: StatementKind, rows: &[TradeRow]) -> String {
    let mut out = files().titles(agent, kind);
    for row in rows {
        let profit = row.profit_of(&agent.party_id).expect("its part");
        files().profit_row(agent, &profit, &mut out);
    }
    String::from_utf8(out).expect("UTF-8")
}

fn remit_file(agent: &Agent, bills: &[PayoutView]) -> String {
    let mut out = files().titles(agent, StatementKind::Remit);
    for payout in bills {
        let payout = payout.clone();
        files().remit_row(agent, &RemitRow { payout }, &mut out);
    }
    String::from_utf8(out).expect("UTF-8")
}

/// A file as section 9 describes it: lines of columns, titles first.
fn read<'f>(file: &'f str, separator: char, line_end: &str) -> Vec<Vec<&'f str>> {
    assert!(
        file.ends_with(line_end),
        "the last line ends like all others"
    );
    assert!(!file.starts_with('\u{feff}'), "no byte order mark");
    let lines = file.trim_end_matches(line_end).split(line_end);
    lines.map(|line| line.split(separator).collect()).collect()
}

#[test]
fn files_stand_as_their_goldens() {
    let plain = agent(&[]);
    let failed = PayoutView {
        bill_id: "20260102000000000002".to_owned(),
        standing: PayoutStanding::Failed,
        is_final: false,
        fail_reason: "输入的卡号无效,请确认后输入[1000014]".to_owned(),
        previous_bill_id: Some("20260101000000000009".to_owned()),
        ..bill()
    };
    for (file, golden) in [
        (
            trade_file(&plain, &trades()),
            include_str!("../golden/10_trade_new_20260102.txt"),
        ),
        (
            profit_file(&plain, StatementKind::Profit, &trades()[..1]),
            include_str!("../golden/10_profit_20260102.txt"),
        ),
        (
            profit_file(&plain, StatementKind::RefundProfit, &trades()[1..]),
            include_str!("../golden/10_profit_refund_20260102.txt"),
        ),
        (
            remit_file(&plain, &[bill(), failed]),
            include_str!("../golden/10_remit_20260102.txt"),
        ),
    ] {
        assert_eq!(file, golden);
    }
}

#[test]
fn the_descriptions_example_is_the_first_row() {
    let file = trade_file(&agent(&[]), &trades());
    let rows = read(&file, '|', "\r\n");
    let example = "BV|1|2026-01-01 12:01:02|2601011201000004|9605000011|38|500|2|498|进账|未获取|\
        微信支付|*|标准类|*|*|*|T20260101000004||2026-01-01 12:01:02|7551000001202601010000000001|\
        4200000000202601010000000001|OTHERS|oTEST0000000000000000000001|MICROPAY";
    // No clearing network stands between the wallet and us.
    let ours = example.replace(
        "7551000001202601010000000001",
        "4200000000202601010000000001",
    );
    assert_eq!(rows[1].join("|"), ours);
}

#[test]
fn what_is_settled_on_the_same_day_stands_at_the_time_of_its_settlement() {
    let [payment, ..] = &*trades() else {
        panic!("a payment")
    };
    let settled = TradeRow {
        settled_at: Some(at("20260101130000")),
        ..payment.clone()
    };
    let file = trade_file(&agent(&[]), std::slice::from_ref(&settled));
    let row = read(&file, '|', "\r\n")[1].clone();
    assert_eq!(
        (row[2], row[19]),
        ("2026-01-01 13:00:00", "2026-01-01 12:01:02")
    );
    let file = profit_file(&agent(&[]), StatementKind::Profit, &[settled]);
    assert_eq!(read(&file, '|', "\r\n")[1][10], "2026-01-01 13:00:00");
}

#[test]
fn a_reader_finds_what_was_meant() {
    let file = trade_file(&agent(&[]), &trades());
    let rows = read(&file, '|', "\r\n");
    assert_eq!((rows[0][0], rows[0].len()), ("BT", 25));
    let mut net_fen = 0;
    for (row_no, row) in rows.iter().enumerate().skip(1) {
        assert_eq!((row[0], row.len()), ("BV", 25));
        assert_eq!(row[1], row_no.to_string());
        let fen = |column: usize| row[column - 1].parse::<i64>().expect("fen");
        assert_eq!(fen(7) - fen(8), fen(9), "column 9 is 7 less 8");
        match (row[9], row[10], row[18].is_empty()) {
            ("进账", "未获取", true) => net_fen += fen(9),
            ("退款", "退货成功", false) => net_fen -= fen(9),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(net_fen, 0, "all of it was given back");
    let mut earned_fen = 0;
    for (kind, rows, sign) in [
        (StatementKind::Profit, &trades()[..1], 1),
        (StatementKind::RefundProfit, &trades()[1..], -1),
    ] {
        let file = profit_file(&agent(&[]), kind, rows);
        let rows = read(&file, '|', "\r\n");
        assert_eq!((rows[0][0], rows[0].len()), ("订单id", 11));
        let numbers: BTreeSet<_> = rows[1..].iter().map(|row| row[0]).collect();
        assert_eq!(numbers.len(), rows.len() - 1, "a flow number stands once");
        for row in &rows[1..] {
            let fen = |column: usize| row[column - 1].parse::<i64>().expect("fen");
            assert_eq!(fen(8) - fen(9), fen(10), "column 10 is 8 less 9");
            assert_eq!((row[4], row[5]), ("0.38", "0.25"));
            earned_fen += sign * fen(10);
        }
    }
    assert_eq!(earned_fen, 0, "all of the fee went back");
    let file = remit_file(&agent(&[]), &[bill()]);
    let rows = read(&file, '|', "\r\n");
    let value = |name: &str| {
        let column = rows[0].iter().position(|title| *title == name);
        rows[1][column.expect("a column")]
    };
    let fen = |name: &str| value(name).parse::<i64>().expect("fen");
    assert_eq!(fen("planAmount") - fen("suspendAmount"), fen("realAmount"));
    assert_eq!((value("state"), value("settleType")), ("1", "T1"));
    assert_eq!(value("settleDate"), "2026-01-01");
}

#[test]
fn an_agent_says_how_its_files_are_written() {
    let kinds = StatementKind::ALL;
    let names = |agent: &Agent| kinds.map(|kind| files().file_name(agent, kind, day()));
    let plain = agent(&[]);
    assert_eq!(
        names(&plain),
        [
            "10_trade_new_20260102.txt",
            "10_profit_20260102.txt",
            "10_profit_refund_20260102.txt",
            "10_remit_20260102.txt",
        ]
    );
    let dashed = agent(&[("statement_date", "dashed")]);
    assert_eq!(names(&dashed)[0], "10_trade_new_2026-01-02.txt");
    for (separator, word) in [('|', "bar"), ('\t', "tab"), (',', "comma")] {
        for (line_end, name) in [("\r\n", "crlf"), ("\n", "lf")] {
            for charset in ["utf8", "gbk"] {
                let settings = [
                    ("statement_separator", word),
                    ("statement_line_end", name),
                    ("statement_charset", charset),
                ];
                let file = decoded(&bytes(&agent(&settings), &foreign()), charset);
                let read = read(&file, separator, line_end);
                assert_eq!(read.len(), 4, "{settings:?}");
                assert_eq!(read[0][1], "编号");
                assert!(
                    read[1..].iter().all(|row| row.len() == 25),
                    "{settings:?}: {file}"
                );
            }
        }
    }
}

/// Movements of which a channel told what cannot make a column or a line more.
fn foreign() -> Vec<TradeRow> {
    let mut rows = trades();
    rows[0].evidence.payer_id = Some("a|b\tc,d\r\ne f".to_owned());
    rows
}

/// A file of the character set that its agent asked for; nothing in it is no sign of the set.
fn decoded(file: &[u8], charset: &str) -> String {
    let encoding = encoding_rs::Encoding::for_label(charset.as_bytes()).expect("a name");
    let (text, _, is_broken) = encoding.decode(file);
    assert!(!is_broken, "{charset}");
    text.into_owned()
}

/// The form of the older file: runs of blanks, date and time are two tokens, lines of one token are
/// none.
#[test]
fn columns_may_stand_among_runs_of_blanks() {
    let settings = [
        ("statement_separator", "blanks"),
        ("statement_charset", "gbk"),
        ("statement_date", "dashed"),
    ];
    let agent = agent(&settings);
    let file = decoded(&bytes(&agent, &foreign()), "gbk");
    let lines = file.lines().map(|line| line.split_whitespace().collect());
    let rows: Vec<Vec<&str>> = lines.collect();
    assert_eq!((rows[0].len(), rows[0][24]), (25, "扫码支付交易类型"));
    for row in &rows[1..] {
        // Columns 3 and 20 are two tokens each.
        assert_eq!(row.len(), 27, "{row:?}");
        assert_eq!((row[2], row[3].len()), ("2026-01-01", 8));
        assert_eq!((row[20], row[21].len()), ("2026-01-01", 8));
    }
    assert_eq!((rows[1][19], rows[2][19]), ("*", "R20260101000001"));
    assert_eq!(rows[1][25], "a|b_c,d__e_f");
}
