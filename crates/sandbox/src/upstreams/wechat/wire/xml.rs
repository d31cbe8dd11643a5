//! Flat XML: `<xml>` with text or CDATA children. No DOCTYPE, no nesting, no repeated names.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

/// Name and raw text of every child.
pub(crate) type Fields = BTreeMap<String, String>;

/// Reads the children of the root. The error is a reason for the log.
pub(crate) fn read(text: &str) -> Result<Fields, &'static str> {
    let mut reader = Reader::from_str(text);
    let mut fields = Fields::new();
    let mut depth = 0_u8;
    let mut current: Option<(String, String)> = None;
    let mut ended = false;
    loop {
        let event = reader.read_event().map_err(|_| "not well-formed")?;
        match event {
            Event::DocType(_) => return Err("DOCTYPE is refused"),
            Event::PI(_) => return Err("processing instructions are refused"),
            Event::Decl(_) | Event::Comment(_) => {}
            Event::Start(start) => {
                depth += 1;
                match depth {
                    1 if ended => return Err("two roots"),
                    1 => {}
                    2 => current = Some((name_of(start.name().as_ref())?, String::new())),
                    _ => return Err("children must be flat"),
                }
            }
            Event::Empty(start) => match depth {
                1 => insert(&mut fields, name_of(start.name().as_ref())?, String::new())?,
                0 if !ended => ended = true,
                _ => return Err("children must be flat"),
            },
            Event::End(_) => {
                if depth == 2
                    && let Some((name, value)) = current.take()
                {
                    insert(&mut fields, name, value)?;
                }
                depth = depth.saturating_sub(1);
                ended = ended || depth == 0;
            }
            Event::Text(part) => append(&mut current, &part.xml10_content())?,
            Event::CData(part) => append(&mut current, &part.xml10_content())?,
            Event::GeneralRef(reference) => {
                let resolved = match reference
                    .resolve_char_ref()
                    .map_err(|_| "a bad character reference")?
                {
                    Some(character) => character.to_string(),
                    None => match reference.xml10_content().as_ref() {
                        "lt" => "<".into(),
                        "gt" => ">".into(),
                        "amp" => "&".into(),
                        "quot" => "\"".into(),
                        "apos" => "'".into(),
                        _ => return Err("entities are refused"),
                    },
                };
                append(&mut current, &resolved)?;
            }
            Event::Eof => break,
        }
    }
    if !ended || depth != 0 {
        return Err("no root, or it does not end");
    }
    Ok(fields)
}

fn name_of(name: impl AsRef<[u8]>) -> Result<String, &'static str> {
    let name = std::str::from_utf8(name.as_ref()).map_err(|_| "a name is not UTF-8")?;
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain
        .then(|| name.to_owned())
        .ok_or("a name has odd characters")
}

fn insert(fields: &mut Fields, name: String, value: String) -> Result<(), &'static str> {
    match fields.insert(name, value) {
        None => Ok(()),
        Some(_) => Err("a name is repeated"),
    }
}

fn append(current: &mut Option<(String, String)>, part: &str) -> Result<(), &'static str> {
    match current {
        Some((_, value)) => value.push_str(part),
        None if part.trim().is_empty() => {}
        None => return Err("text between children"),
    }
    Ok(())
}

/// Writes CDATA children in the order of their names.
pub(crate) fn write(root: &str, fields: &Fields) -> String {
    let mut text = format!("<{root}>");
    for (name, value) in fields {
        let value = value.replace("]]>", "]]]]><![CDATA[>");
        text.push_str(&format!("<{name}><![CDATA[{value}]]></{name}>\n"));
    }
    text.push_str(&format!("</{root}>"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_clients_write() {
        let fields =
            read("<xml>\n<a><![CDATA[1 < 2]]></a><b>x&amp;y&#65;</b><c/><d></d></xml>\n").unwrap();
        assert_eq!(fields["a"], "1 < 2");
        assert_eq!(fields["b"], "x&yA");
        assert_eq!(fields["c"], "");
        assert_eq!(fields["d"], "");
        assert_eq!(read(&write("xml", &fields)).unwrap(), fields);
    }

    #[test]
    fn refuses_what_is_dangerous() {
        for bad in [
            "<!DOCTYPE xml [<!ENTITY a \"b\">]><xml><a>&a;</a></xml>",
            "<xml><a>&a;</a></xml>",
            "<xml><a><b>1</b></a></xml>",
            "<xml><a>1</a><a>2</a></xml>",
            "<xml><a>1</a>",
            "<xml></xml><xml></xml>",
            "",
            "text",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
