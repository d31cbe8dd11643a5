//! Story: an agent is a party, apart from its numbers and keys on wires. Parties stand in trees of
//! at most five levels, one may stand on several wires, and one that is disabled opens nothing on
//! any of them. Where merchants sign for themselves, they go on without it.

use crate::harness::{
    BOTH, Demo, Json, PayWay, Setup, XmlTill, done, order_number, refused, rows, xml_number,
};

const FACTOR: u64 = 20;
const TRADE_KEY: &str = "0123456789abcdef0123456789abcdef";
const NOTIFY_KEY: &str = "fedcba9876543210fedcba9876543210";

/// `agents add` on the wire whose merchants sign for themselves.
fn add(setup: &Setup, party: &str, agent_id: &str, parent: &str) -> String {
    done(setup, &addition(party, agent_id, parent))
}

fn addition<'a>(party: &'a str, agent_id: &'a str, parent: &'a str) -> Vec<&'a str> {
    let mut words = vec!["agents", "add", agent_id, "--dialect", "leshua"];
    words.extend(["--name", "服务商", "--party", party]);
    if !parent.is_empty() {
        words.extend(["--parent", parent]);
    }
    words
}

fn listed(setup: &Setup) -> Vec<Json> {
    rows(setup, &["agents", "list"])
}

/// The row of a party on a wire.
fn row(setup: &Setup, party: &str, dialect: &str) -> Json {
    let rows = listed(setup);
    let is_it = |row: &&Json| row.str("party") == party && row.str("dialect") == dialect;
    let found = rows.iter().find(is_it).cloned();
    found.unwrap_or_else(|| panic!("no {party} on {dialect} in {rows:?}"))
}

fn acts(setup: &Setup, action: &str) -> Vec<Json> {
    rows(setup, &["audit", "list", "--action", action])
}

