//! What the payer's page does: show an order, learn who the payer is, hand the order to the wallet.

use heliu_ports::channel::UpstreamScene;
use heliu_ports::dialect::PageReference;
use heliu_ports::store::{ConsentState, OrderKey, StateUse};
use heliu_trade::attempt::{Attempt, Handoff};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AppId, MerchantId, OrderNo};
use heliu_trade::order::{Order, OrderState};
use heliu_trade::step::{Action, Target};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::{Scene, WalletKind};

use crate::common::books::refused;
use crate::common::directory::{AppProfile, books_unavailable};
use crate::common::token;
use crate::payments::page_state::page_state_token;
use crate::payments::prepay::hand_over;
use crate::{Engine, Inner};

/// How long a payer may take between the page and the wallet's consent, in ms.
const STATE_LIFE_MS: i64 = 10 * 60 * 1000;
/// What a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageView {
    /// Our number.
    pub order_no: OrderNo,
    /// Whom the payer pays.
    pub merchant_name: String,
    /// For what.
    pub subject: String,
    /// How much is charged, in fen CNY.
    pub charge_fen: i64,
    /// Where the order stands.
    pub state: OrderState,
    /// Whether it can still be paid now.
    pub is_payable: bool,
    /// Where the payer's browser goes once it is paid.
    pub return_url: Option<String>,
    /// Wallets that can pay it now, in the order in which they are offered; none once it cannot be
    /// paid.
    pub wallets: Vec<WalletKind>,
    /// The page's own address, as its code shows it.
    pub page_url: String,
    /// Names the order to [`Engine::page_state`].
    pub state_token: String,
}

/// What a page does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageStep {
    /// Only show: nothing to pay, or no wallet's browser.
    Show(PageView),
    /// The wallet whose browser it is cannot pay this order; those that the view names can.
    OtherWallet(PageView),
    /// Send the browser to the wallet's consent page.
    Authorize {
        /// That page's address.
        url: String,
    },
    /// Invoke the wallet.
    Invoke {
        /// What is paid.
        view: PageView,
        /// By which wallet.
        wallet: WalletKind,
        /// With this.
        handoff: Handoff,
    },
}

fn no_page() -> TradeError {
    TradeError::new(ErrorCode::UnsupportedWallet, "this wallet has no page here")
}

impl Engine {
    /// A payer opens an order's page in the browser of `wallet`, or in another one.
    ///
    /// # Errors
    /// There is no such order, or this wallet cannot pay it.
    pub async fn open_page(
        &self,
        dialect_id: &str,
        page: &PageReference,
        wallet: Option<WalletKind>,
    ) -> Result<PageStep, TradeError> {
        open_page(&self.inner, dialect_id, page, wallet).await
    }

    /// Whether a channel gave this QR code's content to an order of ours.
    ///
    /// # Errors
    /// The books are away.
    pub async fn is_issued_code(&self, content: &str) -> Result<bool, TradeError> {
        let found = self.inner.store.is_issued_code(content.to_owned()).await;
        found.map_err(books_unavailable)
    }

    /// A payer comes back from a wallet's consent page. A state is good for one return, on
    /// whichever node; who comes back again, by a reload or late, is shown where the order stands,
    /// or asked for consent anew while it can be paid.
    ///
    /// # Errors
    /// The return is not one that we gave; the wallet does not say who pays; or the books are away.
    pub async fn return_to_page(
        &self,
        visit: &str,
        state: &str,
        parameter: impl Fn(&str) -> Option<String> + Send,
    ) -> Result<PageStep, TradeError> {
        return_to_page(&self.inner, visit, state, parameter).await
    }
}

/// Context of the token that stands in the return address: whose order, which wallet.
const VISIT: &str = "page visit";
/// Context of the state that the wallet hands back: when, a nonce, a digest over both and the
/// visit.
const STATE: &str = "page state";
/// Hexadecimal digits of a state's instant.
const STATE_AT_DIGITS: usize = 12;
/// Characters of a state's nonce.
const STATE_NONCE_LENGTH: usize = 8;
/// What tells a state from others of its order.
const STATE_HEAD_LENGTH: usize = STATE_AT_DIGITS + STATE_NONCE_LENGTH;

