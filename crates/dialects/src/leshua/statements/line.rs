//! A line of a statement file.

use heliu_trade::directory::Agent;

use super::{LF, LINE_END, SEPARATOR};

/// How an agent's files are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    separator: char,
    line_end: &'static str,
}

impl Format {
    pub(super) fn of(agent: &Agent) -> Self {
        let word = |name: &str| agent.settings.get(name).map(String::as_str);
        Self {
            separator: match word(SEPARATOR) {
                Some("tab") => '\t',
                Some("comma") => ',',
                _ => '|',
            },
            line_end: if word(LINE_END) == Some(LF) {
                "\n"
            } else {
                "\r\n"
            },
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
            let is_bad = |sign: char| sign == self.separator || sign.is_control();
            text.extend(
                column
                    .chars()
                    .map(|sign| if is_bad(sign) { ' ' } else { sign }),
            );
        }
        text.push_str(self.line_end);
        out.extend_from_slice(text.as_bytes());
    }
}
