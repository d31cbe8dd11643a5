//! The page `docs/errors.md` is made from the code: what each error means, what its caller should
//! do, and by which words each dialect tells it. The words are read from answers, as a client reads
//! them: every error on every interface, about orders in every state.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use heliu_dialects::all;
use heliu_ports::dialect::{Dialect, Echo, Surface};
use heliu_trade::error::{Advice, ErrorCode, TradeError};
use heliu_trade::order::{Order, OrderState};

use super::samples::order;
use super::wires::wire;
use super::{encoded, goldens};

/// Set to write the page instead of comparing it.
const WRITE: &str = "HELIU_WRITE_DOCS";
const COMMAND: &str = "HELIU_WRITE_DOCS=1 cargo test -p heliu-dialects --test conformance errors";

const HEAD: &str = "\
# Errors

Made from the code: a test compares it. All of a wire's words for an error are told; which one it is
depends on the interface that was called and on the state of the order. What an answer's frame
cannot carry stands in its header `X-Error-Detail`: the field, the problem and what to do.
";

#[test]
fn the_page_of_errors_says_what_the_code_does() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
    let page = page();
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(path, &page).expect("the page can be written");
    }
    let stands = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        stands == page,
        "docs/errors.md is not what the code says; to write it anew: {COMMAND}"
    );
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("\n## What to do\n\n| advice | errors |\n| --- | --- |\n");
    for advice in Advice::ALL {
        let codes = ErrorCode::ALL.into_iter();
        let codes = codes.filter(|code| code.advice() == advice);
        let links: Vec<_> = codes
            .map(|code| format!("[{0}](#{0})", code.as_str()))
            .collect();
        assert!(!links.is_empty(), "{advice:?} is nobody's advice");
        line(
            &mut page,
            &format!("| {} | {} |", advice.as_text(), links.join(", ")),
        );
    }
    let dialects: Vec<_> = all()
        .into_iter()
        .map(|it| (asked(&*it), it.descriptor()))
        .collect();
    for code in ErrorCode::ALL {
        line(
            &mut page,
            &format!("\n## {}\n\n| | |\n| --- | --- |", code.as_str()),
        );
        line(&mut page, &format!("| meaning | {} |", code.meaning()));
        line(
            &mut page,
            &format!("| what to do | {} |", code.advice().as_text()),
        );
        for (asked, dialect) in &dialects {
            let words = words(dialect.id, asked, code).into_iter();
            let words: Vec<_> = words.map(|word| format!("`{word}`")).collect();
            let name = dialect.name;
            line(&mut page, &format!("| {name} | {} |", words.join(", ")));
        }
    }
    page
}

fn line(page: &mut String, text: &str) {
    writeln!(page, "{text}").expect("a text takes everything");
}

/// What an answer repeats, once for each interface: one address may lead to several.
fn asked(dialect: &dyn Dialect) -> Vec<(&'static dyn Surface, Echo)> {
    let surfaces = dialect.surfaces().iter().copied();
    let paths = surfaces.flat_map(|surface| {
        let routes = surface.descriptor().routes.iter();
        routes.map(move |route| {
            let route = route.path.to_owned();
            let values = Vec::new();
            (surface, Echo { route, values })
        })
    });
    let of_goldens = goldens()
        .into_iter()
        .filter(|golden| golden.dialect.descriptor().id == dialect.descriptor().id)
        .filter_map(|golden| {
            let surface = golden.surface();
            let decoded = surface.decode(&golden.request()).ok()?;
            Some((surface, decoded.echo))
        });
    paths.chain(of_goldens).collect()
}

/// Every word by which a wire tells an error; the channel's own word is an ellipsis.
fn words(id: &str, asked: &[(&dyn Surface, Echo)], code: ErrorCode) -> BTreeSet<String> {
    let plain = TradeError::new(code, "a sentence").because("WORD");
    let about = OrderState::ALL.map(|state| plain.clone().about(&Order { state, ..order() }));
    let wire = wire(id);
    let mut words = BTreeSet::new();
    for (surface, echo) in asked {
        for error in about.iter().chain([&plain]) {
            let answer = encoded(*surface, echo, Err(error), true);
            let body = String::from_utf8(answer.body.to_vec()).expect("a text");
            words.insert((wire.error_word)(&body).trim().replace("WORD", "…"));
        }
    }
    words
}
