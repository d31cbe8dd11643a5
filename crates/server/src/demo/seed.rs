//! What the demonstration begins with: channel accounts at the sandbox, merchants with the keys of
//! the published examples, agents, exchange rates. Sown at each start: who stands keeps keys, names
//! and switches.

use std::collections::BTreeMap;

use heliu_engine::Engine;
use heliu_office::actor::Actor;
use heliu_office::agents::NewWire;
use heliu_office::merchants::{self, NewApp, NewMerchant};
use heliu_office::{Office, channels, rates};
use serde_json::{Value, json};

use super::agents;
use super::portals::Portals;
use super::sowing::{alipay, bank, contracts, text_map, tokens, unionpay, wechat};
use crate::admin::{PastedRequest, sign_request};
use crate::failure::Failure;

/// The merchant of the worked examples.
const FUFU_BUSI_ID: &str = "880010000000001";
const FUFU_KEY: &str = "fufu_demo_key_0123456789abcdef01";
/// The merchant of the published sample, with its key of 32 ones.
const FUFU_SAMPLE_BUSI_ID: &str = "581010199011345";
const FUFU_SAMPLE_KEY: &str = "11111111111111111111111111111111";

/// The merchant of the specification's examples, with its keys; its agent's keys sign nothing on
/// the gateway.
const LESHUA_MERCHANT_ID: &str = "9605000011";
const LESHUA_TRADE_KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const LESHUA_NOTIFY_KEY: &str = "00112233445566778899aabbccddeeff";
const LESHUA_APP: &str = "wx0000000000000001";
const LESHUA_AGENT_ID: &str = "10";
const LESHUA_AGENT_KEY: &str = "11223344556677889900aabbccddeeff";
/// Key of its terminals' notices; the examples have the merchant's.
const LESHUA_POS_KEY: &str = LESHUA_NOTIFY_KEY;
/// The second agent of the examples, whose merchant the first one does not know.
const LESHUA_SECOND_AGENT_ID: &str = "20";
const LESHUA_SECOND_AGENT_KEY: &str = "ffeeddccbbaa00998877665544332211";
const LESHUA_SECOND_MERCHANT_ID: &str = "9605000022";

/// Currencies of the demonstration: CNY for one unit.
const RATES: [(&str, &str); 2] = [("THB", "0.2028"), ("HKD", "0.9184")];

/// Sows everything.
pub(super) async fn sow(engine: &Engine, portals: &Portals) -> Result<(), Failure> {
    let (office, actor) = (&Office::new(engine.clone()), &Actor::platform("demo"));
    for account in [
        wechat(portals),
        alipay(portals),
        unionpay(portals),
        bank(portals),
    ] {
        channels::put(office, actor, account).await?;
    }
    for (busi_id, key, name) in [
        (FUFU_BUSI_ID, FUFU_KEY, "合流演示商户"),
        (FUFU_SAMPLE_BUSI_ID, FUFU_SAMPLE_KEY, "公开样例商户"),
    ] {
        let merchant = NewMerchant {
            merchant_id: format!("M{busi_id}"),
            name: name.to_owned(),
            app: NewApp {
                dialect: "fufu".to_owned(),
                app_id: busi_id.to_owned(),
                keys: text_map(&[("trade", key)]),
                ..NewApp::default()
            },
            contracts: contracts(portals, None),
            tokens: tokens(portals),
            ..NewMerchant::default()
        };
        merchants::sow(office, actor, merchant).await?;
    }
    sow_leshua(office, actor, portals).await?;
    agents::sow(office, actor, portals).await?;
    for (currency, rate) in RATES {
        rates::set(office, actor, currency, rate, false).await?;
    }
    Ok(())
}

