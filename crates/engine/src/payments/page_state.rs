//! What a payer's page asks again and again: where its order stands. The books are read and nobody
//! else is asked: anybody may ask this.

use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{MerchantId, OrderNo};
use heliu_trade::order::{Order, OrderState};

use crate::common::directory::books_unavailable;
use crate::common::token;
use crate::{Engine, Inner};

/// Context of the token by which a page names its order.
const PAGE_STATE: &str = "page order";
/// Digits of an order's number.
const NUMBER_DIGITS: usize = 16;

/// Where an order stands, as its payer may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageState {
    /// Its state.
    pub state: OrderState,
    /// Whether it can still be paid now.
    pub is_payable: bool,
    /// Where the payer's browser goes once it is paid.
    pub return_url: Option<String>,
}

impl Engine {
    /// Where the order of a page stands; the page has the token from its [`crate::PageView`].
    ///
    /// # Errors
    /// The token is not ours, or the books are away.
    pub async fn page_state(&self, token: &str) -> Result<PageState, TradeError> {
        let inner = &self.inner;
        let not_found = || TradeError::new(ErrorCode::OrderNotFound, "there is no such order");
        let (merchant_id, order_no) = open_page_state(inner, token).ok_or_else(not_found)?;
        let loaded = inner.load_order(&merchant_id, order_no).await;
        let (order, _) = loaded.map_err(books_unavailable)?;
        Ok(PageState {
            state: order.state,
            is_payable: order.is_payable(inner.now()),
            return_url: order.details.return_url.clone(),
        })
    }
}

pub(crate) fn page_state_token(inner: &Inner, order: &Order) -> String {
    let text = format!("{}{}", order.order_no, order.merchant_id);
    token::seal(&*inner.vault, PAGE_STATE, &text)
}

fn open_page_state(inner: &Inner, token: &str) -> Option<(MerchantId, OrderNo)> {
    let text = token::open(&*inner.vault, PAGE_STATE, token)?;
    let order_no = text.get(..NUMBER_DIGITS)?.parse().ok()?;
    Some((MerchantId::from(text.get(NUMBER_DIGITS..)?), order_no))
}
