//! An engine over books in memory with two agents of a wire that has statement files, and a day's
//! trade of a merchant of one of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use heliu_engine::{Engine, Parts, Settings};
use heliu_gateway::{Gateway, RateLimits};
use heliu_ports::BoxFuture;
use heliu_ports::clock::RuntimeClock;
use heliu_ports::keys::{KeyOwner, Vault as _};
use heliu_ports::sms::{SmsError, SmsSender};
use heliu_ports::store::prelude::*;
use heliu_ports::store::{Commit, DirectoryChange, Enrolment, Newcomer};
use heliu_ports::transport::{CallError, CallLimits, Transport};
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_testkit::MemoryStore;
use heliu_trade::attempt::Route;
use heliu_trade::calendar::BusinessDate;
use heliu_trade::calendar::{Calendar, WithoutTable};
use heliu_trade::directory::{Agent, App, Merchant, MerchantState};
use heliu_trade::fee::{FeeTerms, Level, ShareTerms};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::funds::{FundsMode, FundsTerms};
use heliu_trade::id::{AttemptNo, NotificationNo, NumberMint, OrderNo, PlatformNo, RefundNo};
use heliu_trade::money::Currency;
use heliu_trade::order::{Attributes, OrderDetails};
use heliu_trade::parties::Party;
use heliu_trade::step::{Action, CreateOrder, RefundRepeat, RequestRefund, Step, Target};
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{Evidence, RefundEvidence, RefundResult, Verdict};
use heliu_trade::wallet::{CodePrefixes, Funding, Scene, WalletKind};
use heliu_vault::{RootKey, SealingVault};
use http_body_util::BodyExt as _;
use md5::{Digest as _, Md5};
use tower::ServiceExt as _;

const WIRE: &str = "leshua";
pub(crate) const AGENT_KEY: &str = "11223344556677889900aabbccddeeff";
pub(crate) const OTHER_KEY: &str = "ffeeddccbbaa00998877665544332211";
const MERCHANT: &str = "M1";
const APP: &str = "9605000011";
/// 2026-01-02 12:00:00 in Beijing: the day after the trade.
const NOW: Timestamp = Timestamp::from_ms(1_767_326_400_000);
/// 2026-01-01 12:01:02 in Beijing.
const TRADE: Timestamp = Timestamp::from_ms(1_767_240_062_000);
/// The second of a number of then, counted from 2020-01-01 UTC.
const TRADE_SECOND: u64 = 189_403_262;