/// Both agents of the specification's examples, with a merchant each.
async fn sow_leshua(office: &Office, actor: &Actor, portals: &Portals) -> Result<(), Failure> {
    for (agent_id, key, name) in [
        (LESHUA_AGENT_ID, LESHUA_AGENT_KEY, "合流演示服务商"),
        (
            LESHUA_SECOND_AGENT_ID,
            LESHUA_SECOND_AGENT_KEY,
            "另一演示服务商",
        ),
    ] {
        let wire = NewWire {
            agent_id: agent_id.to_owned(),
            dialect: "leshua".to_owned(),
            keys: text_map(&[("agent", key), ("pos", LESHUA_POS_KEY)]),
            settings: BTreeMap::new(),
            mini_programs: BTreeMap::new(),
        };
        agents::sow_agent(office, actor, name, wire).await?;
    }
    for (merchant_id, agent_id, name) in [
        (LESHUA_MERCHANT_ID, LESHUA_AGENT_ID, "合流演示门店"),
        (
            LESHUA_SECOND_MERCHANT_ID,
            LESHUA_SECOND_AGENT_ID,
            "另一服务商的门店",
        ),
    ] {
        let merchant = NewMerchant {
            merchant_id: format!("M{merchant_id}"),
            name: name.to_owned(),
            app: NewApp {
                dialect: "leshua".to_owned(),
                app_id: merchant_id.to_owned(),
                agent_id: Some(agent_id.to_owned()),
                keys: text_map(&[("trade", LESHUA_TRADE_KEY), ("notify", LESHUA_NOTIFY_KEY)]),
                ..NewApp::default()
            },
            contracts: contracts(portals, Some(LESHUA_APP)),
            tokens: tokens(portals),
            ..NewMerchant::default()
        };
        merchants::sow(office, actor, merchant).await?;
    }
    Ok(())
}

/// Base addresses, numbers and keys for programs.
pub(super) fn dialects(platform_url: &str) -> Value {
    json!({
        "fufu": {
            "base": format!("{platform_url}/gateway/pay"),
            "busi_id": FUFU_BUSI_ID,
            "key": FUFU_KEY,
        },
        "chaoying": agents::facts(platform_url),
        "leshua": {
            "base": leshua_url(platform_url),
            "merchant_id": LESHUA_MERCHANT_ID,
            "trade_key": LESHUA_TRADE_KEY,
            "notify_key": LESHUA_NOTIFY_KEY,
            "agent_id": LESHUA_AGENT_ID,
            "agent_key": LESHUA_AGENT_KEY,
        },
    })
}

fn leshua_url(platform_url: &str) -> String {
    format!("{platform_url}/cgi-bin/lepos_pay_gateway.cgi")
}

/// Signed payments, ready to be pasted into a shell: one for each dialect.
pub(super) async fn curl_lines(
    engine: &Engine,
    platform_url: &str,
) -> Result<Vec<String>, Failure> {
    let number = || format!("demo{}", engine.mint_exchange_no());
    let fufu = json!({
        "busi_id": FUFU_BUSI_ID,
        "operator_id": "oper01",
        "terminal_id": "dev01",
        "total_fee": "158",
        "channel_type": "0",
        "auth_code": "284214903060794700",
        "pay_subject": "演示商品",
        "out_trade_no": number(),
        "fee_type": "CNY",
    });
    let fufu_url = format!("{platform_url}/gateway/pay/order");
    let chaoying = format!(
        "method=pay&agent_id={}&version=1.0&pid=demo&mch_id={}&out_trade_no={}\
         &auth_code=134567890123456700&body=%E6%BC%94%E7%A4%BA%E5%95%86%E5%93%81&total_fee=158",
        agents::AGENT_ID,
        agents::MCH_ID,
        number()
    );
    let chaoying_url = format!("{platform_url}/UnifiedPay/Gateway");
    let leshua = format!(
        "service=upload_authcode&merchant_id={LESHUA_MERCHANT_ID}&third_order_id={}\
         &auth_code=134567890123456700&body=%E6%BC%94%E7%A4%BA%E5%95%86%E5%93%81&amount=158\
         &nonce_str=demo",
        number()
    );
    Ok(vec![
        curl_line(engine, fufu_url, JSON, fufu.to_string()).await?,
        curl_line(engine, chaoying_url, FORM, chaoying).await?,
        curl_line(engine, leshua_url(platform_url), FORM, leshua).await?,
    ])
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

async fn curl_line(
    engine: &Engine,
    url: String,
    content_type: &str,
    body: String,
) -> Result<String, Failure> {
    let pasted = PastedRequest {
        url: url.clone(),
        body,
        key: None,
        role: None,
    };
    let signed = sign_request(engine, &pasted).await?.request;
    let query = if signed.query.is_empty() {
        String::new()
    } else {
        format!("?{}", signed.query)
    };
    let body = String::from_utf8_lossy(&signed.body);
    Ok(format!(
        "curl -s '{url}{query}' -H 'Content-Type: {content_type}' -d '{body}'"
    ))
}
