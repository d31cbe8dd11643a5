//! Cells and characters: what spreadsheets would otherwise spoil.

use encoding_rs::{GB18030, UTF_8};
use heliu_trade::directory::ChannelAccount;

use crate::account::optional;

/// Without it spreadsheets take UTF-8 for another character set.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// What a formula begins with, in either width, and what spreadsheets skip before they look.
const FORMULA_BEGINS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
/// Keeps a spreadsheet from taking a text for a formula.
const DEFUSED: char = '\'';
/// Behind digits: a spreadsheet then keeps them as a text and does not round them to fifteen.
const AS_TEXT: char = '\t';

/// In which characters an account's files are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Gb18030,
    Utf8,
}

/// As the account has it.
pub(super) fn encoding(account: &ChannelAccount) -> Encoding {
    match optional(account, "encoding") {
        Some("utf-8") => Encoding::Utf8,
        _ => Encoding::Gb18030,
    }
}

/// A text as bytes of a file.
pub(super) fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => [MARK, text.as_bytes()].concat(),
        // GB18030 has every character of Unicode, so that nothing is replaced.
        Encoding::Gb18030 => GB18030.encode(text).0.into_owned(),
    }
}

/// A file's text. A byte order mark says that it is UTF-8, whatever the account says.
pub(super) fn decode(bytes: &[u8], encoding: Encoding) -> Option<String> {
    let (bytes, encoding) = match bytes.strip_prefix(MARK) {
        Some(rest) => (rest, Encoding::Utf8),
        None => (bytes, encoding),
    };
    let characters = match encoding {
        Encoding::Utf8 => UTF_8,
        Encoding::Gb18030 => GB18030,
    };
    let (text, has_bad) = characters.decode_without_bom_handling(bytes);
    (!has_bad).then(|| text.into_owned())
}

/// A text as a cell.
pub(super) fn text_cell(text: &str) -> String {
    if text.starts_with(FORMULA_BEGINS) {
        format!("{DEFUSED}{text}")
    } else {
        text.to_owned()
    }
}

/// A number of somebody or something as a cell; an empty one stays empty.
pub(super) fn number_cell(number: &str) -> String {
    if number.is_empty() {
        String::new()
    } else {
        format!("{}{AS_TEXT}", text_cell(number))
    }
}

/// A cell's text, without what spreadsheets and we put around it.
pub(super) fn plain(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix(DEFUSED).unwrap_or(cell)
}