struct Visit {
    merchant_id: MerchantId,
    app_id: AppId,
    order_no: OrderNo,
    wallet: WalletKind,
}

async fn open_page(
    inner: &Inner,
    dialect_id: &str,
    page: &PageReference,
    wallet: Option<WalletKind>,
) -> Result<PageStep, TradeError> {
    let not_found = || TradeError::new(ErrorCode::OrderNotFound, "there is no such order");
    let proof = page.proof.as_ref();
    let ours = inner.page_proof(&page.app, page.order_no);
    if proof.is_some_and(|proof| !token::is_same(&ours, proof)) {
        return Err(not_found());
    }
    let dialect = inner
        .dialects
        .iter()
        .find(|dialect| dialect.descriptor().id == dialect_id)
        .ok_or_else(not_found)?;
    let profile = inner
        .find_app(dialect, &page.app)
        .await
        .map_err(books_unavailable)?;
    let profile = profile.ok_or_else(not_found)?;
    let (order, attempts) = order_of_page(inner, &profile, page.order_no, page.scene).await?;
    if page
        .charge_fen
        .is_some_and(|shown_fen| shown_fen != order.charge_fen)
    {
        return Err(not_found());
    }
    let view = view(inner, &profile, &order, &attempts).await?;
    let Some(wallet) = wallet.filter(|_| view.is_payable) else {
        return Ok(PageStep::Show(view));
    };
    if !view.wallets.contains(&wallet) {
        return Ok(PageStep::OtherWallet(view));
    }
    if order.scene != Scene::Qr {
        // Its payer is known already, and only that payer can use what was handed over.
        return Ok(match handed(&attempts, wallet) {
            Some(handoff) => PageStep::Invoke {
                view,
                wallet,
                handoff,
            },
            None => PageStep::Show(view),
        });
    }
    ask_for_consent(inner, &profile, &order, wallet).await
}

/// Sends the payer to the wallet's consent page.
async fn ask_for_consent(
    inner: &Inner,
    profile: &AppProfile,
    order: &Order,
    wallet: WalletKind,
) -> Result<PageStep, TradeError> {
    let route = inner
        .route(profile, wallet, UpstreamScene::CashierPage)
        .await?;
    let account = inner
        .account(&route.channel_account_id)
        .await
        .map_err(books_unavailable)?;
    let visit = make_visit(inner, profile, order.order_no, wallet);
    let state = make_state(
        inner,
        &visit,
        inner.now().as_ms(),
        &inner.vault.nonce(STATE_NONCE_LENGTH),
    );
    let return_url = format!("{}/cashier/return/{visit}", inner.settings.public_url);
    let url = account
        .channel
        .logins()
        .and_then(|logins| logins.authorize_url(&account.account, &return_url, &state))
        .ok_or_else(no_page)?;
    Ok(PageStep::Authorize { url })
}

