//! A line of a statement file.

use std::borrow::Cow;

use encoding_rs::GBK;
use heliu_trade::directory::Agent;

use super::{BLANKS, CHARSET, GBK_WORD, LF, LINE_END, SEPARATOR};

/// What stands where a column is empty, if columns are told apart by runs of blanks.
const EMPTY: &str = "*";
/// Stands for a sign that the character set does not have.
const UNKNOWN: u8 = b'?';

/// How an agent's files are written.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Format {
    separator: char,
    line_end: &'static str,
    is_gbk: bool,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            separator: '|',
            line_end: "\r\n",
            is_gbk: false,
        }
    }
}

impl Format {
    pub(in super::super) fn of(agent: &Agent) -> Self {
        let word = |name: &str| agent.settings.get(name).map(String::as_str);
        let usual = Self::default();
        Self {
            separator: match word(SEPARATOR) {
                Some("tab") => '\t',
                Some("comma") => ',',
                Some(BLANKS) => ' ',
                _ => usual.separator,
            },
            line_end: if word(LINE_END) == Some(LF) {
                "\n"
            } else {
                usual.line_end
            },
            is_gbk: word(CHARSET) == Some(GBK_WORD),
        }
    }

    /// The type of its files.
    pub(in super::super) const fn content_type(self) -> &'static str {
        if self.is_gbk {
            "text/plain;charset=GBK"
        } else {
            "text/plain;charset=UTF-8"
        }
    }

    /// Writes a line. What would end a column or the line inside a value is a blank: no value of
    /// ours has it, but what a channel told may.
    pub(super) fn line<'a>(self, out: &mut Vec<u8>, columns: impl Iterator<Item = &'a str>) {
        let mut text = String::with_capacity(256);
        for (index, column) in columns.enumerate() {
            if index > 0 {
                text.push(self.separator);
            }
            if self.separator == ' ' {
                text.push_str(&without_blanks(column));
                continue;
            }
            let is_bad = |sign: char| sign == self.separator || sign.is_control();
            let signs = column.chars();
            text.extend(signs.map(|sign| if is_bad(sign) { ' ' } else { sign }));
        }
        text.push_str(self.line_end);
        if self.is_gbk {
            put_gbk(&text, out);
        } else {
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// A column as it stands among runs of blanks: there is something, and the only blank is the one
/// between date and time, which are two tokens (section 9.1).
fn without_blanks(column: &str) -> Cow<'_, str> {
    if column.trim().is_empty() {
        return EMPTY.into();
    }
    let is_bad = |sign: char| sign.is_whitespace() || sign.is_control();
    if is_moment(column) || !column.contains(is_bad) {
        return column.into();
    }
    column.replace(is_bad, "_").into()
}

/// Whether it begins as `yyyy-MM-dd HH:mm:ss` does and has nothing but digits and their signs.
fn is_moment(column: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00 00:00:00";
    let bytes = column.as_bytes();
    let (Some(head), Some(tail)) = (bytes.get(..FORM.len()), bytes.get(FORM.len()..)) else {
        return false;
    };
    let fits = |(of, byte): (&u8, &u8)| match of {
        b'0' => byte.is_ascii_digit(),
        sign => byte == sign,
    };
    let is_fraction = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    FORM.iter().zip(head).all(fits) && tail.iter().all(is_fraction)
}

/// Writes a text in GBK.
fn put_gbk(text: &str, out: &mut Vec<u8>) {
    let (bytes, _, has_unknown) = GBK.encode(text);
    if !has_unknown {
        out.extend_from_slice(&bytes);
        return;
    }
    for sign in text.chars() {
        let mut buffer = [0; 4];
        let (bytes, _, is_unknown) = GBK.encode(sign.encode_utf8(&mut buffer));
        if is_unknown {
            out.push(UNKNOWN);
        } else {
            out.extend_from_slice(&bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn among_blanks_every_column_is_there_and_only_moments_are_two_tokens() {
        for (column, told) in [
            ("", "*"),
            (" \t", "*"),
            ("商户", "商户"),
            ("a b\tc\r\nd", "a_b_c__d"),
            ("2026-01-01 12:01:02", "2026-01-01 12:01:02"),
            ("2026-01-01 12:01:02.0", "2026-01-01 12:01:02.0"),
            ("2026-01-01 12:01:02 x", "2026-01-01_12:01:02_x"),
        ] {
            assert_eq!(without_blanks(column), told);
        }
    }

    #[test]
    fn a_sign_that_gbk_lacks_is_a_question_mark() {
        let mut out = Vec::new();
        put_gbk("茶😀a", &mut out);
        assert_eq!(out, [0xb2, 0xe8, b'?', b'a']);
    }
}
