//! What operators' files and environments hold goes on meaning what it meant.

use std::ffi::OsString;
use std::path::Path;

use toml::Value;

use super::*;
use crate::config::option::Source;

/// Options as operators know them: name, variable, default in TOML, another value in TOML. Written
/// apart from the declarations, so that a name that changes by mistake is noticed.
const KNOWN: [(&str, &str, &str, &str); 25] = [
    (
        "listen",
        "HELIU_LISTEN",
        r#""127.0.0.1:8080""#,
        r#""0.0.0.0:9""#,
    ),
    (
        "admin_listen",
        "HELIU_ADMIN_LISTEN",
        r#""127.0.0.1:8081""#,
        r#""[::1]:9""#,
    ),
    (
        "public_url",
        "HELIU_PUBLIC_URL",
        "",
        r#""https://pay.example.org""#,
    ),
    ("data", "HELIU_DATA", r#""data""#, r#""2026""#),
    ("database_url", "DATABASE_URL", "", r#""postgres://db""#),
    (
        "database_url_file",
        "DATABASE_URL_FILE",
        "",
        r#""/run/url""#,
    ),
    (
        "database_ca_file",
        "HELIU_DATABASE_CA_FILE",
        "",
        r#""/run/ca.pem""#,
    ),
    ("node", "HELIU_NODE", "0", "7"),
    ("root_key_file", "HELIU_ROOT_KEY_FILE", "", r#""-""#),
    ("connections_max", "", "10000", "1"),
    ("connections_per_address", "", "1000", "0"),
    ("requests_per_address_per_s", "", "5000", "0"),
    ("requests_per_app_per_s", "", "2000", "0"),
    ("trusted_proxies", "", "[]", r#"["10.0.0.5"]"#),
    ("terminal_ip", "", r#""127.0.0.1""#, r#""10.0.0.1""#),
    (
        "channel_ca_file",
        "HELIU_CHANNEL_CA_FILE",
        "",
        r#""/run/bank.pem""#,
    ),
    ("dangerous_allow_private_notify", "", "false", "true"),
    (
        "sms_url",
        "HELIU_SMS_URL",
        "",
        r#""https://sms.example.org""#,
    ),
    (
        "sms_token_file",
        "HELIU_SMS_TOKEN_FILE",
        "",
        r#""/run/token""#,
    ),
    (
        "sandbox_listen",
        "HELIU_SANDBOX_LISTEN",
        r#""127.0.0.1:8090""#,
        r#""127.0.0.1:9""#,
    ),
    (
        "sandbox_url",
        "HELIU_SANDBOX_URL",
        "",
        r#""http://127.0.0.1:9""#,
    ),
    ("time_factor", "HELIU_TIME_FACTOR", "", "20"),
    (
        "clock_start",
        "HELIU_CLOCK_START",
        "",
        r#""2026-01-15T10:00:00+08:00""#,
    ),
    ("history_days", "HELIU_HISTORY_DAYS", "", "5"),
    ("crash_at", "HELIU_CRASH_AT", "", "-3"),
];
/// The one option of tables.
const CODE_PREFIXES: &str = "code_prefixes";

/// A value of the table; nothing if there is none.
fn value(text: &str) -> Option<Value> {
    let document = format!("value = {text}");
    let mut table: toml::Table = toml::from_str(&document).ok()?;
    table.remove("value")
}

fn plain(value: Value) -> OsString {
    match value {
        Value::String(text) => text.into(),
        value => value.to_string().into(),
    }
}

#[test]
fn every_option_has_the_name_the_variable_and_the_default_that_operators_know() {
    let mut config = Config::default();
    let mut declared: Vec<_> = config
        .slots()
        .iter()
        .filter(|slot| slot.option.name != CODE_PREFIXES)
        .map(|slot| (slot.option.name, slot.option.variable, slot.setting.get()))
        .collect();
    let mut known = KNOWN.map(|(name, variable, default, _)| (name, variable, value(default)));
    declared.sort_by_key(|row| row.0);
    known.sort_by_key(|row| row.0);
    assert_eq!(declared, known);
}

#[test]
fn every_option_is_read_from_the_file_or_refused_there_and_from_its_variable() {
    for (name, variable, _, other) in KNOWN {
        let other = value(other).unwrap();
        let set = |config: &mut Config| {
            let slot = |slot: &Slot<'_>| slot.option.name == name;
            let slots = config.slots();
            let slot = slots.into_iter().find(slot).unwrap();
            (slot.setting.get(), slot.option.source)
        };
        let source = set(&mut Config::default()).1;

        let mut config = Config::default();
        let text = format!("{name} = {other}\n");
        let faults = file::read(&text, Path::new("c.toml"), &mut config.slots());
        let is_read = set(&mut config).0 == Some(other.clone());
        assert_eq!(is_read, source == Source::FileAndEnvironment, "{name}");
        assert_eq!(is_read, faults.is_empty(), "{faults:?}");

        let mut config = Config::default();
        let variables = [(OsString::from(variable), plain(other.clone()))];
        let faults = environment::read(variables.into_iter(), &mut config.slots());
        assert_eq!(faults, Vec::<String>::new());
        let is_read = set(&mut config).0 == Some(other);
        assert_eq!(is_read, !variable.is_empty(), "{variable} for {name}");
    }
}

#[test]
fn an_option_of_the_environment_alone_has_a_variable() {
    for slot in Config::default().slots() {
        let option = slot.option;
        let is_reachable =
            option.source == Source::FileAndEnvironment || !option.variable.is_empty();
        assert!(is_reachable, "{} can be set nowhere", option.name);
    }
}

#[test]
fn what_nodes_behind_a_balancer_are_told_is_a_configuration() {
    let mut config = Config::default();
    let text = include_str!("../../../../deploy/heliu.toml");
    let faults = file::read(text, Path::new("heliu.toml"), &mut config.slots());
    assert_eq!(faults, Vec::<String>::new());
    assert!(config.proxies.trusted().trusts([172, 18, 0, 5].into()));
}

#[test]
fn contradictions_are_told_together() {
    let mut config = Config::default();
    config.books.node = 64;
    config.messages.sms_url = Some("https://sms.example.com".to_owned());
    config.listeners.public_url = Some("pay.example.com".to_owned());
    config.proxies.trusted_proxies = vec!["balancer".to_owned(), "10.0.0.0/8".to_owned()];
    let told = config.contradictions().join("\n");
    for words in [
        "node 64",
        "sms_token_file",
        "public_url (HELIU_PUBLIC_URL) must be an address with its scheme",
        "trusted_proxies: balancer: neither",
    ] {
        assert!(told.contains(words), "{words:?} in {told}");
    }
}
