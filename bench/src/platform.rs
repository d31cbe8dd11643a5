//! The measured process: the real server, pipeline, dialect, engine, vault and books, with a
//! channel that answers at once inside the process.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use heliu_engine::{Engine, Parts, Settings};
use heliu_gateway::{Gateway, RateLimits, ServeLimits, TrustedProxies, serve as serve_http};
use heliu_ports::BoxFuture;
use heliu_ports::channel::Channel;
use heliu_ports::clock::SystemClock;
use heliu_ports::keys::{KeyOwner, Vault};
use heliu_ports::sms::{SmsError, SmsSender};
use heliu_ports::store::{DirectoryChange, Enrolment, Orders as _, Store, StoreError};
use heliu_ports::transport::{CallError, CallLimits, Transport};
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_store::{PostgresOptions, PostgresStore, SqliteOptions, SqliteStore};
use heliu_trade::calendar::{Calendar, WithoutTable};
use heliu_trade::directory::{
    App, ChannelAccount, Contract, Merchant, MerchantState, RoutingTerms,
};
use heliu_trade::fee::{FeeTerms, Tariff};
use heliu_trade::id::NumberMint;
use heliu_trade::wallet::{CodePrefixes, WalletKind};
use heliu_vault::{RootKey, SealingVault};
use tokio::net::TcpListener;

use crate::memory_channel::{self, MemoryWechat};
use crate::stub_channel::StubChannel;

/// The merchant that pays.
pub(crate) const APP_ID: &str = "880010000000001";
/// Its key.
pub(crate) const APP_KEY: &str = "fufu_demo_key_0123456789abcdef01";

/// As the server has them.
fn limits() -> ServeLimits {
    ServeLimits {
        connections_max: 10_000,
        connections_per_address: 1_000,
        trusted_proxies: TrustedProxies::default(),
        header_timeout: Duration::from_secs(15),
        stall_timeout: Duration::from_secs(10),
        drain_timeout: Duration::from_secs(1),
    }
}

/// Serves a case until it is killed; prints its address first.
pub(crate) async fn serve(
    case: &str,
    data: &Path,
    database: Option<&str>,
) -> Result<(), Box<dyn std::error::Error>> {
    let router = match case {
        "echo" => Router::new().route("/gateway/pay/order", post(|body: Bytes| async { body })),
        "fufu-barcode" => {
            let books = books(data, database).await?;
            platform(books, Arc::new(StubChannel), Arc::new(NoTransport)).await?
        }
        _ => {
            let wechat = heliu_channels::find("wechat_partner").ok_or("no such channel")?;
            let books = books(data, database).await?;
            platform(books, wechat, Arc::new(MemoryWechat)).await?
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    serve_http(listener, router, limits(), std::future::pending()).await;
    Ok(())
}

/// The books, and the number and high water of this node.
type Books = (Arc<dyn Store>, u8, u64);

pub(crate) async fn books(data: &Path, database: Option<&str>) -> Result<Books, StoreError> {
    let Some(url) = database else {
        let path = data.join("heliu.db");
        return Ok((SqliteStore::open(SqliteOptions { path, node: 0 })?, 0, 0));
    };
    let store = PostgresStore::open(PostgresOptions {
        address: url.to_owned().into(),
        instance: "bench".to_owned(),
    })
    .await?;
    let (node, high_water_s) = (store.node(), store.high_water_second().await?);
    Ok((store, node, high_water_s))
}

async fn platform(
    (store, node, high_water_s): Books,
    channel: Arc<dyn Channel>,
    transport: Arc<dyn Transport>,
) -> Result<Router, Box<dyn std::error::Error>> {
    let vault: Arc<dyn Vault> = Arc::new(SealingVault::new(RootKey::generate()));
    enrol(&*store, &*vault, channel.descriptor().id).await?;
    let engine = Engine::new(Parts {
        store,
        vault,
        transport,
        sms: Arc::new(NoSms),
        clock: Arc::new(SystemClock),
        dialects: heliu_dialects::all(),
        channels: vec![channel],
        mint: NumberMint::new(node, high_water_s),
        settings: Settings {
            public_url: "http://127.0.0.1".to_owned(),
            terminal_ip: "127.0.0.1".to_owned(),
            code_prefixes: CodePrefixes::default(),
            statements_folder: "no statements here".into(),
            calendar: Calendar::ours(WithoutTable::WeekendsOnly),
        },
    });
    let jobs = engine.clone();
    tokio::spawn(async move { jobs.run_jobs(std::future::pending()).await });
    Ok(heliu_gateway::router(Arc::new(Gateway::new(
        engine,
        RateLimits::new(0, 0),
    ))))
}

async fn enrol(
    store: &dyn Store,
    vault: &dyn Vault,
    channel: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let account_owner = KeyOwner::ChannelAccount("bench".into());
    let mut keys = Vec::new();
    for (role, key) in memory_channel::keys() {
        keys.push(vault.seal_key(&account_owner, role, 1, key)?);
    }
    let account = ChannelAccount {
        channel_account_id: "bench".into(),
        channel_id: channel.into(),
        settings: memory_channel::settings(),
    };
    store
        .change_directory(DirectoryChange::PutChannelAccount { account, keys })
        .await?;
    let dialect = heliu_dialects::find("fufu")
        .ok_or("no such dialect")?
        .descriptor();
    let owner = KeyOwner::App(dialect.id.into(), APP_ID.into());
    let enrolment = Enrolment {
        merchant: Merchant {
            merchant_id: "bench".into(),
            name: "bench".to_owned(),
            short_name: String::new(),
            state: MerchantState::Enabled,
        },
        apps: vec![App {
            app_id: APP_ID.into(),
            merchant_id: "bench".into(),
            dialect_id: dialect.id.into(),
            agent_id: None,
            partners: Vec::new(),
            settings: std::collections::BTreeMap::new(),
        }],
        contracts: vec![Contract {
            merchant_id: "bench".into(),
            wallet: WalletKind::Wechat,
            channel_account_id: "bench".into(),
            sub_merchant_id: "1900000109".to_owned(),
            sub_app_id: None,
            fee: Tariff::from(FeeTerms {
                rate_ppm: 3_800,
                ..FeeTerms::default()
            }),
            routing: RoutingTerms::default(),
        }],
    };
    let keys = vec![vault.seal_key(&owner, "trade", 1, APP_KEY)?];
    store
        .change_directory(DirectoryChange::Enrol { enrolment, keys })
        .await?;
    Ok(())
}

/// Nobody is sent a text message.
pub(crate) struct NoSms;

impl SmsSender for NoSms {
    fn send(&self, _mobile: &str, _text: &str) -> BoxFuture<'_, Result<(), SmsError>> {
        Box::pin(async { Err(SmsError("the bench has no telephone".to_owned())) })
    }
}

/// The stub calls nobody.
pub(crate) struct NoTransport;

impl Transport for NoTransport {
    fn call(
        &self,
        _request: OutRequest,
        _limits: CallLimits,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        Box::pin(async { Err(CallError::NotSent("the bench has no network".to_owned())) })
    }

    fn check_address(&self, _url: &str) -> Result<(), String> {
        Ok(())
    }
}
