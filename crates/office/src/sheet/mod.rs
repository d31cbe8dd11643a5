//! A list as people and programs take it: columns with names, rows of typed cells, written one
//! after the other as a table, as JSON or as CSV. So an export of a million rows holds one of them
//! in memory.
//!
//! | form | for whom | amounts | long numbers |
//! | --- | --- | --- | --- |
//! | table | a terminal | yuan, to the right | as they are |
//! | JSON | programs | yuan, as text | as text |
//! | CSV | spreadsheets | yuan, as numbers | as text, with a tab behind, as the wallets' own bills have it |

mod csv;
mod json;
mod table;

use std::io::{self, Write};

use heliu_trade::money::yuan_text;
use heliu_trade::time::Timestamp;

/// What a column is called: in snake case, with its unit, as JSON and CSV have it.
pub type Column = &'static str;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text, also a stranger's.
    Text(String),
    /// A number of somebody's, such as an order's: not to be counted with, however many digits it
    /// has.
    Number(String),
    /// How many.
    Count(i64),
    /// An amount in fen, shown in yuan.
    Fen(i64),
    /// An instant (UTC), shown in Beijing's time.
    At(Timestamp),
    /// Yes or no.
    Flag(bool),
}

impl Cell {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A number of somebody's.
    pub fn number(number: impl ToString) -> Self {
        Self::Number(number.to_string())
    }

    /// An instant that may be absent.
    #[must_use]
    pub fn at(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Empty, Self::At)
    }

    /// As people read it.
    fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Number(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Fen(amount_fen) => yuan_text(*amount_fen),
            Self::At(at) => at.beijing_spaced(),
            Self::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        }
    }
}

/// In which form a list is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// For a terminal.
    #[default]
    Table,
    /// For programs: an array of objects.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Writes a list row by row.
pub trait Sheet {
    /// Writes a row; it has a cell for each column.
    ///
    /// # Errors
    /// The output does not take it.
    fn row(&mut self, cells: &[Cell]) -> io::Result<()>;

    /// Writes what comes behind the last row.
    ///
    /// # Errors
    /// The output does not take it.
    fn end(self: Box<Self>) -> io::Result<()>;
}

/// Begins a list.
///
/// # Errors
/// The output does not take it.
pub fn begin<'w>(
    form: Form,
    columns: &'static [Column],
    output: impl Write + 'w,
) -> io::Result<Box<dyn Sheet + 'w>> {
    Ok(match form {
        Form::Table => Box::new(table::Table::new(columns, output)),
        Form::Json => Box::new(json::Json::begin(columns, output)?),
        Form::Csv => Box::new(csv::Csv::begin(columns, output)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        "order_no",
        "subject",
        "amount_yuan",
        "refunds",
        "is_paid",
        "note",
    ];

    fn written(form: Form, rows: &[[Cell; 6]]) -> String {
        let mut bytes = Vec::new();
        let mut sheet = begin(form, COLUMNS, &mut bytes).unwrap();
        for row in rows {
            sheet.row(row).unwrap();
        }
        sheet.end().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn row(subject: &str, amount_fen: i64) -> [Cell; 6] {
        [
            Cell::number("0152838173216768"),
            Cell::text(subject),
            Cell::Fen(amount_fen),
            Cell::Count(2),
            Cell::Flag(true),
            Cell::Empty,
        ]
    }

    #[test]
    fn csv_is_what_a_spreadsheet_opens_without_changing_it() {
        let text = written(
            Form::Csv,
            &[row("咖啡, \"大\"", 9_999_999_999), row("茶", -1)],
        );
        assert_eq!(
            text,
            "\u{feff}order_no,subject,amount_yuan,refunds,is_paid,note\r\n\
             0152838173216768\t,\"咖啡, \"\"大\"\"\",99999999.99,2,yes,\r\n\
             0152838173216768\t,茶,-0.01,2,yes,\r\n"
        );
    }

    #[test]
    fn no_cell_of_a_stranger_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            let line = written(Form::Csv, &[row(text, 0)]);
            let cell = line.split(',').nth(6).unwrap().trim_start_matches('"');
            assert!(cell.starts_with('\''), "{line:?}");
        }
        assert!(written(Form::Csv, &[row("1-1", 0)]).contains(",1-1,"));
    }

    #[test]
    fn json_is_an_array_of_objects_and_keeps_long_numbers_whole() {
        let text = written(Form::Json, &[row("茶", 1), row("\u{1b}[2J", 0)]);
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(told[0]["order_no"], "0152838173216768");
        assert_eq!(told[0]["amount_yuan"], "0.01");
        assert_eq!(told[0]["refunds"], 2);
        assert_eq!(told[0]["is_paid"], true);
        assert!(told[0]["note"].is_null());
        assert_eq!(told[1]["subject"], "\u{1b}[2J");
        assert!(!text.contains('\u{1b}'), "{text:?}");
        let nothing: serde_json::Value = serde_json::from_str(&written(Form::Json, &[])).unwrap();
        assert_eq!(nothing, serde_json::json!([]));
    }

    #[test]
    fn a_table_lines_up_wide_letters_and_puts_amounts_to_the_right() {
        let text = written(Form::Table, &[row("咖啡", 123_456), row("tea", 5)]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[0],
            "order_no          subject  amount_yuan  refunds  is_paid  note"
        );
        assert_eq!(
            lines[1],
            "0152838173216768  咖啡         1234.56        2  yes"
        );
        assert_eq!(
            lines[2],
            "0152838173216768  tea             0.05        2  yes"
        );
    }
}
