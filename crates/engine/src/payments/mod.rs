//! Payments: what merchants, payers and channels want of an order.
//!
//! | part | what it does |
//! | --- | --- |
//! | a file a verb | what merchants ask; each has `run` |
//! | `jobs` | what an order still needs, a file a job; each has `run` |
//! | `callback` | what channels tell by themselves |
//! | `cashier`, `page_state` | the payer's page |
//! | `payers` | who pays: a file a service of a wallet |
//! | `resend` | a notification once more |
//! | `reference`, `wait` | which order is meant; waiting for what becomes of it |

mod callback;
mod cancel;
mod cashier;
mod close;
pub(crate) mod jobs;
mod page_state;
mod pay;
pub(crate) mod payers;
mod prepay;
mod query;
mod query_refund;
mod reference;
mod refund;
mod resend;
mod wait;

use std::fmt::Write as _;
use std::sync::Arc;

use heliu_ports::dialect::Policy;
use heliu_ports::exchange::ExchangeRequest;
use heliu_trade::command::{Command, NewOrder, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::fee::Speed;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::goods::SaleTerms;
use heliu_trade::id::{AppId, MerchantId, PlatformNo};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::time::Timestamp;

use crate::common::directory::AppProfile;
use crate::{Engine, Inner};

pub use cashier::{PageStep, PageView};
pub use page_state::PageState;
pub(crate) use query_refund::RefundsAsked;

/// Who asks, verified, and what is known of the request.
pub struct Caller {
    /// The app whose order it is about.
    pub profile: Arc<AppProfile>,
    /// When the request came (UTC).
    pub received_at: Timestamp,
    /// The request half of its exchange; the first commit takes it along.
    pub exchange: Option<ExchangeRequest>,
    /// Who of the office asks in the merchant's place; the commit that does it takes it along.
    pub audit: Option<Box<NewAudit>>,
}

impl Caller {
    pub(crate) fn merchant_id(&self) -> &MerchantId {
        &self.profile.merchant.merchant_id
    }

    fn app_id(&self) -> &AppId {
        &self.profile.app.app_id
    }

    fn policy(&self) -> &'static Policy {
        &self.profile.descriptor().policy
    }
}

impl Engine {
    /// A number for an exchange.
    #[must_use]
    pub fn mint_exchange_no(&self) -> PlatformNo {
        self.inner.mint_exchange_no()
    }

    /// Does what a verified merchant asks. The caller gets its exchange's request half back if no
    /// commit took it along. Must be run to its end even if the merchant hangs up.
    pub async fn execute(
        &self,
        mut caller: Caller,
        command: Command,
    ) -> (Result<Reply, TradeError>, Option<ExchangeRequest>) {
        let inner = &self.inner;
        // Boxed, so that a task is as small as a pointer and not as large as the largest verb.
        let result = match command {
            Command::Pay(pay) => Box::pin(pay::run(inner, &mut caller, pay)).await,
            Command::Prepay(prepay) => Box::pin(prepay::run(inner, &mut caller, prepay)).await,
            Command::Query(query) => Box::pin(query::run(inner, &caller, query)).await,
            Command::Cancel(cancel) => Box::pin(cancel::run(inner, &mut caller, cancel)).await,
            Command::Close(close) => Box::pin(close::run(inner, &mut caller, close)).await,
            Command::Refund(refund) => Box::pin(refund::run(inner, &mut caller, refund)).await,
            Command::QueryRefund(query) => Box::pin(query_refund::run(inner, &caller, query)).await,
            Command::FaceCredential(request) => {
                Box::pin(payers::face_credential::run(inner, &caller, request)).await
            }
            Command::FindPayer(request) => {
                Box::pin(payers::find_payer::run(inner, &caller, request)).await
            }
            Command::DescribeMerchant => Ok(caller.profile.described(String::new())),
            Command::Agent(_) => {
                let message = "this is asked by an agent, not for a merchant";
                Err(TradeError::new(ErrorCode::InvalidParameter, message))
            }
        };
        (result, caller.exchange)
    }
}

/// The rate of a new order's currency; `None` for CNY.
pub(crate) async fn rate_of(
    inner: &Inner,
    currency: Currency,
) -> Result<Option<ExchangeRate>, TradeError> {
    if currency == Currency::CNY {
        Ok(None)
    } else {
        inner.rate(currency).await.map(Some)
    }
}

/// A keyed digest of what a new order asks, to tell a repeat from a conflict. `payer` is what
/// names the payer: the code, or the scene with its payer's id.
pub(crate) fn fingerprint(inner: &Inner, order: &NewOrder, payer: &str) -> String {
    let mut text = format!("{}\n{}\n{payer}", order.amount_minor, order.currency);
    // From where it is sent does not make it another sale.
    let terms = SaleTerms {
        terminal_ip: None,
        ..order.terms.clone()
    };
    if !terms.is_empty() {
        let _ = write!(text, "\n{terms:?}");
    }
    let notify_url = order.notify_url.as_deref().unwrap_or_default();
    let attributes = order
        .attributes
        .iter()
        .flat_map(|(name, value)| [name, value]);
    for part in [order.subject.as_str(), notify_url]
        .into_iter()
        .chain(attributes.map(String::as_str))
    {
        text.push('\n');
        text.push_str(part);
    }
    inner.vault.digest("fingerprint", &text)
}

/// Refuses a notification address that could never be notified.
pub(crate) fn check_notify_url(inner: &Inner, url: Option<&str>) -> Result<(), TradeError> {
    let Some(url) = url else {
        return Ok(());
    };
    inner.transport.check_address(url).map_err(|why| {
        TradeError::new(
            ErrorCode::NotifyAddressRefused,
            format!("the notification address cannot be used: {why}"),
        )
    })
}

/// Refuses an order whose money is wanted on the same day of a merchant that is settled later.
pub(crate) fn check_same_day(
    inner: &Inner,
    caller: &Caller,
    order: &NewOrder,
) -> Result<(), TradeError> {
    if !order.is_same_day || caller.profile.speed(inner.now()) == Speed::T0 {
        return Ok(());
    }
    let problem = "the merchant's terms do not say that it is paid on the same day";
    Err(TradeError::advised(ErrorCode::NoContract, problem))
}

/// Refuses an address that is no page: the payer's browser would be sent there.
pub(crate) fn check_return_url(inner: &Inner, url: Option<&str>) -> Result<(), TradeError> {
    let Some(url) = url else {
        return Ok(());
    };
    inner.transport.check_page(url).map_err(|why| {
        TradeError::new(
            ErrorCode::ReturnAddressRefused,
            format!("the address to return to cannot be used: {why}"),
        )
    })
}
