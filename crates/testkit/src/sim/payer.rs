//! Payers: they pay what was handed to them, or think better of it, and come to the cashier page,
//! perhaps two at once with different wallets.

use std::sync::Arc;

use heliu_engine::PageStep;
use heliu_ports::dialect::PageReference;
use heliu_trade::attempt::Handoff;
use heliu_trade::id::OrderNo;
use heliu_trade::wallet::{Scene, WalletKind};

use super::channel::Bank;
use super::dialect::WALLETS;
use super::house::House;
use super::seller::Seller;
use super::stage::{Stage, wait_ms};

/// All payers.
#[derive(Clone)]
pub(super) struct Payers {
    pub(super) stage: Arc<Stage>,
    pub(super) banks: Vec<Arc<Bank>>,
}

impl Payers {
    /// The bank behind a wallet.
    pub(super) fn bank(&self, wallet: WalletKind) -> &Arc<Bank> {
        let index = WALLETS.iter().position(|known| *known == wallet);
        &self.banks[index.unwrap_or(0)]
    }

    /// A wallet was invoked: its payer decides after a while, or never.
    pub(super) fn invoke(&self, wallet: WalletKind, trade_no: &str) {
        let dice = &self.stage.dice;
        if dice.happens(15) {
            return;
        }
        let (after_ms, pays) = (dice.between(200, 300_000), dice.happens(85));
        let number = trade_no.trim_start_matches('T').to_owned();
        let bank = Arc::clone(self.bank(wallet));
        self.stage.begin(async move {
            wait_ms(after_ms).await;
            bank.payer_decides(&number, pays);
        });
    }

    /// Payers come to an order's page.
    pub(super) fn visit(&self, house: &Arc<House>, seller: &Arc<Seller>, order_no: OrderNo) {
        for index in 0..self.stage.dice.between(0, 3) {
            let (payers, house) = (self.clone(), Arc::clone(house));
            let seller = Arc::clone(seller);
            let after_ms = self.stage.dice.between(100, 40_000);
            self.stage.begin(async move {
                wait_ms(after_ms).await;
                payers.come(&house, &seller, order_no, index).await;
            });
        }
    }

    /// One payer: through the wallet's consent to what invokes it.
    async fn come(
        &self,
        house: &House,
        seller: &Seller,
        order_no: OrderNo,
        index: i64,
    ) -> Option<()> {
        let wallet = *self.stage.dice.pick(&WALLETS);
        let payer = format!("payer-{index}");
        let page = PageReference {
            app: seller.app_id.clone(),
            order_no,
            scene: Scene::Qr,
            proof: None,
            charge_fen: None,
        };
        let dialect_id = seller.dialect.descriptor().id;
        self.stage
            .line(&payer, "opens page", &order_no.to_string(), wallet.as_str());
        let step = house
            .run(|engine| async move { engine.open_page(dialect_id, &page, Some(wallet)).await })
            .await?;
        let Ok(PageStep::Authorize { url }) = step else {
            return None;
        };
        wait_ms(self.stage.dice.between(50, 5_000)).await;
        let (address, state) = url.split_once("?state=")?;
        let visit = address.rsplit('/').next()?.to_owned();
        let (state, name) = (state.to_owned(), payer.clone());
        let step = house
            .run(|engine| async move {
                let parameter = |_: &str| Some(name.clone());
                engine.return_to_page(&visit, &state, parameter).await
            })
            .await?;
        let Ok(PageStep::Invoke { handoff, .. }) = step else {
            return None;
        };
        if let Handoff::TradeNo(trade_no) = handoff {
            self.stage
                .line(&payer, "invokes", &trade_no, wallet.as_str());
            self.invoke(wallet, &trade_no);
        }
        Some(())
    }
}
