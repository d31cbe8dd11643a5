//! A reader of statement files, written from Leshua's description alone (section 9): it knows
//! neither the writer nor the books.

#![allow(clippy::panic, reason = "a test fails loudly")]

/// Where the money goes: column 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Inflow,
    Refund,
}

/// A record of a trade file.
#[derive(Debug)]
pub(crate) struct Trade {
    pub(crate) order_no: String,
    pub(crate) rate: String,
    pub(crate) amount_fen: i64,
    pub(crate) fee_fen: i64,
    pub(crate) settled_fen: i64,
    pub(crate) flow: Flow,
    pub(crate) refund_no: Option<String>,
}

/// The records of a trade file: a line of titles `BT`, then records `BV`, each with 25 columns or
/// more.
pub(crate) fn trades(file: &str) -> Vec<Trade> {
    let mut lines = file.split_terminator("\r\n");
    let titles = lines.next().expect("titles");
    assert_eq!(columns(titles)[0], "BT");
    let records = lines.enumerate().map(|(index, line)| {
        let columns = columns(line);
        assert!(columns.len() >= 25, "{line}");
        assert_eq!((columns[0], columns[1]), ("BV", &*(index + 1).to_string()));
        trade(&columns)
    });
    records.collect()
}

fn columns(line: &str) -> Vec<&str> {
    line.split('|').collect()
}

fn trade(columns: &[&str]) -> Trade {
    // Numbered from 1, as the description numbers them.
    let column = |number: usize| columns[number - 1];
    let fen = |number| column(number).parse::<i64>().expect("an amount in fen");
    for number in [3, 20] {
        assert!(is_moment(column(number)), "{}", column(number));
    }
    let (flow, kinds): (_, &[&str]) = match column(10) {
        "进账" => (Flow::Inflow, &["未获取"]),
        "退款" => (Flow::Refund, &["退货中", "退货成功", "退货失败"]),
        other => panic!("money goes {other}"),
    };
    assert!(kinds.contains(&column(11)), "{}", column(11));
    assert!(["微信支付", "支付宝支付", "银联扫码"].contains(&column(12)));
    let applies = |text: &&str| !matches!(*text, "" | "*");
    let trade = Trade {
        order_no: column(4).to_owned(),
        rate: column(6).to_owned(),
        amount_fen: fen(7),
        fee_fen: fen(8),
        settled_fen: fen(9),
        flow,
        refund_no: Some(column(19)).filter(applies).map(str::to_owned),
    };
    assert!(trade.amount_fen > 0 && trade.fee_fen >= 0);
    assert_eq!(trade.settled_fen, trade.amount_fen - trade.fee_fen);
    trade
}

/// `yyyy-MM-dd HH:mm:ss`.
fn is_moment(text: &str) -> bool {
    let form: String = text
        .chars()
        .map(|sign| if sign.is_ascii_digit() { '0' } else { sign })
        .collect();
    form == "0000-00-00 00:00:00"
}

/// Column 9, inflows less refunds.
pub(crate) fn net_fen(trades: &[Trade]) -> i64 {
    let signed = trades.iter().map(|trade| match trade.flow {
        Flow::Inflow => trade.settled_fen,
        Flow::Refund => -trade.settled_fen,
    });
    signed.sum()
}

/// What an agent gets by a profit file, or gives back: column 10, which is 8 less 9.
pub(crate) fn profit_fen(file: &str) -> i64 {
    let records = file.split_terminator("\r\n").skip(1).map(|line| {
        let columns = columns(line);
        assert_eq!(columns.len(), 11, "{line}");
        let fen = |number: usize| columns[number - 1].parse::<i64>().expect("fen");
        assert_eq!(fen(10), fen(8) - fen(9), "{line}");
        fen(10)
    });
    records.sum()
}
