//! UnionPay's channel against the sandbox's UnionPay: they were written apart, and mean the same.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails loudly, and so do its helpers"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use heliu_outbound::{AddressPolicy, Outbound};
use heliu_ports::BoxFuture;
use heliu_ports::channel::{
    CallbackNews, Channel, ChannelOrder, ChannelRefund, LookupRefused, PrepayResult, Upstream,
};
use heliu_ports::clock::{Clock, RuntimeClock};
use heliu_ports::keys::{KeyError, KeyOwner, Keys, NamedCheck, Vault as _};
use heliu_ports::signature::{KeyRole, SignatureSpec};
use heliu_ports::transport::{CallError, CallLimits, Purpose, Transport as _};
use heliu_ports::wire::{OutRequest, WireRequest, WireResponse};
use heliu_sandbox::upstreams::unionpay::UnionpayAccount;
use heliu_sandbox::{Options, Sandbox};
use heliu_trade::attempt::{Attempt, AttemptState, Handoff, Route};
use heliu_trade::command::PayerLookup;
use heliu_trade::directory::{ChannelAccount, Contract, RoutingTerms};
use heliu_trade::fee::{ShareTerms, Tariff};
use heliu_trade::goods::SaleTerms;
use heliu_trade::id::AttemptNo;
use heliu_trade::time::Timestamp;
use heliu_trade::verdict::{CloseResult, DeclineKind, RefundResult, Verdict};
use heliu_trade::wallet::{Funding, Scene, WalletKind};
use heliu_vault::{RootKey, SealingVault};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// 2026-01-15 10:00:00 Beijing time.
const START_MS: i64 = 1_768_442_400_000;
const CHARGE_FEN: i64 = 8_888;

/// A sandbox, an account there, and what was posted to `/callback`.
struct World {
    channel: Arc<dyn Channel>,
    account: ChannelAccount,
    contract: Contract,
    keys: Arc<dyn Keys>,
    vault: SealingVault,
    outbound: Outbound,
    clock: Arc<RuntimeClock>,
    base: String,
    callbacks: tokio::sync::Mutex<mpsc::UnboundedReceiver<WireRequest>>,
    numbers: AtomicU64,
    http: reqwest::Client,
}

impl Upstream for World {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn nonce(&self, length: usize) -> String {
        self.vault.nonce(length)
    }

    fn sign(&self, spec: &SignatureSpec) -> Result<String, KeyError> {
        self.keys.sign(spec, None)
    }

    fn verify(&self, spec: &SignatureSpec, presented: &str) -> bool {
        self.keys.verify(spec, presented).is_some()
    }

    fn verify_by(&self, serial: &str, spec: &SignatureSpec, presented: &str) -> NamedCheck {
        self.keys.verify_by(serial, spec, presented, self.now())
    }

    fn verify_by_certificate(&self, _: &str, _: &str, _: &SignatureSpec, _: &str) -> bool {
        false
    }

