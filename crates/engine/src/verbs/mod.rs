//! What merchants ask: one file a verb.

mod cancel;
mod close;
mod pay;
mod prepay;
mod query;
mod query_refund;
mod reference;
mod refund;
mod wait;

use std::fmt::Write as _;
use std::sync::Arc;

use heliu_ports::dialect::Policy;
use heliu_ports::exchange::ExchangeRequest;
use heliu_trade::command::{AgentCommand, Command, NewOrder, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::goods::SaleTerms;
use heliu_trade::id::{AppId, MerchantId, PlatformNo};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::time::Timestamp;

use crate::directory::{AgentProfile, AppProfile};
use crate::{Engine, Inner};

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
            Command::Pay(pay) => Box::pin(inner.pay(&mut caller, pay)).await,
            Command::Prepay(prepay) => Box::pin(inner.prepay(&mut caller, prepay)).await,
            Command::Query(query) => Box::pin(inner.query(&caller, query)).await,
            Command::Cancel(cancel) => Box::pin(inner.cancel(&mut caller, cancel)).await,
            Command::Close(close) => Box::pin(inner.close(&mut caller, close)).await,
            Command::Refund(refund) => Box::pin(inner.refund(&mut caller, refund)).await,
            Command::QueryRefund(query) => Box::pin(inner.query_refund(&caller, query)).await,
            Command::FaceCredential(request) => {
                Box::pin(inner.face_credential(&caller, request)).await
            }
            Command::FindPayer(request) => Box::pin(inner.find_payer(&caller, request)).await,
            Command::DescribeMerchant => Ok(caller.profile.described(String::new())),
            Command::Agent(_) => {
                let message = "this is asked by an agent, not for a merchant";
                Err(TradeError::new(ErrorCode::InvalidParameter, message))
            }
        };
        (result, caller.exchange)
    }

    /// Does what a verified agent asks for itself.
    ///
    /// # Errors
    /// What the agent is told.
    pub async fn execute_for_agent(
        &self,
        agent: &AgentProfile,
        command: AgentCommand,
    ) -> Result<Reply, TradeError> {
        let inner = &self.inner;
        match command {
            AgentCommand::RegisterMerchant(new) => {
                Box::pin(inner.register_merchant(agent, new)).await
            }
            AgentCommand::SendLoginCode { mobile } => {
                Box::pin(inner.send_login_code(agent, &mobile)).await
            }
            AgentCommand::FindMerchant(credentials) => {
                Box::pin(inner.find_merchant(agent, credentials)).await
            }
            AgentCommand::OpenMiniProgramSession { app_id, code } => {
                Box::pin(inner.mini_program_session(agent, &app_id, &code)).await
            }
        }
    }
}

impl Inner {
    /// The rate of a new order's currency; `None` for CNY.
    async fn rate_of(&self, currency: Currency) -> Result<Option<ExchangeRate>, TradeError> {
        if currency == Currency::CNY {
            Ok(None)
        } else {
            self.rate(currency).await.map(Some)
        }
    }

    /// A keyed digest of what a new order asks, to tell a repeat from a conflict. `payer` is what
    /// names the payer: the code, or the scene with its payer's id.
    fn fingerprint(&self, order: &NewOrder, payer: &str) -> String {
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
        self.vault.digest("fingerprint", &text)
    }

    /// Refuses a notification address that could never be notified.
    fn check_notify_url(&self, url: Option<&str>) -> Result<(), TradeError> {
        let Some(url) = url else {
            return Ok(());
        };
        self.transport.check_address(url).map_err(|why| {
            TradeError::new(
                ErrorCode::NotifyAddressRefused,
                format!("the notification address cannot be used: {why}"),
            )
        })
    }

    /// Refuses an address that is no page: the payer's browser would be sent there.
    fn check_return_url(&self, url: Option<&str>) -> Result<(), TradeError> {
        let Some(url) = url else {
            return Ok(());
        };
        self.transport.check_page(url).map_err(|why| {
            TradeError::new(
                ErrorCode::ReturnAddressRefused,
                format!("the address to return to cannot be used: {why}"),
            )
        })
    }
}
