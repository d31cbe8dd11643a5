//! TLS to the database: what `sslmode` promises is kept against a server with a certificate of a
//! private authority, and against one without TLS.

mod payments;
mod server;

use std::net::TcpListener;
use std::path::PathBuf;

use heliu_ports::store::prelude::*;
use payments::create;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use server::{Server, connect, open_trusting};

/// The name that the server's certificate is for.
const HOST: &str = "localhost";

/// How often a start is tried: a port that was free may be another program's by then.
const STARTS_MAX: usize = 5;

fn free_port() -> u16 {
    let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    free.local_addr().expect("known").port()
}

/// A server that listens on this machine, and the file of the authority that certified it.
struct Secured {
    server: Server,
    port: u16,
    authority: PathBuf,
}

impl Secured {
    fn start() -> Self {
        let mut server = Server::start();
        let folder = server.server.folder_for("tls").expect("a folder");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![HOST.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &issuer).expect("certified");
        let write = |name: &str, text: String| {
            let path = folder.join(name);
            std::fs::write(&path, text).expect("written");
            server.server.give(&path).expect("given");
            path
        };
        let authority = write("authority.pem", issuer.pem());
        let certificate = write("server.pem", certificate.pem());
        let key = write("server.key", key.serialize_pem());
        server
            .server
            .set(format!("ssl_cert_file={}", certificate.display()));
        server.server.set(format!("ssl_key_file={}", key.display()));
        Self {
            server,
            port: 0,
            authority,
        }
    }

    fn set_tls(&mut self, value: &str) {
        self.server.server.set(format!("ssl={value}"));
        let mut refusals = Vec::new();
        while refusals.len() < STARTS_MAX {
            self.port = free_port();
            self.server.server.listen(self.port);
            match self.server.server.restart() {
                Ok(()) => return,
                Err(refusal) => refusals.push(refusal),
            }
        }
        unreachable!("it does not start: {refusals:?}");
    }

    fn url(&self, host: &str, mode: &str) -> String {
        let port = self.port;
        format!("postgres://postgres@{host}:{port}/postgres{mode}")
    }

    /// Whether the connections of the books are encrypted: all are, or none.
    async fn is_encrypted(&self) -> bool {
        let operator = connect(&self.server.server.url("postgres")).await;
        let sql =
            "SELECT bool_and(s.ssl), bool_or(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a
            USING (pid) WHERE a.application_name = 'heliu'";
        let row = operator.query_one(sql, &[]).await.expect("read");
        let (all, any): (bool, bool) = (row.get(0), row.get(1));
        assert_eq!(all, any, "some are and some are not");
        all
    }
}

async fn refusal(url: &str, authority: Option<PathBuf>) -> String {
    match open_trusting(url, "a", authority).await {
        Ok(_) => unreachable!("{url} must be refused"),
        Err(error) => error.text().to_lowercase(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn require_checks_certificate_and_name_and_all_connections_are_encrypted() {
    let mut secured = Secured::start();
    secured.set_tls("on");
    let authority = Some(secured.authority.clone());
    for mode in ["?sslmode=require", "?sslmode=verify-full"] {
        let url = secured.url(HOST, mode);
        let store = open_trusting(&url, "a", authority.clone()).await;
        let store = store.expect("it is whom we trust");
        // Committers, readers, news and chores have a connection each.
        let number = format!("n-{mode}");
        let index = u64::try_from(mode.len()).expect("small");
        store
            .commit(create(index, &number))
            .await
            .expect("accepted");
        store.probe().await.expect("ready");
        assert!(secured.is_encrypted().await);
        store.close().await;
    }
    let url = secured.url(HOST, "?sslmode=require");
    let unknown = refusal(&url, None).await;
    assert!(unknown.contains("certificate"), "{unknown}");
    let url = secured.url("127.0.0.1", "?sslmode=require");
    let other_name = refusal(&url, authority.clone()).await;
    assert!(other_name.contains("certificate"), "{other_name}");
    let missing = refusal(&url, Some("/nowhere/authority.pem".into())).await;
    assert!(missing.contains("database_ca_file"), "{missing}");
    for mode in ["", "?sslmode=prefer", "?sslmode=disable"] {
        let url = secured.url(HOST, mode);
        let contradiction = refusal(&url, authority.clone()).await;
        assert!(contradiction.contains("sslmode=require"), "{contradiction}");
        let store = open_trusting(&url, "a", None).await.expect("books open");
        assert!(!secured.is_encrypted().await);
        store.close().await;
    }
    let weaker = refusal(&secured.url(HOST, "?sslmode=verify-ca"), authority).await;
    assert!(weaker.contains("sslmode"), "{weaker}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_refused_where_it_is_required() {
    let mut secured = Secured::start();
    secured.set_tls("off");
    let url = secured.url(HOST, "?sslmode=require");
    let refused = refusal(&url, Some(secured.authority.clone())).await;
    assert!(refused.contains("tls"), "{refused}");
    let url = secured.url(HOST, "");
    open_trusting(&url, "a", None).await.expect("books open");
}