    fn open_gcm(&self, _: KeyRole, _: &[u8], _: &[u8], _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn reveal(&self, role: KeyRole) -> Result<String, KeyError> {
        Err(KeyError::Missing(role.0))
    }

    fn reveal_of_contract(&self, role: KeyRole) -> Result<String, KeyError> {
        Err(KeyError::Missing(role.0))
    }

    fn send(
        &self,
        request: OutRequest,
        timeout_ms: i64,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        let limits = CallLimits {
            purpose: Purpose::Channel,
            connect_timeout_ms: 3_000,
            timeout_ms,
            answer_bytes_max: 1 << 20,
        };
        self.outbound.call(request, limits)
    }
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

impl World {
    async fn new() -> World {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let clock = Arc::new(RuntimeClock::new(Timestamp::from_ms(START_MS), 1));
        let told = Arc::clone(&clock);
        let sandbox = Sandbox::open(Options {
            database: ":memory:".into(),
            public_url: base.clone(),
            platform_url: base.clone(),
            now_ms: Arc::new(move || told.now().as_ms()),
            time_factor: 1,
            caller: None,
        })
        .unwrap();
        sandbox.start();
        let (heard, callbacks) = mpsc::unbounded_channel();
        let take = move |headers: axum::http::HeaderMap, body: bytes::Bytes| {
            let request = WireRequest {
                method: http::Method::POST,
                path: "/callback".to_owned(),
                query: String::new(),
                headers,
                body,
                peer: std::net::Ipv4Addr::LOCALHOST.into(),
            };
            let _ = heard.send(request);
            async { "success" }
        };
        let router = sandbox
            .router()
            .route("/callback", axum::routing::post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let given: UnionpayAccount = sandbox.portal_keys().account().unwrap();
        let account = ChannelAccount {
            channel_account_id: "main".into(),
            channel_id: "unionpay_partner".into(),
            settings: texts(&[
                ("base_url", &format!("{base}/unionpay")),
                ("qr_url", &format!("{base}/unionpay")),
                ("serProvId", &given.ser_prov_id),
                ("merId", &given.mer_id),
            ]),
        };
        let vault = SealingVault::new(RootKey::generate());
        let owner = KeyOwner::ChannelAccount("main".into());
        let sealed = [
            ("provider_private", given.provider_private_key_pem.as_str()),
            ("unionpay_public", given.unionpay_public_key_pem.as_str()),
        ]
        .map(|(role, pem)| vault.seal_key(&owner, role, 1, pem).unwrap());
        let keys = vault.open_keys(&owner, &sealed).unwrap();
        let policy = AddressPolicy {
            dangerous_allow_private: true,
            ..AddressPolicy::default()
        };
        World {
            channel: heliu_channels::find("unionpay_partner").unwrap(),
            contract: Contract {
                merchant_id: "m1".into(),
                wallet: WalletKind::Unionpay,
                channel_account_id: "main".into(),
                sub_merchant_id: given.mer_id,
                sub_app_id: None,
                fee: Tariff::default(),
                routing: RoutingTerms::default(),
            },
            account,
            keys,
            vault,
            outbound: Outbound::new(policy, Arc::<RuntimeClock>::clone(&clock)),
            clock,
            base,
            callbacks: tokio::sync::Mutex::new(callbacks),
            numbers: AtomicU64::new(1_000_000),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    fn attempt(&self, scene: Scene, payer_id: Option<&str>) -> Attempt {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        Attempt {
            attempt_no: format!("{number:016}").parse::<AttemptNo>().unwrap(),
            state: AttemptState::Sending,
            sent_at: self.clock.now(),
            asked_at: None,
            route: std::sync::Arc::new(Route {
                channel_id: "unionpay_partner".into(),
                channel_account_id: "main".into(),
                wallet: WalletKind::Unionpay,
                scene,
                sub_merchant_id: self.contract.sub_merchant_id.clone(),
                sub_app_id: None,
                provider_merchant_no: None,
                provider_app_id: None,
                payer_id: payer_id.map(str::to_owned),
                payer_login: None,
                api: if scene == Scene::Barcode {
                    "micropay".to_owned()
                } else {
                    "unifiedorder".to_owned()
                },
                fee: Tariff::default(),
                shares: ShareTerms::default(),
                funds: heliu_trade::funds::FundsTerms::default(),
                query_gap_ms: 5_000,
                reverse_after_ms: 15_000,
                refund_gap_ms: 0,
                refund_count_max: 50,
                reverses_by_call: false,
            }),
            handoff: None,
            evidence: None,
        }
    }

    async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/control/{path}", self.base);
        let sent = self.http.post(url).body(body.to_string()).send().await;
        let response = sent.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path} {body}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The next callback, as the channel reads it for this order.
    async fn news(&self, order: &ChannelOrder<'_>) -> CallbackNews {
        let request = self.callbacks.lock().await.recv().await.unwrap();
        self.channel.callback(self, order, &request).unwrap()
    }

    async fn pay(&self, order: &ChannelOrder<'_>, digits: &str) -> Verdict {
        let code = format!("62204850736304699{digits}");
        self.channel.pay(self, order, &code).await
    }

    async fn query(&self, order: &ChannelOrder<'_>) -> Verdict {
        self.channel.query(self, order).await
    }
}

/// An order of an attempt.
macro_rules! order {
    ($world:expr, $attempt:expr) => {
        ChannelOrder {
            account: &$world.account,
            attempt: &$attempt,
            charge_fen: CHARGE_FEN,
            subject: "咖啡 & cake",
            terms: &SaleTerms::default(),
            expires_at: Some($world.clock.now().plus_ms(300_000)),
            callback_url: &format!("{}/callback", $world.base),
            terminal_ip: "203.0.113.7",
        }
    };
}

#[tokio::test]
async fn payment_codes_end_as_their_digits_say() {
    let world = World::new().await;
    for (digits, reason, kind) in [
        ("93", "64", DeclineKind::Refused),
        ("94", "61", DeclineKind::CodeInvalid),
    ] {
        let attempt = world.attempt(Scene::Barcode, None);
        let order = order!(world, attempt);
        match world.pay(&order, digits).await {
            Verdict::Declined(decline) => {
                assert_eq!((decline.reason.as_str(), decline.kind), (reason, kind));
            }
            other => panic!("{digits}: {other:?}"),
        }
        let asked = world.query(&order).await;
        assert!(matches!(asked, Verdict::Declined(_)), "{digits}: {asked:?}");
    }
    for (digits, discount_fen) in [("00", 0), ("98", 888)] {
        let attempt = world.attempt(Scene::Barcode, None);
        let order = order!(world, attempt);
        let paid = world.pay(&order, digits).await;
        let Verdict::Paid(evidence) = &paid else {
            panic!("{digits}: {paid:?}")
        };
        assert_eq!(evidence.merchant_discount_fen, discount_fen);
        assert_eq!(evidence.cash_fen, CHARGE_FEN - discount_fen);
        assert_ne!(evidence.funding, Funding::Unknown);
        assert!(evidence.payer_id.is_some());
        assert_eq!(world.query(&order).await, paid);
    }
    // Paid, but not told so: the answer is 99, or its signature is wrong.
    for digits in ["95", "99"] {
        let attempt = world.attempt(Scene::Barcode, None);
        let order = order!(world, attempt);
        let verdict = world.pay(&order, digits).await;
        assert!(
            matches!(verdict, Verdict::Unknown(_)),
            "{digits}: {verdict:?}"
        );
        let asked = world.query(&order).await;
        assert!(matches!(asked, Verdict::Paid(_)), "{digits}: {asked:?}");
        assert_eq!(world.channel.close(&world, &order).await, CloseResult::Paid);
    }
}

#[tokio::test]
async fn a_payment_by_code_is_notified_also_when_it_comes_after_its_close() {
    let world = World::new().await;
    let attempt = world.attempt(Scene::Barcode, None);
    let order = order!(world, attempt);
    let verdict = world.pay(&order, "00").await;
    assert!(matches!(verdict, Verdict::Paid(_)), "{verdict:?}");
    let told = CallbackNews::Payment(world.query(&order).await);
    assert_eq!(world.news(&order).await, told);

    let fault = json!({
        "channel": "unionpay", "verb": "close", "fault": "late_success", "count": 1, "ms": 1,
    });
    world.control("faults", fault).await;
    let attempt = world.attempt(Scene::Barcode, None);
    let order = order!(world, attempt);
    assert_eq!(world.pay(&order, "91").await, Verdict::Pending);
    let closed = world.channel.close(&world, &order).await;
    assert_eq!(closed, CloseResult::Closed);
    let told = world.news(&order).await;
    assert_eq!(told, CallbackNews::Payment(world.query(&order).await));
    assert!(matches!(told, CallbackNews::Payment(Verdict::Paid(_))));
}

#[tokio::test]
async fn a_payer_who_is_asked_may_pay_or_be_closed_out() {
    let world = World::new().await;
    let attempt = world.attempt(Scene::Barcode, None);
    let order = order!(world, attempt);
    assert_eq!(world.pay(&order, "91").await, Verdict::Pending);
    assert_eq!(world.query(&order).await, Verdict::Pending);
    let number = attempt.attempt_no.to_string();
    world.control("pay", json!({"code": number})).await;
    let asked = world.query(&order).await;
    assert!(matches!(asked, Verdict::Paid(_)), "{asked:?}");

    let attempt = world.attempt(Scene::Barcode, None);
    let order = order!(world, attempt);
    assert_eq!(world.pay(&order, "91").await, Verdict::Pending);
    for _ in 0..2 {
        let closed = world.channel.close(&world, &order).await;
        assert_eq!(closed, CloseResult::Closed);
    }
    let asked = world.query(&order).await;
    assert!(matches!(asked, Verdict::Declined(_)), "{asked:?}");
    // Never seen there.
    let attempt = world.attempt(Scene::Barcode, None);
    let order = order!(world, attempt);
    let asked = world.query(&order).await;
    assert!(matches!(asked, Verdict::Unknown(_)), "{asked:?}");
    let closed = world.channel.close(&world, &order).await;
    assert_eq!(closed, CloseResult::Closed);
}

#[tokio::test]
async fn a_code_is_scanned_and_the_news_comes() {
    let world = World::new().await;
    let attempt = world.attempt(Scene::Native, None);
    let order = order!(world, attempt);
    let made = world.channel.prepay(&world, &order).await;
    let PrepayResult::Handed(Handoff::CodeUrl(code)) = &made else {
        panic!("{made:?}")
    };
    assert_eq!(world.channel.prepay(&world, &order).await, made);
    assert_eq!(world.query(&order).await, Verdict::Waiting);
    world.control("pay", json!({"code": code})).await;
    let news = world.news(&order).await;
    assert_eq!(news, CallbackNews::Payment(world.query(&order).await));

    let attempt = world.attempt(Scene::Native, None);
    let order = order!(world, attempt);
    world.channel.prepay(&world, &order).await;
    let closed = world.channel.close(&world, &order).await;
    assert_eq!(closed, CloseResult::Closed);
    let asked = world.query(&order).await;
    assert!(matches!(asked, Verdict::Declined(_)), "{asked:?}");
}

#[tokio::test]
async fn a_payer_is_known_and_sent_to_an_address() {
    let world = World::new().await;
    let back = format!("{}/cashier/return/v1", world.base);
    let login = world
        .channel
        .logins()
        .unwrap()
        .authorize_url(&world.account, &back, "st4te");
    let once = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    let request = once.build().unwrap().get(login.unwrap());
    let answer = request
        .header("User-Agent", "Mozilla/5.0 UnionPay/1.0 CloudPay")
        .send()
        .await
        .unwrap();
    let location = answer.headers()["location"].to_str().unwrap();
    let url = reqwest::Url::parse(location).unwrap();
    assert!(location.starts_with(&back), "{location}");
    let parameter = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    assert_eq!(parameter("state").as_deref(), Some("st4te"));
    let code = parameter(world.channel.logins().unwrap().authorize_parameter()).unwrap();
    let found = world
        .channel
        .logins()
        .unwrap()
        .payer_id(&world, &world.account, &code)
        .await;
    let payer_id = found.unwrap();
    assert!(
        world
            .channel
            .logins()
            .unwrap()
            .payer_id(&world, &world.account, &code)
            .await
            .is_err(),
        "a code is good once"
    );

    let attempt = world.attempt(Scene::Jsapi, Some(&payer_id));
    let order = order!(world, attempt);
    let made = world.channel.prepay(&world, &order).await;
    let PrepayResult::Handed(Handoff::Redirect(address)) = made else {
        panic!("{made:?}")
    };
    world.control("pay", json!({"code": address})).await;
    match world.news(&order).await {
        CallbackNews::Payment(Verdict::Paid(evidence)) => {
            assert_eq!(evidence.payer_id, Some(payer_id));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_merchants_own_page_learns_who_pays() {
    let world = World::new().await;
    let given = world.control("login", json!({"wallet": "unionpay"})).await;
    let lookup = |code: &str| PayerLookup {
        wallet: WalletKind::Unionpay,
        code: code.to_owned(),
        app_id: None,
        user_agent: Some("UnionPay/1.0 CloudPay".to_owned()),
    };
    let ask = async |code: &str| {
        world
            .channel
            .payer_codes()
            .unwrap()
            .payer_of_code(&world, &world.account, &world.contract, &lookup(code))
            .await
    };
    let code = given["code"].as_str().unwrap();
    assert!(!ask(code).await.unwrap().payer_id.is_empty());
    for (code, word) in [(code, "39"), ("nobody/issued+it=", "34")] {
        let refused = LookupRefused::Refused(word.to_owned());
        assert_eq!(ask(code).await, Err(refused));
    }
    // A document's code, which nobody issued.
    assert!(ask("AUTHCODE0001").await.is_ok());
}

#[tokio::test]
async fn refunds_are_given_once_for_each_number() {
    let world = World::new().await;
    let attempt = world.attempt(Scene::Barcode, None);
    let order = order!(world, attempt);
    let paid = world.pay(&order, "00").await;
    assert!(matches!(paid, Verdict::Paid(_)), "{paid:?}");
    let refund = |refund_no, refund_fen| ChannelRefund {
        refund_no,
        refund_fen,
        reason: "退货",
    };
    let part = refund("0001234567899999", 3_000);
    let absent = world.channel.query_refund(&world, &order, &part).await;
    assert!(matches!(absent, RefundResult::Unknown(_)), "{absent:?}");
    for _ in 0..2 {
        let given = world.channel.refund(&world, &order, &part).await;
        assert!(matches!(given, RefundResult::Succeeded(_)), "{given:?}");
    }
    let other = refund("0001234567899999", 3_001);
    let conflict = world.channel.refund(&world, &order, &other).await;
    assert!(matches!(conflict, RefundResult::Unknown(_)), "{conflict:?}");
    let too_much = refund("0001234567899998", 5_889);
    let refused = world.channel.refund(&world, &order, &too_much).await;
    assert!(matches!(refused, RefundResult::Failed(_)), "{refused:?}");
    let rest = refund("0001234567899998R", 5_888);
    let given = world.channel.refund(&world, &order, &rest).await;
    assert!(matches!(given, RefundResult::Succeeded(_)), "{given:?}");
    assert_eq!(world.query(&order).await, paid);

    let fault =
        json!({"channel": "unionpay", "verb": "refund", "fault": "refund_pending", "count": 1});
    world.control("faults", fault).await;
    let attempt = world.attempt(Scene::Barcode, None);
    let order = order!(world, attempt);
    world.pay(&order, "00").await;
    let slow = refund("0001234567899997", CHARGE_FEN);
    let given = world.channel.refund(&world, &order, &slow).await;
    assert_eq!(given, RefundResult::Pending);
}