async fn return_to_page(
    inner: &Inner,
    visit: &str,
    state: &str,
    parameter: impl Fn(&str) -> Option<String> + Send,
) -> Result<PageStep, TradeError> {
    let made_at = made_at(inner, visit, state);
    let known = open_visit(inner, visit).zip(made_at);
    let (came_from, made_at) = known.ok_or_else(|| {
        let message = "this return is none that we gave; scan the code again";
        TradeError::new(ErrorCode::InvalidParameter, message)
    })?;
    let Visit {
        merchant_id,
        app_id,
        order_no,
        wallet,
    } = came_from;
    let profile = inner
        .app_of_order(&merchant_id, &app_id)
        .await
        .map_err(books_unavailable)?;
    let profile = profile
        .ok_or_else(|| TradeError::new(ErrorCode::OrderNotFound, "there is no such order"))?;
    let (order, attempts) = order_of_page(inner, &profile, order_no, Scene::Qr).await?;
    let view = view(inner, &profile, &order, &attempts).await?;
    if !view.is_payable {
        return Ok(PageStep::Show(view));
    }
    match use_state(inner, &order, state, made_at).await? {
        StateUse::First => {}
        StateUse::Again => return ask_for_consent(inner, &profile, &order, wallet).await,
        // Who comes back that often is turned away by his browser else, round after round.
        StateUse::TooMany => return Ok(PageStep::Show(view)),
    }
    let mut route = inner
        .route(&profile, wallet, UpstreamScene::CashierPage)
        .await?;
    let account = inner
        .account(&route.channel_account_id)
        .await
        .map_err(books_unavailable)?;
    let logins = account.channel.logins().ok_or_else(no_page)?;
    let code = parameter(logins.authorize_parameter()).unwrap_or_default();
    let line = inner.line(&account);
    let payer_id = logins
        .payer_id(&line, &account.account, &code)
        .await
        .map_err(|unknown| {
            tracing::warn!(order_no = %order_no, why = unknown.why, "the payer stayed unknown");
            let message = "the wallet did not say who pays; scan the code again";
            TradeError::new(ErrorCode::InvalidParameter, message)
        })?;
    if let Some(handoff) = handed_before(&attempts, wallet, &payer_id) {
        return Ok(PageStep::Invoke {
            view,
            wallet,
            handoff,
        });
    }
    route.payer_id = Some(payer_id);
    let attempt_no = inner.mint_attempt_no();
    let action = Action::AddAttempt {
        attempt_no,
        route: Box::new(route.clone()),
    };
    let committed = inner
        .commit(&merchant_id, Target::Order(order_no), action, None)
        .await
        .map_err(refused)?;
    let attempts = committed.after.attempts;
    let ours = |attempt: &&Attempt| attempt.state.is_live() && *attempt.route == route;
    let attempt = attempts.iter().rev().find(ours);
    let attempt =
        attempt.ok_or_else(|| TradeError::new(ErrorCode::Internal, "a fault on our side"))?;
    let handoff = hand_over(inner, &merchant_id, &order, attempt).await?;
    Ok(PageStep::Invoke {
        view,
        wallet,
        handoff,
    })
}

async fn order_of_page(
    inner: &Inner,
    profile: &AppProfile,
    order_no: OrderNo,
    scene: Scene,
) -> Result<(Order, Vec<Attempt>), TradeError> {
    let (merchant_id, app_id) = (&profile.merchant.merchant_id, &profile.app.app_id);
    let found = inner
        .find_order(merchant_id, app_id, OrderKey::Platform(order_no))
        .await?;
    // Orders of other scenes have none at this address.
    found
        .filter(|(order, _)| order.scene == scene)
        .ok_or_else(|| TradeError::new(ErrorCode::OrderNotFound, "there is no such order"))
}

async fn view(
    inner: &Inner,
    profile: &AppProfile,
    order: &Order,
    attempts: &[Attempt],
) -> Result<PageView, TradeError> {
    let is_payable = order.is_payable(inner.now());
    let wallets = if is_payable {
        wallets_of_page(inner, profile, order, attempts).await?
    } else {
        Vec::new()
    };
    let proof = inner.page_proof(&order.app_id, order.order_no);
    Ok(PageView {
        order_no: order.order_no,
        merchant_name: profile.merchant.display_name().to_owned(),
        subject: order.details.subject.clone(),
        charge_fen: order.charge_fen,
        state: order.state,
        is_payable,
        return_url: order.details.return_url.clone(),
        wallets,
        page_url: profile
            .dialect
            .page_url(order, &inner.settings.public_url, &proof),
        state_token: page_state_token(inner, order),
    })
}

