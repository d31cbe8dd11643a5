//! Statement files. Source: Leshua, section 9. No source shows a raw line of them, so separator,
//! line end, character set and the date's form in the name are settings of the agent.

mod line;
mod profit;
mod remit;
mod trade;

use heliu_ports::dialect::{Statements, Switch};
use heliu_trade::calendar::BusinessDate;
use heliu_trade::directory::Agent;
use heliu_trade::statement::{ProfitRow, RemitRow, StatementKind, TradeRow};

pub(super) use self::line::Format;

/// Switches of an agent that say how its files are written.
pub(super) const SWITCHES: [Switch; 4] = [
    Switch {
        name: SEPARATOR,
        words: &["bar", "tab", "comma", BLANKS],
        meaning: "what stands between the columns of a statement file",
    },
    Switch {
        name: LINE_END,
        words: &["crlf", LF],
        meaning: "what ends a line of a statement file",
    },
    Switch {
        name: CHARSET,
        words: &["utf8", GBK_WORD],
        meaning: "the character set of a statement file",
    },
    Switch {
        name: FILE_DATE,
        words: &["compact", DASHED],
        meaning: "how the date stands in a statement file's name: yyyyMMdd or yyyy-MM-dd",
    },
];

const SEPARATOR: &str = "statement_separator";
const BLANKS: &str = "blanks";
const CHARSET: &str = "statement_charset";
const GBK_WORD: &str = "gbk";
const LINE_END: &str = "statement_line_end";
const LF: &str = "lf";
const FILE_DATE: &str = "statement_date";
const DASHED: &str = "dashed";

/// The files of this wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Files;

impl Statements for Files {
    /// The date is the day on which the file is made, which is the one after.
    fn file_name(&self, agent: &Agent, kind: StatementKind, day: BusinessDate) -> String {
        let word = match kind {
            StatementKind::Trade => "trade_new",
            StatementKind::Profit => "profit",
            StatementKind::RefundProfit => "profit_refund",
            StatementKind::Remit => "remit",
        };
        let made_on = day.next();
        let date = match agent.settings.get(FILE_DATE).map(String::as_str) {
            Some(DASHED) => made_on.to_string(),
            _ => made_on.compact(),
        };
        format!("{}_{word}_{date}.txt", agent.agent_id)
    }

    fn titles(&self, agent: &Agent, kind: StatementKind) -> Vec<u8> {
        let titles = match kind {
            StatementKind::Trade => trade::TITLES,
            StatementKind::Profit | StatementKind::RefundProfit => profit::TITLES,
            StatementKind::Remit => remit::TITLES,
        };
        let mut out = Vec::new();
        Format::of(agent).line(&mut out, titles.iter().copied());
        out
    }

    fn trade_row(&self, agent: &Agent, row_no: u64, row: &TradeRow, out: &mut Vec<u8>) {
        let columns = trade::columns(row_no, row);
        Format::of(agent).line(out, columns.iter().map(AsRef::as_ref));
    }

    fn profit_row(&self, agent: &Agent, row: &ProfitRow<'_>, out: &mut Vec<u8>) {
        let columns = profit::columns(agent, row);
        Format::of(agent).line(out, columns.iter().map(AsRef::as_ref));
    }

    fn remit_row(&self, agent: &Agent, row: &RemitRow, out: &mut Vec<u8>) {
        let columns = remit::columns(&row.payout);
        Format::of(agent).line(out, columns.iter().map(AsRef::as_ref));
    }
}
