//! Connections: whither, over TLS or not, set up for what they do, and ended when the server says
//! that it stopped waiting for its standbys.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Connect, Manager, ManagerConfig, Pool, PoolConfig, RecyclingMethod, Timeouts,
};
use futures::future::BoxFuture;
use heliu_ports::store::StoreError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::task::JoinHandle;
use tokio_postgres::config::{LoadBalanceHosts, SslMode, TargetSessionAttrs};
use tokio_postgres::{AsyncMessage, CancelToken, Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::PostgresAddress;
use super::fault::Fault;

/// Reaching one host.
const HOST_TIMEOUT: Duration = Duration::from_secs(2);
/// Making a connection to one host, in s; each further host adds [`HOST_TIMEOUT`].
const CONNECT_TIMEOUT_S: u64 = 5;
/// How long sent bytes may stay unconfirmed before a connection counts as dead.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection is silent before the other side is asked whether it lives.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
/// How long it has for an answer, before it is asked again.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
/// How long a caller of a pool waits for a connection.
const POOL_WAIT: Duration = Duration::from_secs(5);

/// All sessions: statements are keyed, so that plans made while a table was empty must not read it
/// whole, and no plan deserves to be compiled. What was answered is on disk, and transactions see
/// what others have committed once they hold its lock, whatever the server's defaults are. The
/// warning that a commit has not reached the standbys must come through.
const ALL: &str = "-c jit=off -c enable_seqscan=off -c synchronous_commit=on \
    -c default_transaction_isolation=read\\ committed -c client_min_messages=warning";
/// Sessions that read: none may hold the others up.
const READING: &str = "-c statement_timeout=15000";
/// Sessions that commit: every statement joins a few keys to a large table, and is planned once.
/// Locks are waited for briefly, since a batch holds others; a session whose program is gone gives
/// its locks back.
const COMMITTING: &str = "-c enable_hashjoin=off -c enable_mergejoin=off -c enable_bitmapscan=off \
    -c plan_cache_mode=force_generic_plan -c lock_timeout=2000 \
    -c idle_in_transaction_session_timeout=15000";

/// The function of PostgreSQL in which a commit waits for the synchronous standbys. It warns when
/// it was told to stop waiting, and then answers as if all were well. Words are translated, this
/// name is not.
const STANDBY_WAIT: &str = "SyncRepWaitForLSN";

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Short reads and single changes.
    Reading,
    /// Batches.
    Committing,
    /// What may take its time: migrations, leases, news.
    Keeping,
}

/// Where the database is.
#[derive(Clone)]
pub(crate) struct Address {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Address {
    /// From `postgres://user:password@host:port/database?sslmode=require`, several hosts separated
    /// by commas, or from `host=... dbname=...`. Of several hosts it is the one that takes writes,
    /// whichever that is at the time; one that only reads is behind, and no use even for reading.
    ///
    /// `sslmode=require` checks certificate and name, against the given authorities or the
    /// machine's: encryption to whoever answers would protect nobody. So `verify-full`, which
    /// others call that, is the same here.
    pub(crate) fn parse(address: &PostgresAddress) -> Result<Self, StoreError> {
        let PostgresAddress { url, ca_file } = address;
        if url.contains("sslmode=verify-ca") {
            let why = "sslmode=verify-ca is not there: sslmode=require checks the name too";
            return Err(StoreError::refused(why));
        }
        let url = url.replacen("sslmode=verify-full", "sslmode=require", 1);
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            // The text may hold a password, so it is not repeated.
            StoreError::refused(format!("the database's address cannot be read: {error}"))
        })?;
        config
            .connect_timeout(HOST_TIMEOUT)
            .tcp_user_timeout(TCP_USER_TIMEOUT)
            .keepalives_idle(KEEPALIVE_IDLE)
            .keepalives_interval(KEEPALIVE_INTERVAL)
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            // One that takes connections and then says nothing must not stand before the others for
            // ever.
            .load_balance_hosts(LoadBalanceHosts::Random);
        if config.get_application_name().is_none() {
            config.application_name("heliu");
        }
        let tls = match config.get_ssl_mode() {
            SslMode::Require => Some(match ca_file {
                Some(file) => trusting(file)?,
                None => verifying_tls()?,
            }),
            // Who names an authority means to be sure of the other side.
            _ if ca_file.is_some() => {
                let why = "database_ca_file is set, and the address does not ask for TLS: add sslmode=require";
                return Err(StoreError::refused(why));
            }
            _ => None,
        };
        Ok(Self { config, tls })
    }

    /// For messages: hosts and database, no password.
    pub(crate) fn name(&self) -> String {
        let database = self.config.get_dbname().unwrap_or("(default)");
        let hosts = self.config.get_hosts().len();
        format!("database {database} on {hosts} host(s)")
    }

    fn configured(&self, purpose: Purpose) -> Config {
        let own = self.config.get_options().unwrap_or_default();
        let added = match purpose {
            Purpose::Reading => READING,
            Purpose::Committing => COMMITTING,
            Purpose::Keeping => "",
        };
        let mut config = self.config.clone();
        config.options(format!("{ALL} {added} {own}"));
        config
    }

    /// A connection of its own. `hear` gets what the server says unasked.
    pub(crate) async fn connect(
        &self,
        purpose: Purpose,
        hear: impl FnMut(AsyncMessage) + Send + 'static,
    ) -> Result<Client, Fault> {
        let config = self.configured(purpose);
        let further_hosts = config.get_hosts().len().saturating_sub(1);
        let further_hosts = u32::try_from(further_hosts).unwrap_or(u32::MAX);
        let limit =
            Duration::from_secs(CONNECT_TIMEOUT_S) + HOST_TIMEOUT.saturating_mul(further_hosts);
        let opened = open(&config, self.tls.clone(), hear);
        let opened = tokio::time::timeout(limit, opened)
            .await
            .map_err(|_| Fault::Late(limit.as_secs()))?;
        Ok(opened?.0)
    }

    /// Up to `size` connections for short statements, made when they are needed.
    pub(crate) fn pool(&self, size: usize) -> Result<Pool, StoreError> {
        let config = self.configured(Purpose::Reading);
        let kept = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let sizes = PoolConfig {
            max_size: size,
            timeouts: Timeouts {
                wait: Some(POOL_WAIT),
                create: Some(POOL_WAIT),
                recycle: Some(POOL_WAIT),
            },
            ..PoolConfig::default()
        };
        Pool::builder(Manager::from_connect(config, self.clone(), kept))
            .config(sizes)
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .build()
            .map_err(StoreError::refused)
    }
}