/// The merchant must be able to hear which wallet paid, may have named the only one that may,
/// and needs a contract whose channel has a page for it.
async fn wallets_of_page(
    inner: &Inner,
    profile: &AppProfile,
    order: &Order,
    attempts: &[Attempt],
) -> Result<Vec<WalletKind>, TradeError> {
    let known = profile.descriptor().wallets.iter().copied();
    let named = known.filter(|wallet| order.wallet.is_none_or(|only| only == *wallet));
    if order.scene != Scene::Qr {
        // Its payer is known already, and only that payer can use what was handed over.
        return Ok(named
            .filter(|wallet| handed(attempts, *wallet).is_some())
            .collect());
    }
    let mut wallets = Vec::new();
    for wallet in named {
        match inner
            .route(profile, wallet, UpstreamScene::CashierPage)
            .await
        {
            Ok(_) => wallets.push(wallet),
            Err(error) if error.code == ErrorCode::BooksUnavailable => return Err(error),
            Err(_) => {}
        }
    }
    Ok(wallets)
}

fn make_visit(
    inner: &Inner,
    profile: &AppProfile,
    order_no: OrderNo,
    wallet: WalletKind,
) -> String {
    let text = format!(
        "{order_no}|{}|{}|{}",
        wallet.as_str(),
        profile.merchant.merchant_id,
        profile.app.app_id,
    );
    token::seal(&*inner.vault, VISIT, &text)
}

fn open_visit(inner: &Inner, visit: &str) -> Option<Visit> {
    let text = token::open(&*inner.vault, VISIT, visit)?;
    let mut parts = text.splitn(4, '|');
    let order_no = parts.next()?.parse().ok()?;
    let wallet = WalletKind::parse(parts.next()?)?;
    let merchant_id = MerchantId::from(parts.next()?);
    let app_id = AppId::from(parts.next()?);
    Some(Visit {
        merchant_id,
        app_id,
        order_no,
        wallet,
    })
}

/// Letters and digits only, and short: what every wallet hands back unchanged.
fn make_state(inner: &Inner, visit: &str, at_ms: i64, nonce: &str) -> String {
    let head = format!("{at_ms:0STATE_AT_DIGITS$x}{nonce}");
    let digest = inner.vault.digest(STATE, &format!("{head}{visit}"));
    format!("{head}{digest}")
}

/// When we made a state for this visit; `None` for any other text.
fn made_at(inner: &Inner, visit: &str, state: &str) -> Option<Timestamp> {
    let at_ms = i64::from_str_radix(state.get(..STATE_AT_DIGITS)?, 16).ok()?;
    let nonce = state.get(STATE_AT_DIGITS..STATE_HEAD_LENGTH)?;
    let ours = make_state(inner, visit, at_ms, nonce);
    token::is_same(&ours, state).then_some(Timestamp::from_ms(at_ms))
}

/// Uses up a state of ours. One whose time is over counts as used.
async fn use_state(
    inner: &Inner,
    order: &Order,
    state: &str,
    made_at: Timestamp,
) -> Result<StateUse, TradeError> {
    let now = inner.now();
    let expires_at = made_at.plus_ms(STATE_LIFE_MS);
    if now > expires_at {
        return Ok(StateUse::Again);
    }
    let state = ConsentState {
        merchant_id: order.merchant_id.clone(),
        order_no: order.order_no,
        nonce: state.get(..STATE_HEAD_LENGTH).unwrap_or(state).to_owned(),
        expires_at,
    };
    let used = inner.store.use_consent_state(state, now).await;
    used.map_err(books_unavailable)
}

/// What the order's own payer was handed.
fn handed(attempts: &[Attempt], wallet: WalletKind) -> Option<Handoff> {
    let live = attempts
        .iter()
        .find(|attempt| attempt.state.is_live() && attempt.route.wallet == wallet);
    live.and_then(|attempt| attempt.handoff.clone())
}

/// What the same payer was handed before: a page may be loaded again.
fn handed_before(attempts: &[Attempt], wallet: WalletKind, payer_id: &str) -> Option<Handoff> {
    let same = attempts.iter().find(|attempt| {
        attempt.state.is_live()
            && attempt.route.wallet == wallet
            && attempt.route.payer_id.as_deref() == Some(payer_id)
    });
    same.and_then(|attempt| attempt.handoff.clone())
}
