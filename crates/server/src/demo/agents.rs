//! The demonstration's agents and their merchants: those of the published vectors, and a second
//! agent with a merchant of its own, which the first may not touch (ruling 48).

use std::collections::BTreeMap;

use heliu_office::actor::Actor;
use heliu_office::agents::{NewAgent, NewWire};
use heliu_office::keys::dialect_of;
use heliu_office::merchants::{self, NewApp, NewMerchant};
use heliu_office::{Office, agents, channels};
use heliu_trade::command::RegisterMerchant;
use heliu_trade::directory::PartnerNumber;
use heliu_trade::id::{AgentId, AppId, DialectId};
use serde_json::{Value, json};

use super::portals::Portals;
use super::sowing::{DIRECT, contracts, text_map, tokens, wechat};
use crate::failure::Failure;

/// The dialect whose agents they are.
pub(super) const DIALECT: &str = "chaoying";
const KEY_ROLE: &str = "agent";

pub(super) const AGENT_ID: &str = "16600000000000001";
const AGENT_KEY: &str = "cy_demo_agent_key_0123456789abcd";
pub(super) const MCH_ID: &str = "f2026010100000000001";
const MOBILE: &str = "13800000000";
const PASSWORD: &str = "12345678";
const TRADE_CODE: &str = "f6742168cc";
const SUB_APP_ID: &str = "wxce38685bc0500001";

const SECOND_AGENT_ID: &str = "16600000000000002";
const SECOND_AGENT_KEY: &str = "cy_demo_agent_key_of_the_second1";
const SECOND_MCH_ID: &str = "f2026010200000000001";

pub(super) const MINI_PROGRAM: &str = "wx4da448cd29920001";
pub(super) const MINI_PROGRAM_SECRET: &str = "demo0mini0program0secret00000001";
const MINI_PROGRAM_ACCOUNT: &str = "mini-program-sandbox";

/// Sows them; agents that stand stay as they are.
pub(super) async fn sow(office: &Office, actor: &Actor, portals: &Portals) -> Result<(), Failure> {
    let mut account = wechat(portals);
    MINI_PROGRAM_ACCOUNT.clone_into(&mut account.channel_account_id);
    let secret = MINI_PROGRAM_SECRET.to_owned();
    account.keys.insert("app_secret".to_owned(), secret);
    channels::put(office, actor, account).await?;

    let wire = NewWire {
        agent_id: AGENT_ID.to_owned(),
        dialect: DIALECT.to_owned(),
        keys: text_map(&[(KEY_ROLE, AGENT_KEY)]),
        settings: BTreeMap::new(),
        mini_programs: text_map(&[(MINI_PROGRAM, MINI_PROGRAM_ACCOUNT)]),
    };
    sow_agent(office, actor, "合流演示代理商", None, wire).await?;
    let wire = NewWire {
        agent_id: SECOND_AGENT_ID.to_owned(),
        dialect: DIALECT.to_owned(),
        keys: text_map(&[(KEY_ROLE, SECOND_AGENT_KEY)]),
        settings: BTreeMap::new(),
        mini_programs: BTreeMap::new(),
    };
    sow_agent(office, actor, "另一演示代理商", None, wire).await?;

    let partner = |institution: &str, partner_id: &str, app_id: &str| PartnerNumber {
        institution: institution.to_owned(),
        partner_id: partner_id.to_owned(),
        app_id: app_id.to_owned(),
    };
    let merchant = NewMerchant {
        merchant_id: MCH_ID.to_owned(),
        name: "测试商户全称有限公司".to_owned(),
        short_name: Some("测试商户".to_owned()),
        app: NewApp {
            partners: vec![
                partner("CEB", "257000001", "wx2a8d87e234100001"),
                partner("WECHAT", "", ""),
            ],
            ..app(MCH_ID, AGENT_ID)
        },
        contracts: contracts(portals, &DIRECT, Some(SUB_APP_ID)),
        tokens: tokens(portals),
        ..NewMerchant::default()
    };
    sow_login(office, actor, merchant).await?;
    let merchant = NewMerchant {
        merchant_id: SECOND_MCH_ID.to_owned(),
        name: "另一代理商的商户".to_owned(),
        app: app(SECOND_MCH_ID, SECOND_AGENT_ID),
        contracts: contracts(portals, &DIRECT, None),
        tokens: tokens(portals),
        ..NewMerchant::default()
    };
    Ok(merchants::sow(office, actor, merchant).await?)
}

fn app(app_id: &str, agent_id: &str) -> NewApp {
    NewApp {
        dialect: DIALECT.to_owned(),
        app_id: app_id.to_owned(),
        agent_id: Some(agent_id.to_owned()),
        ..NewApp::default()
    }
}

/// Sows an agent under its number as its id, below `parent`; one that stands stays as it is.
pub(super) async fn sow_agent(
    office: &Office,
    actor: &Actor,
    name: &str,
    parent: Option<&str>,
    wire: NewWire,
) -> Result<(), Failure> {
    let dialect = DialectId::from(wire.dialect.as_str());
    let id = AgentId::from(wire.agent_id.as_str());
    let stands = async || office.engine().store().find_agent(&dialect, &id).await;
    if stands().await?.is_some() {
        return Ok(());
    }
    let agent = NewAgent {
        party_id: None,
        parent_id: parent.map(str::to_owned),
        name: name.to_owned(),
        wire,
    };
    let added = agents::add(office, actor, agent).await;
    // Another node may have been first.
    if added.is_err() && stands().await?.is_some() {
        return Ok(());
    }
    added?;
    Ok(())
}

/// The merchant of the vectors, with which somebody can sign in.
async fn sow_login(office: &Office, actor: &Actor, merchant: NewMerchant) -> Result<(), Failure> {
    let (name, short_name) = (merchant.name.clone(), merchant.short_name.clone());
    merchants::sow(office, actor, merchant).await?;
    let engine = office.engine();
    let dialect = dialect_of(engine, DIALECT)?;
    let profile = engine.find_app(dialect, &AppId::from(MCH_ID)).await?;
    let profile = profile.ok_or_else(|| Failure::new(format!("{MCH_ID} was not sown")))?;
    let login = RegisterMerchant {
        full_name: Some(name),
        short_name,
        mobile: Some(MOBILE.to_owned()),
        username: Some(MOBILE.to_owned()),
        password: Some(PASSWORD.to_owned()),
        members: Vec::new(),
    };
    let registered = engine.register_standing(&profile, login, TRADE_CODE).await;
    registered.map_err(|error| Failure::new(error.to_string()))
}

/// Numbers and keys for programs.
pub(super) fn facts(platform_url: &str) -> Value {
    json!({
        "base": platform_url,
        "agent_id": AGENT_ID,
        "mch_id": MCH_ID,
        "key": AGENT_KEY,
        "second_agent": {
            "agent_id": SECOND_AGENT_ID,
            "mch_id": SECOND_MCH_ID,
            "key": SECOND_AGENT_KEY,
        },
    })
}
