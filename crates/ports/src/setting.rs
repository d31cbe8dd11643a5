//! A setting of a channel account, as its channel states it: what it means, what it looks like,
//! whether it must be there.

use std::fmt;

/// Longest free text of a setting, in characters.
const TEXT_CHARS_MAX: usize = 256;

/// What a channel states about one of its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What it means, and what holds without it.
    pub about: &'static str,
    /// What it looks like.
    pub form: SettingForm,
    /// Whether an account must have it.
    pub is_required: bool,
}

impl Setting {
    /// One that an account must have.
    #[must_use]
    pub const fn required(name: &'static str, form: SettingForm, about: &'static str) -> Self {
        Self {
            name,
            about,
            form,
            is_required: true,
        }
    }

    /// One that an account may have.
    #[must_use]
    pub const fn optional(name: &'static str, form: SettingForm, about: &'static str) -> Self {
        Self {
            name,
            about,
            form,
            is_required: false,
        }
    }
}

/// What a setting looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingForm {
    /// An `http://` or `https://` address with a host, perhaps with a port and a path.
    Address,
    /// A path on the channel's host, from its slash on.
    Path,
    /// So many digits.
    Digits(usize, usize),
    /// So many hexadecimal digits.
    Hex(usize, usize),
    /// So many letters, digits, underscores and hyphens.
    Word(usize, usize),
    /// Words of letters and digits, with commas between.
    Words,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Any text of one line.
    Text,
}

impl SettingForm {
    /// Whether a text looks like it. Blanks around it are none of it.
    #[must_use]
    pub fn fits(self, text: &str) -> bool {
        let all = |min: usize, max: usize, is_sign: fn(&u8) -> bool| {
            (min..=max).contains(&text.len()) && text.as_bytes().iter().all(is_sign)
        };
        match self {
            Self::Address => is_address(text),
            Self::Path => text.starts_with('/') && is_plain(text),
            Self::Digits(min, max) => all(min, max, u8::is_ascii_digit),
            Self::Hex(min, max) => all(min, max, u8::is_ascii_hexdigit),
            Self::Word(min, max) => all(min, max, |sign| {
                sign.is_ascii_alphanumeric() || [b'_', b'-'].contains(sign)
            }),
            Self::Words => text.split(',').all(|word| {
                !word.is_empty() && word.bytes().all(|sign| sign.is_ascii_alphanumeric())
            }),
            Self::OneOf(words) => words.contains(&text),
            Self::Text => {
                let is_trimmed = !text.is_empty() && text.trim() == text;
                is_trimmed
                    && text.chars().count() <= TEXT_CHARS_MAX
                    && !text.contains(char::is_control)
            }
        }
    }
}

/// Characters that stand for themselves in an address.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|sign| sign.is_ascii_graphic() && !br#"<>"\^`{|}"#.contains(&sign))
}

fn is_address(text: &str) -> bool {
    let Ok(address) = text.parse::<http::Uri>() else {
        return false;
    };
    let is_http = matches!(address.scheme_str(), Some("http" | "https"));
    let host = address
        .authority()
        .is_some_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'));
    is_http && host && address.query().is_none() && is_plain(text)
}

impl fmt::Display for SettingForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("an address that begins with https:// or http://"),
            Self::Path => f.write_str("a path that begins with /"),
            Self::Digits(min, max) => write!(f, "{} digits", Span(*min, *max)),
            Self::Hex(min, max) => write!(f, "{} hexadecimal digits", Span(*min, *max)),
            Self::Word(min, max) => {
                write!(
                    f,
                    "{} letters, digits, underscores and hyphens",
                    Span(*min, *max)
                )
            }
            Self::Words => f.write_str("words of letters and digits with commas between"),
            Self::OneOf(words) => write!(f, "one of {}", words.join(", ")),
            Self::Text => f.write_str("a text of one line, up to 256 characters"),
        }
    }
}

/// From so many to so many.
pub(crate) struct Span(pub(crate) usize, pub(crate) usize);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(min, max) = self;
        if min == max {
            write!(f, "{min}")
        } else {
            write!(f, "{min} to {max}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SettingForm::{Address, Digits, Hex, OneOf, Path, Text, Word, Words};

    #[test]
    fn a_setting_looks_like_its_form_or_is_refused() {
        for (form, fitting, unfitting) in [
            (
                Address,
                vec![
                    "https://api.example.com",
                    "http://127.0.0.1:8090/wechat",
                    "https://a/gateway.do",
                ],
                vec![
                    "",
                    "api.example.com",
                    "ftp://a",
                    "https://",
                    "https://u:p@a",
                    "https://a b",
                    "https://a?x=1",
                    "https://a\u{1b}",
                    "//a",
                ],
            ),
            (Path, vec!["/", "/a/b.do"], vec!["", "a", "/a b", "/\n"]),
            (
                Digits(8, 10),
                vec!["12345678", "1234567890"],
                vec!["1234567", "12345678901", "1234567a", "１２３４５６７８"],
            ),
            (Hex(4, 4), vec!["0aF9"], vec!["0aFg", "0aF", "0aF90"]),
            (Word(1, 4), vec!["a", "A_9-"], vec!["", "abcde", "a b", "ä"]),
            (Words, vec!["61", "61,A2"], vec!["", ",", "61,", "61;62"]),
            (OneOf(&["v2", "v3"]), vec!["v2", "v3"], vec!["", "v4", "V2"]),
            (
                Text,
                vec!["UnionPay/1.0 CloudPay", "面"],
                vec!["", " a", "a\nb", "a\u{7f}"],
            ),
        ] {
            for text in fitting {
                assert!(form.fits(text), "{text:?} is {form}");
            }
            for text in unfitting {
                assert!(!form.fits(text), "{text:?} is not {form}");
            }
        }
        assert!(!Text.fits(&"x".repeat(257)));
    }
}