/// A merchant of an agent, with keys of its own.
async fn enrol(setup: &Setup, demo: &Demo, app_id: &str, agent_id: &str) -> XmlTill {
    let keys = [format!("trade={TRADE_KEY}"), format!("notify={NOTIFY_KEY}")];
    let mut words = vec!["merchants", "add", app_id, "--name", "面馆"];
    words.extend([
        "--dialect",
        "leshua",
        "--app-id",
        app_id,
        "--agent",
        agent_id,
    ]);
    words.extend(["--key", &keys[0], "--key", &keys[1]]);
    let mut contracts = Vec::new();
    for wallet in BOTH {
        let name = wallet.name();
        contracts.extend(demo.sandbox.enrol(name).await.arguments(name, "0.38%"));
    }
    words.extend(contracts.iter().map(String::as_str));
    done(setup, &words);
    XmlTill::new(&XmlTill::of(demo).base, app_id, TRADE_KEY, NOTIFY_KEY)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_stand_in_trees_of_five_levels_without_a_circle() {
    let setup = Setup::new("parties-tree", FACTOR);
    let demo = setup.start().await;
    let chain = [
        ("group", "91", ""),
        ("north", "92", "group"),
        ("city", "93", "north"),
        ("street", "94", "city"),
        ("corner", "95", "street"),
    ];
    for (party, agent_id, parent) in chain {
        let said = add(&setup, party, agent_id, parent);
        assert!(
            said.contains(&format!("agent {agent_id} on leshua")),
            "{said}"
        );
        assert!(said.contains(&format!("party {party}")), "{said}");
    }
    add(&setup, "south", "96", "");
    let told = [
        "parent corner is too far down",
        "6 levels",
        "at most 5",
        "agents show",
    ];
    refused(&setup, &addition("sixth", "97", "corner"), &told);
    let told = ["parent nobody is no agent here", "agents add"];
    refused(&setup, &addition("new", "97", "nobody"), &told);
    let told = [
        "party north stands already",
        "agents add-wire north",
        "--party",
    ];
    refused(&setup, &addition("north", "97", ""), &told);
    let told = ["agent 92 on leshua stands already", "agents edit"];
    refused(&setup, &addition("new", "92", ""), &told);
    let edit = |party, parent| ["agents", "edit", party, "--parent", parent];
    for (party, parent, told) in [
        ("group", "group", &["parent group is the agent itself"][..]),
        (
            "group",
            "corner",
            &["stands below group itself", "agents edit corner"],
        ),
        ("south", "corner", &["too far down", "6 levels"]),
        ("group", "south", &["too far down", "6 levels"]),
        ("south", "nobody", &["parent nobody is no agent here"]),
    ] {
        refused(&setup, &edit(party, parent), told);
    }

    enrol(&setup, &demo, "9605000901", "95").await;
    enrol(&setup, &demo, "9605000902", "93").await;
    for (party, parent, merchants, below) in [
        ("group", "", 0, 2),
        ("city", "north", 1, 2),
        ("corner", "street", 1, 1),
        ("south", "", 0, 0),
    ] {
        let row = row(&setup, party, "leshua");
        assert_eq!(row.get("parent").and_then(Json::text).unwrap_or(""), parent);
        assert_eq!(row.int("merchants"), merchants, "{row}");
        assert_eq!(row.int("merchants_below"), below, "{row}");
    }

    let edit = [
        "agents",
        "edit",
        "city",
        "--parent",
        "south",
        "--name",
        "城市服务商",
    ];
    done(&setup, &edit);
    let shown = done(&setup, &["agents", "show", "city"]);
    for words in [
        "city  城市服务商  enabled",
        "below south",
        "above street, corner",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(row(&setup, "south", "leshua").int("merchants_below"), 2);
    assert_eq!(row(&setup, "group", "leshua").int("merchants_below"), 0);
    let acts = acts(&setup, "agents.edit");
    let [act] = acts.as_slice() else {
        unreachable!("one edit, not {acts:?}")
    };
    assert_eq!(act.str("subject"), "party city");
    assert!(
        act.str("before").contains("\"parent_id\":\"north\""),
        "{act}"
    );
    assert!(
        act.str("after").contains("\"parent_id\":\"south\""),
        "{act}"
    );
    assert!(act.str("after").contains("城市服务商"), "{act}");
    done(&setup, &["agents", "edit", "city", "--no-parent"]);
    assert_eq!(row(&setup, "south", "leshua").int("merchants_below"), 0);
    demo.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_party_on_two_wires_opens_nothing_while_it_is_disabled() {
    let setup = Setup::new("parties-wires", FACTOR);
    let demo = setup.start().await;
    let agent = demo.agent();
    let party = &*agent.agent_id;
    let further = ["agents", "add-wire", party, "--agent-id", "31"];
    let keys = ["--key", "agent=0123456789abcdef0123456789abcdef"];
    let made = done(
        &setup,
        &[&further[..], &["--dialect", "leshua"], &keys].concat(),
    );
    assert!(made.contains("agent 31 on leshua"), "{made}");
    assert!(made.contains(&format!("party {party}")), "{made}");
    assert!(
        made.contains("pos"),
        "a key that is not given is made: {made}"
    );
    let again = [&further[..], &["--dialect", "leshua"]].concat();
    refused(&setup, &again, &["agent 31 on leshua stands already"]);
    let other = [&further[..], &["--dialect", "fufu"]].concat();
    refused(&setup, &other, &["on fufu merchants sign themselves"]);
    let nobody = [
        "agents",
        "add-wire",
        "nobody",
        "--agent-id",
        "32",
        "--dialect",
        "leshua",
    ];
    refused(&setup, &nobody, &["there is no agent nobody"]);
    let shown = done(&setup, &["agents", "show", "31"]);
    for words in [
        party,
        "speaks chaoying",
        "speaks leshua as 31",
        "agent key",
        "pos key",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }

    let till = enrol(&setup, &demo, "9605000903", "31").await;
    let pays = async || {
        let number = xml_number("party");
        let paid = till
            .pay(&number, 158, &PayWay::Wechat.code("98"), &[])
            .await;
        assert_eq!(paid.outcome(), "status 2", "{}", paid.text);
    };
    let agent_pays = async |outcome: &str| {
        let wallet = BOTH[0];
        let number = order_number(wallet.name());
        let paid = agent
            .try_pay(&number, 158, &wallet.code("98"), &[])
            .await
            .unwrap();
        assert!(paid.outcome().starts_with(outcome), "{}", paid.text);
    };
    pays().await;
    agent_pays("SUCCESS 10000 SUCCESS").await;

    let said = done(&setup, &["agents", "disable", party]);
    assert_eq!(said.trim(), format!("agent {party} is disabled"));
    for dialect in ["chaoying", "leshua"] {
        assert_eq!(row(&setup, party, dialect).str("state"), "disabled");
    }
    agent_pays("FAIL 20012").await;
    pays().await;
    let one = ["agents", "enable", party, "--dialect", "chaoying"];
    let said = done(&setup, &one);
    assert!(
        said.contains("is disabled; enable it on every protocol"),
        "{said}"
    );
    agent_pays("FAIL 20012").await;
    done(&setup, &["agents", "enable", party]);
    agent_pays("SUCCESS 10000 SUCCESS").await;

    done(&setup, &["agents", "disable", "31", "--dialect", "leshua"]);
    assert_eq!(row(&setup, party, "leshua").str("state"), "disabled");
    assert_eq!(row(&setup, party, "chaoying").str("state"), "enabled");
    agent_pays("SUCCESS 10000 SUCCESS").await;
    let acts = acts(&setup, "agents.disable");
    let subjects: Vec<&str> = acts.iter().map(|act| act.str("subject")).collect();
    assert_eq!(subjects, ["agent 31 on leshua", &*format!("party {party}")]);
    setup.assert_books_balance();
    demo.kill();
}
