//! Merchants: they sell, repeat themselves, race with themselves, cancel, close, refund and ask;
//! and they check that what they are told is what the books say.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use heliu_engine::{Caller, Engine};
use heliu_trade::attempt::Handoff;
use heliu_trade::command::{
    Cancel, Close, Command, Consent, NewOrder, OrderReference, Pay, Prepay, PrepayScene, Query,
    QueryRefund, Reference, RefundCommand, RefundReference, Reply,
};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::goods::SaleTerms;
use heliu_trade::life::Life;
use heliu_trade::money::Currency;
use heliu_trade::order::{Attributes, Order};
use heliu_trade::refund::RefundState;
use heliu_trade::wallet::WalletKind;

use super::dialect::WALLETS;
use super::house::House;
use super::payer::Payers;
use super::recorder::Recorder;
use super::seller::Seller;
use super::stage::{Stage, wait_ms};

/// Longest that any request may take, in ms of true time: the longest wait of any wire and the
/// longest calls of channels.
const ANSWER_WITHIN_MS: i64 = 240_000;

/// How a sale is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scene {
    Barcode,
    Face,
    Native,
    Page,
}

/// A sale as its merchant knows it.
#[derive(Clone)]
pub(super) struct Sale {
    pub(super) seller: Arc<Seller>,
    pub(super) number: String,
    scene: Scene,
    wallet: WalletKind,
    currency: Currency,
    amount_minor: i64,
    notify_url: Option<String>,
}

/// All merchants.
pub(super) struct Merchants {
    pub(super) stage: Arc<Stage>,
    pub(super) house: Arc<House>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) payers: Payers,
    pub(super) sellers: Mutex<Vec<Arc<Seller>>>,
    pub(super) sales: Mutex<Vec<Sale>>,
}

impl Merchants {
    /// How many sales there are.
    pub(super) fn sale_count(&self) -> usize {
        let sales = self.sales.lock().unwrap_or_else(PoisonError::into_inner);
        sales.len()
    }

    /// A sale of before, if there is one.
    fn any_sale(&self) -> Option<Sale> {
        let sales = self.sales.lock().unwrap_or_else(PoisonError::into_inner);
        (!sales.is_empty()).then(|| self.stage.dice.pick(&sales).clone())
    }

    /// A new sale; its request may be sent several times at once, even with other content.
    pub(super) fn sell(self: &Arc<Self>) {
        let dice = &self.stage.dice;
        let seller = Arc::clone(dice.pick(&self.sellers()));
        self.sell_as(seller);
    }

    /// Those who sell so far.
    pub(super) fn sellers(&self) -> MutexGuard<'_, Vec<Arc<Seller>>> {
        self.sellers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new sale of this one's.
    pub(super) fn sell_as(self: &Arc<Self>, seller: Arc<Seller>) {
        let dice = &self.stage.dice;
        let notify_url = format!("https://{}.example/notified", seller.name);
        let sale = Sale {
            number: format!("{}-{}", seller.name, self.sale_count() + 1),
            seller,
            scene: dice.weigh(&[
                (50, Scene::Barcode),
                (12, Scene::Face),
                (18, Scene::Native),
                (20, Scene::Page),
            ]),
            wallet: *dice.pick(&WALLETS),
            currency: dice.weigh(&[(85, Currency::CNY), (15, foreign())]),
            amount_minor: dice.between(1, 20_000),
            notify_url: dice.happens(90).then_some(notify_url),
        };
        self.sales
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(sale.clone());
        self.send_order(sale.clone());
        if dice.happens(8) {
            self.send_order(sale.clone());
            self.send_order(self.perhaps_altered(sale));
        }
    }

    /// A sale's request once more.
    pub(super) fn sell_again(self: &Arc<Self>) {
        if let Some(sale) = self.any_sale() {
            self.send_order(self.perhaps_altered(sale));
        }
    }

    fn perhaps_altered(&self, mut sale: Sale) -> Sale {
        if self.stage.dice.happens(40) {
            sale.amount_minor += 1;
        }
        sale
    }

