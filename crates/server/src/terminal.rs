//! What goes to the terminal: data to standard output, failures and logs to standard error.
//!
//! Merchants, payers and their endpoints choose much of what is shown. So everything goes through
//! [`escaped`]: a terminal, or whoever reads the text later, gets no control character but line
//! ends (row G10 of the reliability paper).

use std::borrow::Cow;
use std::io::{self, Write};
use std::process::ExitCode;

use tracing_subscriber::fmt::MakeWriter;

use crate::failure::Failure;

/// Shows a command's data. A reader that has seen enough, such as `head`, is no failure.
pub(crate) fn show(text: &str) {
    if !text.is_empty() {
        let _ = writeln!(io::stdout(), "{}", escaped(text));
    }
}

/// What a command puts out.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// Standard output: a text for people, which is shown escaped.
    text: String,
    /// Standard output: data in the form that was asked for, which is written as it is.
    data: Vec<u8>,
}

impl Output {
    /// Data, in whose texts nothing is left that a terminal would obey.
    pub(crate) const fn data(data: Vec<u8>) -> Self {
        let text = String::new();
        Self { text, data }
    }

    /// Puts it out. A reader that has seen enough, such as `head`, is no failure.
    pub(crate) fn show(&self) {
        show(&self.text);
        let mut output = io::stdout();
        let _ = output.write_all(&self.data).and_then(|()| output.flush());
    }
}

impl From<String> for Output {
    fn from(text: String) -> Self {
        let data = Vec::new();
        Self { text, data }
    }
}

/// Shows what a command has to say where its data is standard output.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{}", escaped(text));
}

/// Shows why a command failed.
pub(crate) fn report(failure: &Failure) -> ExitCode {
    let _ = writeln!(io::stderr(), "error: {}", escaped(&failure.to_string()));
    ExitCode::FAILURE
}

/// Whether a terminal would obey it: the control characters of ASCII and of Latin-1, and those that
/// turn the direction of a text.
fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// The text with control characters as what they are called: `\\u001b`. Line ends stay.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    escape(text, |character| is_control(character) && character != '\n')
}

/// The same for what belongs into one line, in which a line end could pass for the next one.
pub(crate) fn escaped_line(text: &str) -> Cow<'_, str> {
    escape(text, is_control)
}

/// As in JSON, so that a line of JSON stays one.
fn escape(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_escaped(character) {
            shown.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Standard error for logs.
pub(crate) struct Log;

impl<'a> MakeWriter<'a> for Log {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line
    }
}

/// A line of the log, which comes in one piece.
pub(crate) struct Line;

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        io::stderr().write_all(escaped(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_and_not_done() {
        for (text, shown) in [
            ("a\u{1b}[2Jb", "a\\u001b[2Jb"),
            ("\u{7}\u{8}\r\t\0", "\\u0007\\u0008\\u000d\\u0009\\u0000"),
            ("\u{7f}", "\\u007f"),
            ("\u{9b}31m \u{85}", "\\u009b31m \\u0085"),
            (
                "\u{202e}gpj.exe\u{2069}\u{200f}\u{61c}",
                "\\u202egpj.exe\\u2069\\u200f\\u061c",
            ),
            ("咖啡 & 茶 \\n é ¥\u{a0}", "咖啡 & 茶 \\n é ¥\u{a0}"),
        ] {
            assert_eq!(escaped(text), shown);
            assert_eq!(escaped_line(text), shown);
        }
        assert_eq!(escaped("two\nlines"), "two\nlines");
        assert_eq!(escaped_line("one\nline"), "one\\u000aline");
    }
}
