//! What the reader of v2 documents takes and refuses.

use super::*;

#[test]
fn fields_are_read_as_text_cdata_and_the_five_entities() {
    let fields = read(
        "\u{feff}<?xml version=\"1.0\"?><!-- hello --> <xml>\n<a><![CDATA[1<2]]></a><b>x&amp;&lt;y&gt;&quot;&apos;</b>\
         <c/><d></d><e>中 文</e></xml>\n"
            .as_bytes(),
    )
    .expect("well-formed");
    let expected = [
        ("a", "1<2"),
        ("b", "x&<y>\"'"),
        ("c", ""),
        ("d", ""),
        ("e", "中 文"),
    ];
    assert_eq!(
        fields,
        expected
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    );
}

#[test]
fn what_v2_never_sends_is_refused() {
    for broken in [
        "",
        "hello",
        "<html><body>502</body></html>",
        "<xml>",
        "<xml><a>1</a>",
        "<xml><a>1</b></xml>",
        "<xml><a>1</a></xml><xml></xml>",
        "<xml><a>1</a></xml>x",
        "<xml>x<a>1</a></xml>",
        "<xml><a>1</a><a>2</a></xml>",
        "<xml><a><b>1</b></a></xml>",
        "<xml><a>&nbsp;</a></xml>",
        "<xml><a>&#65;</a></xml>",
        "<xml><a>& b</a></xml>",
        "<xml><?php x?><a>1</a></xml>",
        "<!DOCTYPE xml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><xml><a>&x;</a></xml>",
        "<!DOCTYPE xml><xml><a>1</a></xml>",
        "<xml><!DOCTYPE xml><a>1</a></xml>",
    ] {
        assert!(read(broken.as_bytes()).is_err(), "{broken}");
    }
    assert!(read(b"<xml><a>\xff</a></xml>").is_err());
    let long = format!("<xml><a>{}</a></xml>", "x".repeat(BYTES_MAX));
    assert!(read(long.as_bytes()).is_err());
    let many: String = (0..=FIELDS_MAX)
        .map(|n| format!("<a{n}>1</a{n}>"))
        .collect();
    assert!(read(format!("<xml>{many}</xml>").as_bytes()).is_err());
}

#[test]
fn what_is_written_is_read_back() {
    let fields: Fields = [
        ("a".to_owned(), "<&>\"' ]]> 中".to_owned()),
        ("b".to_owned(), String::new()),
    ]
    .into();
    assert_eq!(read(write(&fields).as_bytes()), Ok(fields));
    let controls: Fields = [("a".to_owned(), "x\u{0}\u{8}y".to_owned())].into();
    assert_eq!(write(&controls), "<xml><a>xy</a></xml>");
}
