//! What the demonstration begins with: channel accounts at the sandbox, merchants with the keys of
//! the published examples, agents, exchange rates. Sown at each start: who stands keeps keys, names
//! and switches.

use heliu_engine::Engine;
use heliu_office::actor::Actor;
use heliu_office::merchants::{self, NewApp, NewMerchant};
use heliu_office::{Office, channels, rates};
use serde_json::{Value, json};

use super::portals::Portals;
use super::sowing::{DIRECT, alipay, bank, contracts, text_map, tokens, unionpay, wechat};
use super::{agents, leshua};
use crate::admin::{PastedRequest, sign_request};
use crate::failure::Failure;

pub(super) const FUFU: &str = "fufu";
/// The merchant of the worked examples.
pub(super) const FUFU_BUSI_ID: &str = "880010000000001";
const FUFU_KEY: &str = "fufu_demo_key_0123456789abcdef01";
/// The merchant of the published sample, with its key of 32 ones.
const FUFU_SAMPLE_BUSI_ID: &str = "581010199011345";
const FUFU_SAMPLE_KEY: &str = "11111111111111111111111111111111";

/// Currencies of the demonstration: CNY for one unit.
const RATES: [(&str, &str); 2] = [("THB", "0.2028"), ("HKD", "0.9184")];

/// What nodes that begin together do one after the other.
const SOWING: &str = "sowing";

/// Sows everything. Of nodes that begin together one sows, and the next ones find what stands.
pub(super) async fn sow(engine: &Engine, portals: &Portals) -> Result<(), Failure> {
    let turn = engine.store().take_turn(SOWING).await?;
    sow_all(engine, portals).await?;
    drop(turn);
    Ok(())
}

async fn sow_all(engine: &Engine, portals: &Portals) -> Result<(), Failure> {
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
                dialect: FUFU.to_owned(),
                app_id: busi_id.to_owned(),
                keys: text_map(&[("trade", key)]),
                ..NewApp::default()
            },
            contracts: contracts(portals, &DIRECT, None),
            tokens: tokens(portals),
            ..NewMerchant::default()
        };
        merchants::sow(office, actor, merchant).await?;
    }
    leshua::sow(office, actor, portals).await?;
    agents::sow(office, actor, portals).await?;
    for (currency, rate) in RATES {
        rates::set(office, actor, currency, rate, false).await?;
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
        "leshua": leshua::facts(platform_url),
    })
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
        "service=upload_authcode&merchant_id={}&third_order_id={}\
         &auth_code=134567890123456700&body=%E6%BC%94%E7%A4%BA%E5%95%86%E5%93%81&amount=158\
         &nonce_str=demo",
        leshua::MERCHANT_ID,
        number()
    );
    Ok(vec![
        curl_line(engine, fufu_url, JSON, fufu.to_string()).await?,
        curl_line(engine, chaoying_url, FORM, chaoying).await?,
        curl_line(engine, leshua::url(platform_url), FORM, leshua).await?,
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