    fn send_order(self: &Arc<Self>, sale: Sale) {
        let order = NewOrder {
            merchant_order_no: sale.number.clone(),
            amount_minor: sale.amount_minor,
            currency: sale.currency,
            subject: "goods".to_owned(),
            notify_url: sale.notify_url.clone(),
            return_url: None,
            attributes: Attributes::default(),
            terms: SaleTerms::default(),
            is_same_day: false,
        };
        let wallet = sale.wallet;
        let prepay = |order, scene| {
            Command::Prepay(Prepay {
                order,
                scene,
                life: Life::Default,
            })
        };
        let pay = |order, consent| {
            Command::Pay(Pay {
                order,
                wallet: Some(wallet),
                consent,
                auth_code: "134886863488188613".to_owned(),
            })
        };
        let command = match sale.scene {
            Scene::Barcode => pay(order, Consent::Barcode),
            Scene::Face => {
                let payer_id = Some("the payer".to_owned());
                pay(order, Consent::Face { payer_id })
            }
            Scene::Native => prepay(order, PrepayScene::Native { wallet }),
            Scene::Page => prepay(order, PrepayScene::Qr { wallet: None }),
        };
        let merchants = Arc::clone(self);
        self.stage.begin(async move {
            let reply = merchants.ask(&sale, command).await;
            let Some(Ok(Reply::Prepaid { order, handoff, .. })) = reply else {
                return;
            };
            match handoff {
                Some(Handoff::TradeNo(trade_no)) => {
                    merchants.payers.invoke(sale.wallet, &trade_no);
                }
                _ => merchants
                    .payers
                    .visit(&merchants.house, &sale.seller, order.order_no),
            }
        });
    }

    /// Something about a sale of before.
    pub(super) fn ask_about(self: &Arc<Self>, what: impl Fn(&Self, &Sale) -> Command) {
        let Some(sale) = self.any_sale() else {
            return;
        };
        let count = if self.stage.dice.happens(15) { 2 } else { 1 };
        for _ in 0..count {
            let command = what(self, &sale);
            let (merchants, sale) = (Arc::clone(self), sale.clone());
            self.stage.begin(async move {
                merchants.ask(&sale, command).await;
            });
        }
    }

    pub(super) fn query(&self, sale: &Sale) -> Command {
        Command::Query(Query {
            order: reference(sale),
            finds_refunds: false,
        })
    }

    pub(super) fn cancel(&self, sale: &Sale) -> Command {
        Command::Cancel(Cancel {
            order: reference(sale),
        })
    }

    pub(super) fn close(&self, sale: &Sale) -> Command {
        Command::Close(Close {
            order: reference(sale),
        })
    }

    /// A refund, under one of few numbers, so that they repeat and contradict one another.
    pub(super) fn refund(&self, sale: &Sale) -> Command {
        let dice = &self.stage.dice;
        let all = sale.amount_minor;
        let part = dice.between(1, all);
        let notify_url = format!("https://{}.example/refunded", sale.seller.name);
        Command::Refund(RefundCommand {
            order: reference(sale),
            merchant_refund_no: format!("{}-r{}", sale.number, dice.between(1, 3)),
            amount_minor: *dice.pick(&[all, (all / 3).max(1), part]),
            order_amount_minor: None,
            reason: "returned".to_owned(),
            notify_url: dice.happens(70).then_some(notify_url),
            attributes: Attributes::default(),
        })
    }

    pub(super) fn query_refund(&self, sale: &Sale) -> Command {
        let number = format!("{}-r{}", sale.number, self.stage.dice.between(1, 3));
        Command::QueryRefund(QueryRefund {
            refund: RefundReference::Merchant(number),
            order: None,
        })
    }

