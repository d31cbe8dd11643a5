//! An XML document of one level being written: no prologue, each value in CDATA.

use quick_xml::Writer;
use quick_xml::events::{BytesCData, BytesEnd, BytesStart, Event};

/// Room for a usual answer, in bytes.
const CAPACITY: usize = 1536;

/// Elements with their values, in order, inside one root.
pub(crate) fn document<'a>(
    root: &str,
    elements: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<u8> {
    let mut writer = Writer::new(Vec::with_capacity(CAPACITY));
    let mut write = |event: Event<'_>| {
        writer
            .write_event(event)
            .expect("a vector takes every byte");
    };
    write(Event::Start(BytesStart::new(root)));
    for (name, value) in elements {
        write(Event::Start(BytesStart::new(name)));
        // Cut in two where it would end the section.
        for section in BytesCData::escaped(value) {
            write(Event::CData(section));
        }
        write(Event::End(BytesEnd::new(name)));
    }
    write(Event::End(BytesEnd::new(root)));
    writer.into_inner()
}

/// A text that every reader of XML 1.0 gives back as it is: without characters that no document may
/// hold, and without carriage returns, which readers turn into line feeds.
pub(crate) fn readable(mut text: String) -> String {
    if text.contains(is_unreadable) {
        text.retain(|character| !is_unreadable(character));
    }
    text
}

/// Outside `Char` of XML 1.0, section 2.2, or changed by section 2.11.
fn is_unreadable(character: char) -> bool {
    !matches!(character, '\t' | '\n' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;

    use super::*;

    /// The values of a document, read by a reader that knows nothing of the writer.
    fn values(document: &[u8]) -> Vec<(String, String)> {
        let mut reader = Reader::from_reader(document);
        let (mut found, mut depth) = (Vec::new(), 0);
        loop {
            match reader.read_event().expect("XML") {
                Event::Start(start) => {
                    depth += 1;
                    if depth == 2 {
                        let name = start.name().as_ref().to_owned();
                        found.push((name, String::new()));
                    }
                }
                Event::CData(section) => {
                    let (_, value) = found.last_mut().expect("inside an element");
                    value.push_str(&section);
                }
                Event::End(_) => depth -= 1,
                Event::Eof => return found,
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn values_stand_in_sections_of_their_own() {
        let written = document("a", [("b", "1<2&3"), ("c", "x]]>y")]);
        let expected = "<a><b><![CDATA[1<2&3]]></b><c><![CDATA[x]]]]><![CDATA[>y]]></c></a>";
        assert_eq!(std::str::from_utf8(&written), Ok(expected));
    }

    #[test]
    fn what_no_document_may_hold_is_left_out() {
        let text = "a\u{0}\u{1}\r\n\tb\u{fffe}\u{ffff}\u{7f}\u{d7ff}\u{e000}😀";
        let kept = "a\n\tb\u{7f}\u{d7ff}\u{e000}😀";
        assert_eq!(readable(text.to_owned()), kept);
    }

    proptest! {
        #[test]
        fn every_readable_text_comes_back(texts in prop::collection::vec(any::<String>(), 0..6), tail in "[\\]>a]{0,12}") {
            let texts: Vec<String> = texts.into_iter().chain([tail]).map(readable).collect();
            let elements = texts.iter().map(|text| ("e", text.as_str()));
            let expected: Vec<_> = texts.iter().map(|text| ("e".to_owned(), text.clone())).collect();
            prop_assert_eq!(values(&document("r", elements)), expected);
        }
    }
}
