//! `sign` and `verify`: the string to sign of a pasted request, key masked, and which reading
//! holds.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use heliu_engine::Engine;
use heliu_ports::dialect::{Decoded, Dialect, Signer, Surface};
use heliu_ports::keys::Keys;
use heliu_ports::signature::{Outgoing, SignatureSpec};
use heliu_ports::wire::WireRequest;
use heliu_trade::id::DialectId;
use http::Method;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::terminal::escaped;

/// A request as somebody pasted it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PastedRequest {
    /// Path and query, with or without scheme and host.
    pub(crate) url: String,
    /// Body, exactly as sent.
    pub(crate) body: String,
    /// The key, if it is not to be taken from the books.
    pub(crate) key: Option<String>,
    /// The key's role, if the dialect has several.
    pub(crate) role: Option<String>,
}

struct Target {
    dialect: Arc<dyn Dialect>,
    surface: &'static dyn Surface,
    request: WireRequest,
}

fn target(engine: &Engine, pasted: &PastedRequest) -> Result<Target, Failure> {
    let after_scheme = pasted.url.find("://").map_or(0, |at| at + 3);
    let rest = pasted.url.get(after_scheme..).unwrap_or_default();
    let path_at = rest.find('/').unwrap_or(0);
    let (path, query) = rest
        .get(path_at..)
        .unwrap_or_default()
        .split_once('?')
        .map_or_else(
            || (rest.get(path_at..).unwrap_or_default(), ""),
            |(path, query)| (path, query),
        );
    // Slashes too many mean nothing, as at the gateway.
    let steps = path.split('/').filter(|step| !step.is_empty());
    let plain: String = steps.flat_map(|step| ["/", step]).collect();
    // A path that takes both is taken to be posted to.
    let mut ways = [Method::POST, Method::GET].into_iter().flat_map(|method| {
        let path = &plain;
        engine.dialects().iter().filter_map(move |dialect| {
            let surface = dialect.surface_at(&method, path)?;
            Some((dialect, surface, method.clone()))
        })
    });
    let (dialect, surface, method) = ways.next().ok_or_else(|| {
        let surfaces = engine.dialects().iter().flat_map(|d| d.surfaces());
        let routes = surfaces.flat_map(|surface| surface.descriptor().routes);
        let paths: Vec<_> = routes.map(|route| route.path).collect();
        Failure::new(format!(
            "no dialect serves {plain}; there are\n  {}",
            paths.join("\n  ")
        ))
    })?;
    let request = WireRequest {
        method,
        path: plain,
        query: query.to_owned(),
        headers: http::HeaderMap::new(),
        body: pasted.body.clone().into(),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    Ok(Target {
        dialect: Arc::clone(dialect),
        surface,
        request,
    })
}

/// The key that was pasted, or the books' own.
async fn keys(
    engine: &Engine,
    pasted: &PastedRequest,
    target: &Target,
    signer: &Signer,
) -> Result<Arc<dyn Keys>, Failure> {
    let dialect = &target.dialect;
    if let Some(key) = &pasted.key {
        let dialect_id = DialectId::from(dialect.descriptor().id);
        let owner = signer.key_owner(dialect_id);
        let roles = target.surface.descriptor().key_roles;
        let first = roles.first().copied().unwrap_or_default();
        let role = pasted.role.as_deref().unwrap_or(first);
        let sealed = engine.vault().seal_key(&owner, role, 1, key)?;
        return Ok(engine.vault().open_keys(&owner, &[sealed])?);
    }
    let keys = match signer {
        Signer::App(app_id) => {
            let found = engine.find_app(dialect, app_id).await?;
            found.map(|profile| Arc::clone(&profile.keys))
        }
        Signer::Agent(agent_id) => {
            let found = engine.find_agent(dialect, agent_id).await?;
            found.map(|profile| Arc::clone(&profile.keys))
        }
    };
    keys.ok_or_else(|| {
        Failure::with_cure(
            format!("no {signer} is registered here"),
            "give its key with --key",
        )
    })
}

fn decode(target: &Target) -> Result<Decoded, Failure> {
    target.surface.decode(&target.request).map_err(|undecoded| {
        Failure::new(format!("the request names no signer: {}", undecoded.error))
    })
}

/// The signed request, ready to be sent.
pub(crate) struct Signed {
    pub(crate) spec: SignatureSpec,
    pub(crate) request: WireRequest,
}

/// Signs a request as a client of its wire would.
pub(crate) async fn sign_request(
    engine: &Engine,
    pasted: &PastedRequest,
) -> Result<Signed, Failure> {
    let target = target(engine, pasted)?;
    let signer = decode(&target)?.signer;
    let keys = keys(engine, pasted, &target, &signer).await?;
    let now = engine.clock().now();
    match target.surface.sign_request(target.request, now) {
        Outgoing::Plain(_) => Err(Failure::new("this interface is not signed")),
        Outgoing::Sign { spec, place } => {
            let signature = keys.sign(&spec, None)?;
            Ok(Signed {
                request: place(signature),
                spec,
            })
        }
    }
}

pub(super) async fn sign(engine: &Engine, pasted: PastedRequest) -> Result<String, Failure> {
    let Signed { spec, request } = sign_request(engine, &pasted).await?;
    let query = if request.query.is_empty() {
        String::new()
    } else {
        format!("?{}", request.query)
    };
    let body = String::from_utf8_lossy(&request.body);
    let note = match escaped(&body) {
        Cow::Borrowed(_) => "",
        Cow::Owned(_) => {
            "\nthe body holds control characters: here they are escaped, they were signed as they are"
        }
    };
    Ok(format!(
        "string to sign  {}\n{} {}{query}\n{body}{note}",
        spec.masked(),
        request.method,
        request.path,
    ))
}

pub(super) async fn verify(engine: &Engine, pasted: PastedRequest) -> Result<String, Failure> {
    let target = target(engine, &pasted)?;
    let decoded = decode(&target)?;
    let keys = keys(engine, &pasted, &target, &decoded.signer).await?;
    let names = decoded.readings.names();
    if names.is_empty() {
        return Err(Failure::with_cure(
            "the signature is missing or malformed",
            "compare with what heliu sign prints for the same body",
        ));
    }
    let mut lines = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let spec = decoded.readings.spec(index);
        let holds = keys.verify(&spec, &decoded.presented).is_some();
        let verdict = if holds { "MATCHES" } else { "differs" };
        lines.push(format!(
            "{verdict}  {name}\n  string to sign  {}",
            spec.masked()
        ));
        if holds {
            let of_reading = target.surface.command_of_reading(&target.request, name);
            let request = match of_reading.as_ref().unwrap_or(&decoded.command) {
                Ok(command) => format!("the request asks: {}", command.verb()),
                Err(error) => format!("but the request is refused: {error}"),
            };
            lines.push(request);
            return Ok(lines.join("\n"));
        }
    }
    lines.push(format!("signature that came  {}", decoded.presented));
    lines.push(
        "no reading holds: another key, or the body was changed after it was signed".to_owned(),
    );
    Err(Failure::new(lines.join("\n")))
}
