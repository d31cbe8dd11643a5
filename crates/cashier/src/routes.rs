//! Addresses of the page.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use heliu_engine::{Engine, PageStep};
use heliu_ports::dialect::Dialect;
use heliu_trade::attempt::Handoff;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::order::OrderState;
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::{browser, code_image, page};

const FOLLOW: &str = include_str!("../assets/follow.js");
const PAY: &str = include_str!("../assets/pay.js");
const STYLE: &str = include_str!("../assets/page.css");

/// What browsers may do with the page: no foreign or inline script, no frame around it, and
/// questions to us only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the script is told where there is nothing to tell.
const EMPTY: &str = "{}";

/// The page's routes, for every address that a dialect's order codes lead to.
pub fn router(engine: &Engine) -> Router {
    let mut router = Router::new()
        .route(
            "/cashier/return/{visit}",
            get(come_back).with_state(engine.clone()),
        )
        .route(
            "/cashier/state/{token}",
            get(state).with_state(engine.clone()),
        )
        .route(
            "/cashier/follow.js",
            get(|| async { asset("text/javascript", FOLLOW) }),
        )
        .route(
            "/cashier/pay.js",
            get(|| async { asset("text/javascript", PAY) }),
        )
        .route(
            "/cashier/page.css",
            get(|| async { asset("text/css", STYLE) }),
        );
    for dialect in engine.dialects() {
        let entry = Arc::new(Entry {
            engine: engine.clone(),
            dialect: Arc::clone(dialect),
        });
        let descriptor = dialect.descriptor();
        for route in descriptor.page_routes {
            let handler = get(open).with_state(Arc::clone(&entry));
            router = router
                .route(route, handler.clone())
                .route(&format!("{route}/"), handler);
        }
        for route in descriptor.code_image_routes {
            router = router.route(route, get(code_picture).with_state(Arc::clone(&entry)));
        }
    }
    router
}

struct Entry {
    engine: Engine,
    dialect: Arc<dyn Dialect>,
}

async fn open(State(entry): State<Arc<Entry>>, request: Request) -> Response {
    let (path, query) = (
        request.uri().path(),
        request.uri().query().unwrap_or_default(),
    );
    let Some(reference) = entry.dialect.page(path, query) else {
        return html(StatusCode::NOT_FOUND, page::problem("没有这个订单"));
    };
    let agent = request.headers().get(header::USER_AGENT);
    let wallet = browser::wallet(
        agent
            .and_then(|agent| agent.to_str().ok())
            .unwrap_or_default(),
    );
    let id = entry.dialect.descriptor().id;
    answer(entry.engine.open_page(id, &reference, wallet).await)
}

/// Only codes that we issued: a picture of anything would make us a printer for frauds (ruling 53).
async fn code_picture(State(entry): State<Arc<Entry>>, request: Request) -> Response {
    let not_found = || html(StatusCode::NOT_FOUND, page::problem("没有这个二维码"));
    let (path, query) = (
        request.uri().path(),
        request.uri().query().unwrap_or_default(),
    );
    let Some(content) = entry.dialect.code_image(path, query) else {
        return not_found();
    };
    match entry.engine.is_issued_code(&content).await {
        Ok(true) => {}
        Ok(false) => return not_found(),
        Err(_) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return html(status, page::problem("暂时无法显示，请稍后再试"));
        }
    }
    match code_image::png(&content) {
        Ok(bytes) => asset("image/png", bytes),
        Err(cause) => {
            tracing::error!(%cause, "a code cannot be drawn");
            not_found()
        }
    }
}

async fn come_back(
    State(engine): State<Engine>,
    Path(visit): Path<String>,
    request: Request,
) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let parameter = move |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let state = parameter("state").unwrap_or_default();
    // Run to its end even if the browser leaves: an attempt may be under way upstream.
    let work = tokio::spawn(async move { engine.return_to_page(&visit, &state, parameter).await });
    let died = |_| {
        Err(TradeError::advised(
            ErrorCode::Internal,
            "a fault on our side",
        ))
    };
    answer(work.await.unwrap_or_else(died))
}

/// Where an order stands, for the page that follows it.
async fn state(State(engine): State<Engine>, Path(token): Path<String>) -> Response {
    let (status, body) = match engine.page_state(&token).await {
        Ok(state) => (StatusCode::OK, page::state(&state)),
        Err(error) if error.code == ErrorCode::OrderNotFound => {
            (StatusCode::NOT_FOUND, EMPTY.to_owned())
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, EMPTY.to_owned()),
    };
    page_of("application/json", status, body)
}

fn answer(result: Result<PageStep, TradeError>) -> Response {
    match result {
        Ok(PageStep::Show(view)) => match &view.return_url {
            Some(url) if view.state == OrderState::Paid => Redirect::to(url).into_response(),
            _ => html(StatusCode::OK, page::show(&view)),
        },
        Ok(
            PageStep::Authorize { url }
            | PageStep::Invoke {
                handoff: Handoff::Redirect(url),
                ..
            },
        ) => Redirect::to(&url).into_response(),
        Ok(PageStep::OtherWallet(view)) => {
            html(StatusCode::UNPROCESSABLE_ENTITY, page::other_wallet(&view))
        }
        Ok(PageStep::Invoke {
            view,
            wallet,
            handoff,
        }) => html(StatusCode::OK, page::invoke(&view, wallet, &handoff)),
        Err(error) => {
            let (status, message) = match error.code {
                ErrorCode::OrderNotFound => (StatusCode::NOT_FOUND, "没有这个订单"),
                ErrorCode::OrderPaid => (StatusCode::OK, "订单已支付"),
                ErrorCode::OrderEnded => (StatusCode::GONE, "订单已关闭或已过期，请让商家重新下单"),
                ErrorCode::UnsupportedWallet
                | ErrorCode::NoContract
                | ErrorCode::MerchantNotEnabled => (
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "商家不支持这个钱包，请换一个",
                ),
                ErrorCode::InvalidParameter => (StatusCode::BAD_REQUEST, "页面已失效，请重新扫码"),
                _ => (StatusCode::BAD_GATEWAY, "暂时无法付款，请稍后重新扫码"),
            };
            html(status, page::problem(message))
        }
    }
}

fn html(status: StatusCode, body: String) -> Response {
    page_of("text/html; charset=utf-8", status, body)
}

fn page_of(content_type: &'static str, status: StatusCode, body: String) -> Response {
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ];
    (status, headers, body).into_response()
}

fn asset(content_type: &'static str, body: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (headers, body.into()).into_response()
}