    /// Asks, and looks at what comes back. `None` if the house was down or died.
    async fn ask(&self, sale: &Sale, command: Command) -> Option<Result<Reply, TradeError>> {
        let (stage, verb) = (&self.stage, command.verb());
        wait_ms(stage.dice.between(0, 20)).await;
        let name = &sale.seller.name;
        let makes_order = matches!(command, Command::Pay(_) | Command::Prepay(_));
        stage.line(
            name,
            verb,
            &sale.number,
            &format!("{} {}", sale.amount_minor, sale.currency),
        );
        let before = self.recorder.named(&sale.seller.app_id, &sale.number);
        let since_ms = stage.clock.passed_ms();
        let seller = Arc::clone(&sale.seller);
        let deed = |engine: Engine| async move { execute(&engine, &seller, command).await };
        let reply = self.house.run(deed).await;
        let took_ms = stage.clock.passed_ms() - since_ms;
        let heard = match &reply {
            None => "nobody there".to_owned(),
            Some(Ok(reply)) => words(reply),
            Some(Err(error)) => format!("{:?}: {}", error.code, error.message),
        };
        stage.line(
            name,
            "is answered",
            &sale.number,
            &format!("{verb}: {heard}"),
        );
        stage.must(took_ms <= ANSWER_WITHIN_MS, || {
            format!("{verb} of {} took {took_ms} ms", sale.number)
        });
        match &reply {
            Some(Ok(reply)) => {
                let order = self.order_told(reply)?;
                let is_asked = order.merchant_order_no == sale.number
                    && (!makes_order || order.amount_minor == sale.amount_minor);
                stage.must(is_asked, || {
                    format!(
                        "(5) {verb} of {} was answered with another order",
                        sale.number
                    )
                });
                let is_new = before.is_none_or(|before| before.version <= order.version);
                stage.must(is_new, || {
                    format!(
                        "(15) {verb} of {} was answered with what was before",
                        sale.number
                    )
                });
            }
            Some(Err(error)) => {
                stage.must(error.code != ErrorCode::Internal, || {
                    format!("{verb} of {}: {}", sale.number, error.message)
                });
                if let Some(order) = &error.order {
                    self.must_be_said(order);
                }
                if error.code == ErrorCode::MerchantNotEnabled {
                    let applications = &self.recorder.applications;
                    applications.must_have_been_shut(sale.seller.app_id.as_str(), since_ms);
                }
            }
            None => {}
        }
        reply
    }

    /// Invariant 15: what is told stood in the books.
    fn must_be_said(&self, order: &Order) {
        let said = self.recorder.version(order.order_no, order.version);
        self.stage.must(said.as_ref() == Some(order), || {
            format!("(15) told {order:?}, the books said {said:?}")
        });
    }

    /// The order of a reply, checked.
    fn order_told<'a>(&self, reply: &'a Reply) -> Option<&'a Order> {
        let (order, refunds) = match reply {
            Reply::Order { order, .. } | Reply::Prepaid { order, .. } => (order, &[][..]),
            Reply::Refund { order, refund, .. } => (order, std::slice::from_ref(&**refund)),
            Reply::Refunds { order, refunds, .. } => (order, &refunds[..]),
            _ => return None,
        };
        self.must_be_said(order);
        for refund in refunds {
            let book = self.house.store.book(&order.merchant_id, order.order_no)?;
            let known = book
                .refunds
                .iter()
                .find(|known| known.refund_no == refund.refund_no);
            // One that failed may be tried again meanwhile.
            let is_true = known.is_some_and(|known| {
                known.state == refund.state || refund.state != RefundState::Succeeded
            });
            self.stage.must(is_true, || {
                format!("(15) told {refund:?}, the books have {known:?}")
            });
        }
        Some(order)
    }
}

/// A currency that is not the journal's.
pub(super) fn foreign() -> Currency {
    "USD".parse().expect("three letters")
}

fn reference(sale: &Sale) -> OrderReference {
    OrderReference {
        candidates: vec![Reference::Merchant(sale.number.clone())],
        falls_back: false,
    }
}

async fn execute(engine: &Engine, seller: &Seller, command: Command) -> Result<Reply, TradeError> {
    let profile = match engine.find_app(&seller.dialect, &seller.app_id).await {
        Ok(Some(profile)) => profile,
        Ok(None) => return Err(TradeError::new(ErrorCode::UnknownMerchant, "unknown")),
        Err(cause) => {
            return Err(TradeError::new(
                ErrorCode::BooksUnavailable,
                cause.to_string(),
            ));
        }
    };
    let caller = Caller {
        profile,
        received_at: engine.clock().now(),
        exchange: None,
        audit: None,
    };
    engine.execute(caller, command).await.0
}

/// A reply in few words.
fn words(reply: &Reply) -> String {
    match reply {
        Reply::Order { order, .. } => format!("{} {}", order.order_no, order.state.as_str()),
        Reply::Prepaid { order, handoff, .. } => {
            format!("{} {handoff:?}", order.order_no)
        }
        Reply::Refund { refund, .. } => format!("{} {}", refund.refund_no, refund.state.as_str()),
        _ => "something".to_owned(),
    }
}
