//! The flat XML of v2: one root with text children. Source: channel notes 1.14.
//!
//! Read as events, so that a DOCTYPE, an entity of its own, depth, size and duplicates are refused
//! before they mean anything.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;

use crate::text::clean;

/// Fields of a v2 message by name.
pub(super) type Fields = BTreeMap<String, String>;

/// Longest document that is read, in bytes; the longest documented fields add up to less than half.
const BYTES_MAX: usize = 128 * 1024;
/// Most fields of a document; a refund query of 20 refunds with coupons stays below.
const FIELDS_MAX: usize = 1024;

/// Why a document is not read.
pub(super) type Broken = &'static str;

/// The children of the root `<xml>`.
pub(super) fn read(body: &[u8]) -> Result<Fields, Broken> {
    if body.len() > BYTES_MAX {
        return Err("the document is too long");
    }
    let text = std::str::from_utf8(body).map_err(|_| "the document is not UTF-8")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    let mut document = Document::default();
    loop {
        match reader
            .read_event()
            .map_err(|_| "the document is not well-formed")?
        {
            Event::Start(tag) => document.open(tag.name().as_ref())?,
            Event::Empty(tag) => {
                document.open(tag.name().as_ref())?;
                document.close()?;
            }
            Event::End(_) => document.close()?,
            Event::Text(part) => document.text(&part)?,
            Event::CData(part) => document.text(&part)?,
            Event::GeneralRef(name) => document.text(entity(&name)?)?,
            Event::Comment(_) => {}
            Event::Decl(_) if document.place == Place::Before => {}
            Event::Decl(_) | Event::PI(_) => return Err("a processing instruction"),
            Event::DocType(_) => return Err("a DOCTYPE"),
            Event::Eof => return document.finish(),
        }
    }
}

/// The five entities of XML itself; all others, character references included, are refused.
fn entity(name: &str) -> Result<&'static str, Broken> {
    match name {
        "amp" => Ok("&"),
        "lt" => Ok("<"),
        "gt" => Ok(">"),
        "quot" => Ok("\""),
        "apos" => Ok("'"),
        _ => Err("an entity that is not one of the five"),
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Before,
    Root,
    Field(String, String),
    After,
}

#[derive(Debug, Default)]
struct Document {
    place: Place,
    fields: Fields,
}

impl Document {
    fn open(&mut self, name: &str) -> Result<(), Broken> {
        self.place = match self.place {
            Place::Before if name == "xml" => Place::Root,
            Place::Before => return Err("the root is not <xml>"),
            Place::Root if self.fields.len() >= FIELDS_MAX => return Err("too many fields"),
            Place::Root if self.fields.contains_key(name) => return Err("a field stands twice"),
            Place::Root => Place::Field(name.to_owned(), String::new()),
            Place::Field(..) => return Err("a field within a field"),
            Place::After => return Err("something after the root"),
        };
        Ok(())
    }

    fn text(&mut self, part: &str) -> Result<(), Broken> {
        match &mut self.place {
            Place::Field(_, value) => {
                value.push_str(part);
                Ok(())
            }
            _ if part.trim().is_empty() => Ok(()),
            _ => Err("text outside of a field"),
        }
    }

    fn close(&mut self) -> Result<(), Broken> {
        self.place = match std::mem::take(&mut self.place) {
            Place::Field(name, value) => {
                self.fields.insert(name, value);
                Place::Root
            }
            Place::Root => Place::After,
            Place::Before | Place::After => return Err("the document is not well-formed"),
        };
        Ok(())
    }

    fn finish(self) -> Result<Fields, Broken> {
        if self.place == Place::After {
            Ok(self.fields)
        } else {
            Err("the document is cut off")
        }
    }
}

/// A document with these fields; markup is escaped and control characters are left out.
pub(super) fn write(fields: &Fields) -> String {
    let mut text = String::from("<xml>");
    for (name, value) in fields {
        let value = clean(value);
        text.push_str(&format!("<{name}>{}</{name}>", escape(value.as_str())));
    }
    text.push_str("</xml>");
    text
}

#[cfg(test)]
#[path = "tests/xml.rs"]
mod tests;
