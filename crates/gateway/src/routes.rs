//! Which path leads where.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, post};
use heliu_ports::dialect::Route;
use heliu_ports::wire::WireRequest;
use http_body_util::{BodyExt, Limited};
use tower::ServiceExt;

use crate::entry::{Entry, Gateway};
use crate::limits::guarded;
use crate::serve::Visitor;
use crate::{pipeline, recording};

/// Longest time for a request's body to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest callback of a channel, in bytes.
const CALLBACK_BYTES_MAX: usize = 256 * 1024;

/// Routes of every surface of every dialect, and the address of channels' callbacks.
pub fn router(gateway: Arc<Gateway>) -> Router {
    let mut merchants = Router::new();
    let mut spellings = HashMap::new();
    for dialect in gateway.engine.dialects() {
        for surface in dialect.surfaces() {
            let entry = Arc::new(Entry {
                gateway: Arc::clone(&gateway),
                dialect: Arc::clone(dialect),
                surface: *surface,
            });
            for route in surface.descriptor().routes {
                let handler = methods(route).with_state(Arc::clone(&entry));
                merchants = merchants
                    .route(route.path, handler.clone())
                    .route(&format!("{}/", route.path), handler);
                spellings.insert(route.path.to_ascii_lowercase(), route.path);
            }
        }
    }
    let others = Arc::new(OtherSpellings {
        spellings,
        merchants: merchants.clone(),
    });
    let limits = Arc::clone(&gateway.limits);
    let callbacks = Router::new().route("/callback/{token}", post(callback).with_state(gateway));
    merchants
        .merge(guarded(callbacks, limits))
        .fallback(move |request| other_spelling(others, request))
}

/// Takes a route's methods; others on its path are told which there are.
fn methods(route: &Route) -> MethodRouter<Arc<Entry>> {
    let filters = route.methods.iter().cloned().map(MethodFilter::try_from);
    let filters = filters.map(|filter| filter.expect("a surface's methods are usual ones"));
    filters.fold(MethodRouter::new(), |router, filter| {
        router.on(filter, merchant)
    })
}

/// Routes in lower case: clients are known that spell them in their own way.
struct OtherSpellings {
    spellings: HashMap<String, &'static str>,
    merchants: Router,
}

/// A request to an address that is a route but for its case goes on under the route's own spelling.
async fn other_spelling(others: Arc<OtherSpellings>, request: Request) -> Response {
    let path = request.uri().path().to_ascii_lowercase();
    let known = path.strip_suffix('/').unwrap_or(&path);
    let Some(route) = others.spellings.get(known) else {
        return recording::plain(404, "there is nothing at this address");
    };
    let routes = others.merchants.clone();
    let Ok(answer) = routes.oneshot(redirected(request, route)).await;
    answer
}

/// The same routes, which also serve a path with slashes doubled or one at its end (ruling 58):
/// base addresses end in a slash more often than not. Only what no route takes as it is comes this
/// way.
pub fn with_any_slashes(router: Router) -> Router {
    let routes = router.clone();
    router.fallback(move |request: Request| {
        let routes = routes.clone();
        async move {
            let steps = request.uri().path().split('/');
            let path: String = steps
                .filter(|step| !step.is_empty())
                .flat_map(|step| ["/", step])
                .collect();
            let path = if path.is_empty() { "/" } else { path.as_str() };
            routes.oneshot(redirected(request, path)).await
        }
    })
}

/// The request under another path.
fn redirected(mut request: Request, path: &str) -> Request {
    let target = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    if let Ok(uri) = target.parse() {
        *request.uri_mut() = uri;
    }
    request
}

async fn merchant(State(entry): State<Arc<Entry>>, request: Request) -> Response {
    let visitor = request.extensions().get::<Visitor>().cloned();
    let seat = visitor
        .as_ref()
        .map(|visitor| visitor.seats.take_for_merchant());
    if let Some(Err(_)) = seat {
        return recording::busy(
            503,
            "too many requests at once; nothing was done, try again",
        );
    }
    let body_bytes_max = entry.surface.descriptor().body_bytes_max;
    let received_at = entry.gateway.engine.clock().now();
    match read(request, body_bytes_max).await {
        Ok(request) => {
            let route = request.path.clone();
            let passage = Arc::clone(&entry);
            let origin = visitor.and_then(|visitor| visitor.origin);
            let work =
                tokio::spawn(
                    async move { pipeline::run(&passage, request, origin, received_at).await },
                );
            work.await.unwrap_or_else(|cause| {
                tracing::error!(%cause, "a request's task died");
                pipeline::fault(&entry, route, received_at)
            })
        }
        Err((request, BodyError::TooLarge)) => {
            pipeline::refuse_body(&entry, &request, received_at, body_bytes_max)
        }
        Err((_, BodyError::TooSlow)) => recording::plain(408, "the request body did not arrive"),
    }
}

async fn callback(
    State(gateway): State<Arc<Gateway>>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    if !gateway.engine.is_callback_token(&token) {
        return recording::plain(404, "no such callback address");
    }
    let Ok(request) = read(request, CALLBACK_BYTES_MAX).await else {
        return recording::plain(413, "the callback is too large or did not arrive");
    };
    // Run to its end even if the channel hangs up: what it says must be stored.
    let work = tokio::spawn(async move { gateway.engine.callback(&token, &request).await });
    match work.await {
        Ok(Some(answer)) => recording::response(answer),
        Ok(None) => recording::plain(404, "no such callback address"),
        Err(_) => recording::plain(500, "a fault on our side"),
    }
}

/// Why a body is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyError {
    TooLarge,
    TooSlow,
}

/// The whole request, or its head and why there is no body.
async fn read(
    request: Request,
    body_bytes_max: usize,
) -> Result<WireRequest, (WireRequest, BodyError)> {
    let visitor = request.extensions().get::<Visitor>();
    let peer = visitor.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |visitor| visitor.address);
    let (head, body) = request.into_parts();
    let mut wire = WireRequest {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: Default::default(),
        peer,
    };
    let collected = Limited::new(body, body_bytes_max).collect();
    match tokio::time::timeout(BODY_TIMEOUT, collected).await {
        Ok(Ok(collected)) => {
            wire.body = collected.to_bytes();
            Ok(wire)
        }
        Ok(Err(_)) => Err((wire, BodyError::TooLarge)),
        Err(_) => Err((wire, BodyError::TooSlow)),
    }
}