/// Houses of this process: each has a folder of its own.
static HOUSES: AtomicU32 = AtomicU32::new(0);

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
    pub(crate) engine: Engine,
    pub(crate) store: Arc<MemoryStore>,
    /// Where files lie.
    pub(crate) folder: PathBuf,
    router: Router,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl House {
    pub(crate) async fn open() -> Self {
        let store = MemoryStore::new();
        let vault = Arc::new(SealingVault::new(RootKey::from_bytes([7; 32])));
        for (party, parent, key) in [("10", None, AGENT_KEY), ("20", None, OTHER_KEY)] {
            admit(&store, &vault, (party, parent), key).await;
        }
        admit(&store, &vault, ("11", Some("10")), AGENT_KEY).await;
        enrol(&store, &vault).await;
        let (process, house) = (std::process::id(), HOUSES.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(format!("heliu-statements-{process}-{house}"));
        let engine = Engine::new(Parts {
            store: Arc::clone(&store) as _,
            vault,
            transport: Arc::new(Nobody),
            sms: Arc::new(Nobody),
            clock: Arc::new(RuntimeClock::new(NOW, 1)),
            dialects: heliu_dialects::all(),
            channels: Vec::new(),
            mint: NumberMint::new(1, 0),
            settings: Settings {
                public_url: "https://heliu.example".to_owned(),
                terminal_ip: "127.0.0.1".to_owned(),
                code_prefixes: CodePrefixes::default(),
                statements_folder: folder.clone(),
                calendar: Calendar::ours(WithoutTable::WeekendsOnly),
            },
        });
        let gateway = Gateway::new(engine.clone(), RateLimits::new(0, 0));
        let router = heliu_gateway::router(Arc::new(gateway));
        Self {
            engine,
            store,
            folder,
            router,
        }
    }

    /// The day of the trade.
    pub(crate) fn day() -> BusinessDate {
        BusinessDate::of(TRADE)
    }

    pub(crate) async fn close_day(&self) {
        let closed = self.store.close_date(Self::day(), NOW).await;
        closed.expect("the books");
    }

    /// A payment of 500 fen at 38, of which 200 are given back at once.
    pub(crate) async fn trade(&self) {
        let order_no = number(4);
        let create = CreateOrder {
            order_no: OrderNo(order_no),
            app_id: APP.into(),
            merchant_order_no: "T20260101000004".to_owned(),
            scene: Scene::Barcode,
            wallet: None,
            amount_minor: 500,
            currency: Currency::CNY,
            rate: None,
            route: Some(Arc::new(route())),
            received_at: TRADE,
            life_ms: None,
            horizon_ms: Some(75_000),
            details: Arc::new(OrderDetails::default()),
        };
        let target = Target::NewOrder {
            app_id: APP.into(),
            merchant_order_no: "T20260101000004".to_owned(),
        };
        let create = Action::CreateOrder(Box::new(create));
        self.commit(target, TRADE, create).await;
        let paid = Action::RecordVerdict {
            attempt_no: AttemptNo(order_no),
            verdict: Verdict::Paid(evidence()),
            notification_no: NotificationNo(number(5)),
        };
        let order = Target::Order(OrderNo(order_no));
        self.commit(order, TRADE.plus_ms(1_000), paid).await;
        let request = RequestRefund {
            refund_no: RefundNo(number(6)),
            merchant_refund_no: "R20260101000001".to_owned(),
            amount_minor: 200,
            reason: String::new(),
            attributes: Attributes::new(),
            notify_url: None,
            repeat: RefundRepeat::Refuse,
            limit: None,
        };
        let refund = Target::NewRefund(OrderNo(order_no), APP.into(), "R20260101000001".to_owned());
        let request = Action::RequestRefund(Box::new(request));
        self.commit(refund, TRADE.plus_ms(2_000), request).await;
        let ended = Action::RecordRefund {
            retry_count: 0,
            result: RefundResult::Succeeded(RefundEvidence {
                channel_refund_no: "R1".to_owned(),
                cash_fen: None,
                refunded_at: TRADE.plus_ms(3_000),
            }),
            notification_no: NotificationNo(number(7)),
        };
        let refund = Target::Refund(OrderNo(order_no), RefundNo(number(6)));
        self.commit(refund, TRADE.plus_ms(3_000), ended).await;
    }

    async fn commit(&self, target: Target, now: Timestamp, action: Action) {
        let step = Step {
            merchant_id: MERCHANT.into(),
            target,
            now,
            action,
        };
        let commit = Commit {
            step,
            exchange: None,
            audit: None,
        };
        self.store.commit(commit).await.expect("accepted");
    }

    /// Sets a switch of agent 10.
    pub(crate) async fn set(&self, name: &str, word: &str) {
        let found = self.store.find_agent(&WIRE.into(), &"10".into()).await;
        let mut agent = found.expect("the books").expect("it is there").agent;
        agent.settings.insert(name.to_owned(), word.to_owned());
        let change = DirectoryChange::PutAgent {
            agent,
            keys: Vec::new(),
        };
        let changed = self.engine.change_directory_audited(change, None).await;
        changed.expect("the books");
    }

    /// Fetches a file, signed as ruling 72 says.
    pub(crate) async fn fetch(&self, agent: &str, key: &str, file: &str) -> String {
        let digest = Md5::digest(format!("agentId={agent}&file={file}&key={key}"));
        let sign: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.get(&format!("/statement/{file}?agentId={agent}&sign={sign}"))
            .await
    }

    pub(crate) async fn get(&self, address: &str) -> String {
        let request = http::Request::builder().uri(address).body(Body::empty());
        let answer = self
            .router
            .clone()
            .oneshot(request.expect("a request"))
            .await;
        let (head, body) = answer.expect("infallible").into_parts();
        assert_eq!(head.status, 200, "{address}");
        let body = body.collect().await.expect("a body").to_bytes();
        let length = head.headers.get("content-length");
        assert!(length.is_none_or(|length| *length == body.len().to_string()));
        String::from_utf8(body.to_vec()).expect("UTF-8")
    }
}

/// Who of the office publishes.
pub(crate) fn audit(id: &str) -> NewAudit {
    NewAudit {
        audit_id: id.to_owned(),
        at: NOW,
        actor: "system:test".to_owned(),
        system_user: "test".to_owned(),
        action: "statements.publish".to_owned(),
        subject: "statement".to_owned(),
        before: None,
        after: None,
    }
}

fn number(index: u64) -> PlatformNo {
    PlatformNo::from_u64((TRADE_SECOND << 23) + index)
}

fn evidence() -> Evidence {
    Evidence {
        payable_fen: 500,
        cash_fen: 500,
        merchant_discount_fen: 0,
        channel_discount_fen: 0,
        channel_order_no: "C1".to_owned(),
        payer_order_no: "P1".to_owned(),
        payer_id: Some("oTEST".to_owned()),
        funding: Funding::Balance,
        paid_at: TRADE,
        notes: None,
    }
}

fn route() -> Route {
    let fee = |rate_ppm| FeeTerms {
        rate_ppm,
        ..FeeTerms::default()
    };
    let level = |party: &str, rate_ppm| Level {
        party_id: party.into(),
        cost: fee(rate_ppm).into(),
    };
    Route {
        channel_id: "a_channel".into(),
        channel_account_id: "an_account".into(),
        wallet: WalletKind::Wechat,
        scene: Scene::Barcode,
        sub_merchant_id: String::new(),
        sub_app_id: None,
        provider_merchant_no: None,
        provider_app_id: None,
        payer_id: None,
        payer_login: None,
        api: "pay".to_owned(),
        fee: fee(3_800).into(),
        shares: ShareTerms::of(vec![level("11", 3_000), level("10", 1_000)]),
        funds: FundsTerms {
            mode: FundsMode::Held,
            cost: None,
        },
        query_gap_ms: 3_000,
        reverse_after_ms: 15_000,
        refund_gap_ms: 0,
        refund_count_max: 50,
        reverses_by_call: true,
    }
}

async fn admit(
    store: &MemoryStore,
    vault: &SealingVault,
    (party, parent): (&str, Option<&str>),
    key: &str,
) {
    let agent = Agent {
        agent_id: party.into(),
        dialect_id: WIRE.into(),
        party_id: party.into(),
        is_enabled: true,
        settings: BTreeMap::new(),
        mini_programs: BTreeMap::new(),
    };
    let owner = KeyOwner::Agent(WIRE.into(), party.into());
    let sealed = vault.seal_key(&owner, "agent", 1, key).expect("a key");
    let party = Party {
        party_id: party.into(),
        parent_id: parent.map(Into::into),
        name: party.to_owned(),
        is_enabled: true,
    };
    let keys = vec![sealed];
    let new = Newcomer::Party { party, agent, keys };
    assert_eq!(store.admit(new).await, Ok(true));
}

/// A merchant of agent 11, who stands below agent 10.
async fn enrol(store: &MemoryStore, vault: &SealingVault) {
    let enrolment = Enrolment {
        merchant: Merchant {
            merchant_id: MERCHANT.into(),
            name: "测试商户".to_owned(),
            short_name: String::new(),
            state: MerchantState::Enabled,
        },
        apps: vec![App {
            app_id: APP.into(),
            merchant_id: MERCHANT.into(),
            dialect_id: WIRE.into(),
            agent_id: Some("11".into()),
            partners: Vec::new(),
            settings: BTreeMap::new(),
        }],
        contracts: Vec::new(),
    };
    let owner = KeyOwner::App(WIRE.into(), APP.into());
    let sealed = |role| vault.seal_key(&owner, role, 1, AGENT_KEY).expect("a key");
    let keys = vec![sealed("trade"), sealed("notify")];
    let enrol = DirectoryChange::Enrol { enrolment, keys };
    store.change_directory(enrol).await.expect("the books");
}