/// Tells the server to end what hangs there once nobody waits for it any more: hanging up alone
/// does not end a commit that waits for a standby, and whoever tries again and again would fill the
/// server with them. Only for what may happen or not.
pub(crate) struct Hanging {
    address: Address,
    token: CancelToken,
    is_over: bool,
}

impl Hanging {
    /// Whatever is asked next over this connection.
    pub(crate) fn begin(address: &Address, client: &Client) -> Self {
        Self {
            address: address.clone(),
            token: client.cancel_token(),
            is_over: false,
        }
    }

    /// It came to an end by itself.
    pub(crate) fn end(mut self) {
        self.is_over = true;
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let (tls, token) = (self.address.tls.clone(), self.token.clone());
        tokio::spawn(async move {
            let cancelled = async {
                match tls {
                    Some(tls) => token.cancel_query(tls).await,
                    None => token.cancel_query(NoTls).await,
                }
            };
            let _away_or_done = tokio::time::timeout(HOST_TIMEOUT, cancelled).await;
        });
    }
}

impl Connect for Address {
    fn connect(
        &self,
        config: &Config,
    ) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), tokio_postgres::Error>> {
        let config = config.clone();
        Box::pin(async move { open(&config, self.tls.clone(), |_| ()).await })
    }
}

/// Every connection of the store begins here.
async fn open(
    config: &Config,
    tls: Option<MakeRustlsConnect>,
    hear: impl FnMut(AsyncMessage) + Send + 'static,
) -> Result<(Client, JoinHandle<()>), tokio_postgres::Error> {
    Ok(match tls {
        Some(tls) => {
            let (client, connection) = config.connect(tls).await?;
            (client, tokio::spawn(attend(connection, hear)))
        }
        None => {
            let (client, connection) = config.connect(NoTls).await?;
            (client, tokio::spawn(attend(connection, hear)))
        }
    })
}

/// Certificates are checked against the authorities in a file, and no others.
fn trusting(file: &Path) -> Result<MakeRustlsConnect, StoreError> {
    let unusable = |why: String| {
        let name = file.display();
        StoreError::refused(format!(
            "{name} cannot be used: {why}; database_ca_file names a file of certificates in PEM form"
        ))
    };
    let found = CertificateDer::pem_file_iter(file).map_err(|error| unusable(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in found {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        let added = roots.add(certificate);
        added.map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("no certificate is in it".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?;
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Certificates are checked against the machine's own roots.
fn verifying_tls() -> Result<MakeRustlsConnect, StoreError> {
    match MakeRustlsConnect::with_native_certs() {
        Ok((tls, _unreadable)) => Ok(tls),
        Err(errors) => Err(StoreError::refused(format!(
            "sslmode=require needs root certificates, and this machine has none ({errors:?}): install \
             ca-certificates"
        ))),
    }
}

/// Drives a connection until it ends, however it ends: its client hears of that at the next
/// statement.
///
/// It ends here when the server warns that it stopped waiting for its standbys: what it committed
/// may be gone after a fail-over. The warning comes before the answer, so that to the client the
/// answer is lost. What is done about that is right here too if it writes before it answers: a look
/// for the row would find it, and the leader alone may have it.
async fn attend<S, T>(
    mut connection: tokio_postgres::Connection<S, T>,
    mut hear: impl FnMut(AsyncMessage),
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(Ok(message)) =
        std::future::poll_fn(|context| connection.poll_message(context)).await
    {
        if is_unreplicated(&message) {
            tracing::warn!("a commit was not waited for until a standby had it: its fate is open");
            return;
        }
        hear(message);
    }
}

fn is_unreplicated(message: &AsyncMessage) -> bool {
    matches!(message, AsyncMessage::Notice(notice) if notice.routine() == Some(STANDBY_WAIT))
}
