//! A small reader of Rust source: enough to tell code from comments and text, no more.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier, a keyword or a number.
    Word,
    /// What stands between the quotes of a string literal.
    Text,
    /// Punctuation; `::` is one token, everything else a single character.
    Mark,
}

/// A piece of source with the line it stands on (counted from one).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    pub(crate) line: usize,
}

impl Token<'_> {
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }

    pub(crate) fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }
}

/// Splits source into tokens; comments, blanks, character literals and lifetimes are dropped.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut reader = Reader {
        source,
        at: 0,
        line: 1,
        out: Vec::new(),
    };
    while reader.step() {}
    reader.out
}

/// Leaves out what is compiled for tests only: every item that follows `#[cfg(test)]`.
pub(crate) fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at..).unwrap_or_default();
        if starts_test(rest) {
            at += test_item_length(rest);
        } else {
            kept.push(*token);
            at += 1;
        }
    }
    kept
}

const TEST_MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];

/// Whether `#[cfg(test)]` stands here.
pub(crate) fn starts_test(tokens: &[Token<'_>]) -> bool {
    tokens.len() >= TEST_MARK.len()
        && tokens
            .iter()
            .zip(TEST_MARK)
            .all(|(token, text)| token.text == text && token.kind != Kind::Text)
}

/// How many tokens the item that begins here has: to the end of its first block, or to its
/// semicolon.
fn test_item_length(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(TEST_MARK.len()) {
        if token.kind != Kind::Mark {
            continue;
        }
        match token.text {
            "{" | "[" | "(" => depth += 1,
            "}" | "]" | ")" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.text == "}" {
                    return index + 1;
                }
            }
            ";" if depth == 0 => return index + 1,
            _ => {}
        }
    }
    tokens.len()
}

struct Reader<'a> {
    source: &'a str,
    at: usize,
    line: usize,
    out: Vec<Token<'a>>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// Moves on by `length` bytes and hands back what was passed.
    fn take(&mut self, length: usize) -> &'a str {
        let taken = self.rest().get(..length).unwrap_or(self.rest());
        self.line += taken.matches('\n').count();
        self.at += taken.len();
        taken
    }

    fn push(&mut self, kind: Kind, text: &'a str, line: usize) {
        self.out.push(Token { kind, text, line });
    }

    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return false;
        };
        let line = self.line;
        if first.is_whitespace() {
            self.take(first.len_utf8());
        } else if rest.starts_with("//") {
            self.take(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.block_comment();
        } else if let Some(hashes) = raw_string(rest) {
            self.raw_text(hashes, line);
        } else if let Some(prefix) = ["\"", "b\"", "c\""]
            .iter()
            .find(|quote| rest.starts_with(**quote))
        {
            self.take(prefix.len());
            self.text(line);
        } else if first == '\'' || rest.starts_with("b'") {
            self.quote();
        } else if is_word(first) {
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let word = self.take(end);
            self.push(Kind::Word, word, line);
        } else if rest.starts_with("::") {
            let mark = self.take(2);
            self.push(Kind::Mark, mark, line);
        } else {
            let mark = self.take(first.len_utf8());
            self.push(Kind::Mark, mark, line);
        }
        true
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            let rest = self.rest();
            if rest.starts_with("/*") {
                depth += 1;
                self.take(2);
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.take(2);
                if depth == 0 {
                    return;
                }
            } else if let Some(next) = rest.chars().next() {
                self.take(next.len_utf8());
            } else {
                return;
            }
        }
    }

    fn raw_text(&mut self, hashes: usize, line: usize) {
        let opening = self.rest().find('"').map_or(0, |quote| quote + 1);
        self.take(opening);
        let closing = format!("\"{}", "#".repeat(hashes));
        let end = self.rest().find(&closing).unwrap_or(self.rest().len());
        let text = self.take(end);
        self.take(closing.len());
        self.push(Kind::Text, text, line);
    }

    fn text(&mut self, line: usize) {
        let mut escaped = false;
        let end = self.rest().find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let text = self.take(end.unwrap_or(self.rest().len()));
        self.take(1);
        self.push(Kind::Text, text, line);
    }

    /// A character literal is dropped whole; of a lifetime only the quote.
    fn quote(&mut self) {
        let opening = if self.rest().starts_with("b'") { 2 } else { 1 };
        self.take(opening);
        let mut following = self.rest().chars();
        match (following.next(), following.next()) {
            (Some('\\'), Some(escaped)) => {
                self.take(1 + escaped.len_utf8());
                let end = self.rest().find('\'').map_or(0, |quote| quote + 1);
                self.take(end);
            }
            (Some(inner), Some('\'')) => {
                self.take(inner.len_utf8() + 1);
            }
            _ => {}
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The number of hashes if a raw string begins here (`r"`, `r#"`, `br##"` ...).
fn raw_string(rest: &str) -> Option<usize> {
    let after = ["br", "cr", "r"]
        .iter()
        .find_map(|prefix| rest.strip_prefix(prefix))?;
    let hashes = after.chars().take_while(|c| *c == '#').count();
    after.get(hashes..)?.starts_with('"').then_some(hashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<&str> {
        tokens(source)
            .into_iter()
            .filter(|token| token.kind == Kind::Word)
            .map(|token| token.text)
            .collect()
    }

    #[test]
    fn comments_and_texts_are_not_code() {
        let source = "a // b\n/* c /* d */ e */ f \"g \\\" h\" r#\"i \" j\"# b\"k\" l";
        assert_eq!(words(source), ["a", "f", "l"]);
    }

    #[test]
    fn character_literals_and_lifetimes_are_told_apart() {
        assert_eq!(
            words("'x' 'long '\\'' '\"' b'y' z '\\u{1F600}' end"),
            ["long", "z", "end"]
        );
    }

    #[test]
    fn lines_are_counted_through_texts_and_comments() {
        let found = tokens("\"one\ntwo\" /*\n*/\nx");
        assert_eq!(found.last().map(|token| token.line), Some(4));
    }

    #[test]
    fn what_is_compiled_for_tests_only_is_left_out() {
        let source =
            "use a; #[cfg(test)] mod tests { fn b() { c(); } } #[cfg(test)] use d; fn e() {}";
        let all = tokens(source);
        let kept: Vec<&str> = without_tests(&all)
            .into_iter()
            .map(|token| token.text)
            .collect();
        assert_eq!(kept.join(" "), "use a ; fn e ( ) { }");
    }
}
