//! A channel that wants to know who calls: a TLS listener that takes nobody without a certificate
//! of its own authority, as WeChat's v2 `secapi` does. And what is told where TLS fails, apart from
//! nobody listening.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

use std::net::SocketAddr;
use std::sync::Arc;

use heliu_outbound::{AddressPolicy, Outbound};
use heliu_ports::clock::SystemClock;
use heliu_ports::transport::{CallError, CallLimits, ClientIdentity, Purpose, Transport};
use heliu_ports::wire::OutRequest;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for `name` with its key.
fn certified(authority: &Authority, name: &str) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    (params.signed_by(&key, authority).unwrap(), key)
}

fn identity(authority: &Authority, name: &str) -> ClientIdentity {
    let (certificate, key) = certified(authority, name);
    ClientIdentity {
        fingerprint: format!("of {name}"),
        pem: format!("{}{}", certificate.pem(), key.serialize_pem()).into(),
    }
}

/// Answers everybody whom `clients` has signed with 200 and no content.
async fn listen(server: &Authority, clients: &Authority) -> SocketAddr {
    let (certificate, key) = certified(server, "localhost");
    let mut roots = RootCertStore::empty();
    roots.add(clients.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

fn outbound(server: &Authority) -> Outbound {
    let policy = AddressPolicy {
        dangerous_allow_private: false,
        ..AddressPolicy::default()
    };
    let outbound = Outbound::new(policy, Arc::new(SystemClock));
    outbound.trusting(server.pem().as_bytes()).unwrap()
}

fn request(address: SocketAddr) -> OutRequest {
    OutRequest {
        method: http::Method::POST,
        url: format!("https://localhost:{}/secapi/pay/reverse", address.port()),
        headers: Vec::new(),
        body: bytes::Bytes::from_static(b"<xml/>"),
    }
}

const LIMITS: CallLimits = CallLimits {
    purpose: Purpose::Channel,
    connect_timeout_ms: 3_000,
    timeout_ms: 5_000,
    answer_bytes_max: 1_024,
};

#[tokio::test]
async fn who_has_the_certificate_is_answered_and_nobody_else() {
    let (server, clients, strangers) = (authority(), authority(), authority());
    let address = listen(&server, &clients).await;
    let outbound = outbound(&server);

    let ours = identity(&clients, "ours");
    let answer = outbound.call_as(ours, request(address), LIMITS).await;
    assert_eq!(answer.unwrap().status, 200);

    assert!(outbound.call(request(address), LIMITS).await.is_err());
    let stranger = identity(&strangers, "a stranger");
    let refused = outbound.call_as(stranger, request(address), LIMITS).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_server_of_an_authority_that_nobody_trusts_is_sent_nothing() {
    let (server, clients) = (authority(), authority());
    let address = listen(&server, &clients).await;
    let outbound = outbound(&authority());
    let ours = identity(&clients, "ours");
    let refused = outbound.call_as(ours, request(address), LIMITS).await;
    assert!(
        matches!(refused, Err(CallError::NotSecured(_))),
        "{refused:?}"
    );
}

/// Whoever listens and speaks no TLS was reached; who does not listen was not.
#[tokio::test]
async fn a_connection_that_cannot_be_secured_is_told_apart_from_none() {
    let outbound = outbound(&authority());
    for answer in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b""] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let peer = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello).await;
            let _ = stream.write_all(answer).await;
        });
        let refused = outbound.call(request(address), LIMITS).await;
        assert!(
            matches!(refused, Err(CallError::NotSecured(_))),
            "{answer:?}: {refused:?}"
        );
        peer.await.unwrap();
        let nobody = outbound.call(request(address), LIMITS).await;
        assert!(matches!(nobody, Err(CallError::NotSent(_))), "{nobody:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_cannot_be_read_is_named_without_its_key() {
    let server = authority();
    let secret = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
    let identity = ClientIdentity {
        fingerprint: "broken".to_owned(),
        pem: secret.to_owned().into(),
    };
    let address = SocketAddr::from(([127, 0, 0, 1], 9));
    let refused = outbound(&server)
        .call_as(identity, request(address), LIMITS)
        .await;
    let Err(CallError::NotSent(why)) = refused else {
        panic!("it was sent");
    };
    assert!(!why.contains("c2VjcmV0"), "{why}");
    assert!(outbound(&server).trusting(b"no certificate").is_err());
}
