//! An engine over books in memory, with one merchant and one agent of the wire, and requests as
//! they sign them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use heliu_engine::{Engine, Parts, Settings};
use heliu_gateway::{Gateway, RateLimits};
use heliu_ports::BoxFuture;
use heliu_ports::clock::RuntimeClock;
use heliu_ports::exchange::{ExchangeAnswer, ExchangeRequest};
use heliu_ports::keys::{KeyOwner, Vault as _};
use heliu_ports::sms::{SmsError, SmsSender};
use heliu_ports::store::prelude::*;
use heliu_ports::store::{DirectoryChange, Enrolment, Newcomer};
use heliu_ports::transport::{CallError, CallLimits, Transport};
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_testkit::MemoryStore;
use heliu_trade::calendar::{Calendar, WithoutTable};
use heliu_trade::directory::{Agent, App, Merchant, MerchantState};
use heliu_trade::id::NumberMint;
use heliu_trade::parties::Party;
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::CodePrefixes;
use heliu_vault::{RootKey, SealingVault};
use http_body_util::BodyExt as _;
use md5::{Digest as _, Md5};
use tower::ServiceExt as _;

use super::wire::{Duo, ID};

/// When everything happens.
pub(crate) const NOON: Timestamp = Timestamp::from_ms(1_768_442_400_000);
pub(crate) const APP_KEY: &str = "the key of the merchant, 32 signs";
pub(crate) const AGENT_KEY: &str = "the key of the agent, also 32 sg";

struct Nobody;

impl SmsSender for Nobody {
    fn send(&self, _mobile: &str, _text: &str) -> BoxFuture<'_, Result<(), SmsError>> {
        Box::pin(async { Err(SmsError("nobody has a telephone".to_owned())) })
    }
}

impl Transport for Nobody {
    fn call(
        &self,
        _request: OutRequest,
        _limits: CallLimits,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        Box::pin(async { Err(CallError::NotSent("there is no network".to_owned())) })
    }

    fn check_address(&self, _url: &str) -> Result<(), String> {
        Ok(())
    }
}

pub(crate) struct House {
    router: Router,
    store: Arc<MemoryStore>,
    vault: Arc<SealingVault>,
}

impl House {
    /// To be made under a paused clock.
    pub(crate) async fn open() -> Self {
        let store = MemoryStore::new();
        let vault = Arc::new(SealingVault::new(RootKey::from_bytes([7; 32])));
        enrol(&store, &vault).await;
        let engine = Engine::new(Parts {
            store: Arc::clone(&store) as _,
            vault: Arc::clone(&vault) as _,
            transport: Arc::new(Nobody),
            sms: Arc::new(Nobody),
            clock: Arc::new(RuntimeClock::new(NOON, 1)),
            dialects: vec![Arc::new(Duo)],
            channels: Vec::new(),
            mint: NumberMint::new(1, 0),
            settings: Settings {
                public_url: "https://heliu.example".to_owned(),
                terminal_ip: "127.0.0.1".to_owned(),
                code_prefixes: CodePrefixes::default(),
                statements_folder: "no statements here".into(),
                calendar: Calendar::ours(WithoutTable::WeekendsOnly),
            },
        });
        let gateway = Gateway::new(engine, RateLimits::new(0, 0));
        Self {
            router: heliu_gateway::router(Arc::new(gateway)),
            store,
            vault,
        }
    }

    pub(crate) async fn ask(&self, asked: Asked<'_>) -> Answer {
        let request = http::Request::builder()
            .method(asked.method)
            .uri(format!("{}?{}", asked.path, asked.query))
            .body(Body::from(asked.body.to_owned()))
            .expect("a request");
        let answer = self.router.clone().oneshot(request).await;
        let (head, body) = answer.expect("infallible").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let header = |name: &str| {
            let value = head.headers.get(name)?.to_str().expect("a text");
            Some(value.to_owned())
        };
        Answer {
            status: head.status.as_u16(),
            allow: header("allow"),
            request_id: header("x-request-id"),
            text: String::from_utf8(body.to_vec()).expect("UTF-8"),
        }
    }

    /// What the exchange log has of an answer that was given.
    pub(crate) async fn kept(&self, answer: &Answer) -> (ExchangeRequest, ExchangeAnswer) {
        let id = answer.request_id.as_deref().expect("a request id");
        let number = self.vault.exchange_of(id).expect("ours");
        let found = self.store.find_exchange(number).await.expect("the books");
        let (request, answer) = found.expect("kept");
        (request, answer.expect("answered"))
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) allow: Option<String>,
    request_id: Option<String>,
    pub(crate) text: String,
}

/// A request to be sent.
#[derive(Clone)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: String,
    pub(crate) body: &'a str,
}

impl<'a> Asked<'a> {
    /// A request of the merchant.
    pub(crate) fn by_app(method: &'a str, path: &'a str, body: &'a str) -> Self {
        Self::signed(method, path, body, ("shop", APP_KEY), 0)
    }

    /// A request of the agent for its merchant, which it says was made so many ms before it comes.
    pub(crate) fn by_agent(method: &'a str, path: &'a str, body: &'a str, age_ms: i64) -> Self {
        Self::signed(method, path, body, ("house", AGENT_KEY), age_ms)
    }

    pub(crate) fn signed(
        method: &'a str,
        path: &'a str,
        body: &'a str,
        (signer, key): (&str, &str),
        age_ms: i64,
    ) -> Self {
        let at = NOON.as_ms() - age_ms;
        let query = format!("signer={signer}&app=shop&at={at}");
        let digest = Md5::digest(format!("{query}{body}{key}"));
        let sign: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            method,
            path,
            query: format!("{query}&sign={sign}"),
            body,
        }
    }
}

async fn enrol(store: &MemoryStore, vault: &SealingVault) {
    let sealed = |owner: &KeyOwner, role, key| vault.seal_key(owner, role, 1, key).expect("a key");
    let agent = Agent {
        agent_id: "house".into(),
        dialect_id: ID.into(),
        party_id: "house".into(),
        is_enabled: true,
        settings: BTreeMap::new(),
        mini_programs: BTreeMap::new(),
    };
    let owner = KeyOwner::Agent(ID.into(), "house".into());
    let keys = vec![sealed(&owner, "agent", AGENT_KEY)];
    let party = Party {
        party_id: "house".into(),
        parent_id: None,
        name: "house".to_owned(),
        is_enabled: true,
    };
    let new = Newcomer::Party { party, agent, keys };
    assert_eq!(store.admit(new).await, Ok(true));
    let enrolment = Enrolment {
        merchant: Merchant {
            merchant_id: "shop".into(),
            name: "shop".to_owned(),
            short_name: String::new(),
            state: MerchantState::Enabled,
        },
        apps: vec![App {
            app_id: "shop".into(),
            merchant_id: "shop".into(),
            dialect_id: ID.into(),
            agent_id: Some("house".into()),
            partners: Vec::new(),
            settings: BTreeMap::new(),
        }],
        contracts: Vec::new(),
    };
    let owner = KeyOwner::App(ID.into(), "shop".into());
    let keys = vec![
        sealed(&owner, "trade", APP_KEY),
        sealed(&owner, "notify", APP_KEY),
    ];
    let enrol = DirectoryChange::Enrol { enrolment, keys };
    store.change_directory(enrol).await.expect("the books");
}
