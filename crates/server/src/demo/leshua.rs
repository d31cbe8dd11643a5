//! The agents and merchants of the specification's third group of examples. The platform holds
//! their money and pays it on; one agent stands below another, and both share in its fees.

use std::collections::BTreeMap;

use heliu_office::actor::Actor;
use heliu_office::agents::NewWire;
use heliu_office::merchants::{self, NewApp, NewMerchant};
use heliu_office::{Office, channels};
use serde_json::{Value, json};

use super::agents::sow_agent;
use super::paid_out;
use super::portals::Portals;
use super::sowing::{HELD, alipay, contracts, held, text_map, tokens, unionpay, wechat};
use crate::failure::Failure;

pub(super) const DIALECT: &str = "leshua";

/// The merchant of the examples, with its keys; its agent's keys sign nothing on the gateway.
pub(super) const MERCHANT_ID: &str = "9605000011";
const TRADE_KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const NOTIFY_KEY: &str = "00112233445566778899aabbccddeeff";
const APP: &str = "wx0000000000000001";
pub(super) const AGENT_ID: &str = "10";
const AGENT_KEY: &str = "11223344556677889900aabbccddeeff";
/// Key of its terminals' notices; the examples have the merchant's.
const POS_KEY: &str = NOTIFY_KEY;
/// The second agent of the examples, whose merchant the first one does not know.
const SECOND_AGENT_ID: &str = "20";
const SECOND_AGENT_KEY: &str = "ffeeddccbbaa00998877665544332211";
pub(super) const SECOND_MERCHANT_ID: &str = "9605000022";
/// An agent below the first one, with a merchant of its own.
pub(super) const LOWER_AGENT_ID: &str = "11";
const LOWER_AGENT_KEY: &str = "66778899aabbccddeeff001122334455";
pub(super) const LOWER_MERCHANT_ID: &str = "9605000033";

/// Numbers, keys, names of the agents and where they stand: who is above comes first.
const AGENTS: [(&str, &str, &str, Option<&str>); 3] = [
    (AGENT_ID, AGENT_KEY, "合流演示服务商", None),
    (SECOND_AGENT_ID, SECOND_AGENT_KEY, "另一演示服务商", None),
    (
        LOWER_AGENT_ID,
        LOWER_AGENT_KEY,
        "合流演示下级服务商",
        Some(AGENT_ID),
    ),
];

/// Numbers, agents, names and cards of the merchants: the sandbox's bank pays to all these cards.
const MERCHANTS: [(&str, &str, &str, &str); 3] = [
    (MERCHANT_ID, AGENT_ID, "合流演示门店", "6200000000000000018"),
    (
        SECOND_MERCHANT_ID,
        SECOND_AGENT_ID,
        "另一服务商的门店",
        "6200000000000000026",
    ),
    (
        LOWER_MERCHANT_ID,
        LOWER_AGENT_ID,
        "下级服务商的门店",
        "6200000000000000034",
    ),
];

/// What agents pay: who is above comes first, since nobody may pay less than who is above them.
const COSTS: [(&str, &str); 2] = [(AGENT_ID, "0.25%"), (LOWER_AGENT_ID, "0.3%")];

/// Sows them; who stands stays as they are.
pub(super) async fn sow(office: &Office, actor: &Actor, portals: &Portals) -> Result<(), Failure> {
    for account in [
        held(wechat(portals), HELD.wechat),
        held(alipay(portals), HELD.alipay),
        held(unionpay(portals), HELD.unionpay),
    ] {
        channels::put(office, actor, account).await?;
    }
    for (agent_id, key, name, parent) in AGENTS {
        let wire = NewWire {
            agent_id: agent_id.to_owned(),
            dialect: DIALECT.to_owned(),
            keys: text_map(&[("agent", key), ("pos", POS_KEY)]),
            settings: BTreeMap::new(),
            mini_programs: BTreeMap::new(),
        };
        sow_agent(office, actor, name, parent, wire).await?;
    }
    for (merchant_id, agent_id, name, card) in MERCHANTS {
        let id = format!("M{merchant_id}");
        let merchant = NewMerchant {
            merchant_id: id.clone(),
            name: name.to_owned(),
            app: NewApp {
                dialect: DIALECT.to_owned(),
                app_id: merchant_id.to_owned(),
                agent_id: Some(agent_id.to_owned()),
                keys: text_map(&[("trade", TRADE_KEY), ("notify", NOTIFY_KEY)]),
                ..NewApp::default()
            },
            contracts: contracts(portals, &HELD, Some(APP)),
            tokens: tokens(portals),
            ..NewMerchant::default()
        };
        merchants::sow(office, actor, merchant).await?;
        paid_out::sow(office, &id, card).await?;
    }
    for (agent_id, rate) in COSTS {
        paid_out::sow_costs(office, actor, agent_id, rate).await?;
    }
    Ok(())
}

/// Address, numbers and keys for programs.
pub(super) fn facts(platform_url: &str) -> Value {
    json!({
        "base": url(platform_url),
        "merchant_id": MERCHANT_ID,
        "trade_key": TRADE_KEY,
        "notify_key": NOTIFY_KEY,
        "agent_id": AGENT_ID,
        "agent_key": AGENT_KEY,
        "lower_agent": {
            "agent_id": LOWER_AGENT_ID,
            "agent_key": LOWER_AGENT_KEY,
            "merchant_id": LOWER_MERCHANT_ID,
        },
    })
}

pub(super) fn url(platform_url: &str) -> String {
    format!("{platform_url}/cgi-bin/lepos_pay_gateway.cgi")
}
