//! Payments of the date, by the engine's own way: two commits each, through a channel that answers
//! at once.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use heliu_engine::{AppProfile, Caller, Engine};
use heliu_ports::clock::MovableClock;
use heliu_trade::command::{Command, Consent, NewOrder, Pay};
use heliu_trade::goods::SaleTerms;
use heliu_trade::money::Currency;
use heliu_trade::order::Attributes;
use heliu_trade::time::MINUTE_MS;
use heliu_trade::wallet::WalletKind;
use tokio::time::Instant;

use super::shops::{DIALECT, app_id};
use super::{ORDERS, Outcome, tell};

/// When the first one is paid, after the date's beginning.
pub(super) const BEGIN_MS: i64 = MINUTE_MS;
/// Over how much of the date they are spread; making them takes a part of the rest.
const SPREAD_MS: i64 = 20 * 60 * MINUTE_MS;
/// Payments under way at the same time.
const AT_ONCE: usize = 256;

/// Makes so many orders, shop after shop.
pub(super) async fn make(
    engine: &Engine,
    clock: &MovableClock,
    count: u64,
    shops: u64,
) -> Outcome<()> {
    let dialects = engine.dialects().iter();
    let mut dialects = dialects.filter(|dialect| dialect.descriptor().id == DIALECT);
    let dialect = dialects.next().ok_or("no such dialect")?;
    let mut profiles = Vec::new();
    for shop in 0..shops {
        let found = engine
            .find_app(dialect, &app_id(shop).as_str().into())
            .await?;
        profiles.push(found.ok_or("a shop is missing")?);
    }
    let started = Instant::now();
    let profiles = profiles.iter().cycle();
    let paying = stream::iter((0..count).zip(profiles)).map(|(index, profile)| {
        let share = i128::from(SPREAD_MS) * i128::from(index) / i128::from(count);
        clock.set_ahead(i64::try_from(share).unwrap_or(SPREAD_MS));
        pay(engine, profile, index)
    });
    paying.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    tell(ORDERS, count, started.elapsed().as_secs_f64());
    Ok(())
}

async fn pay(engine: &Engine, profile: &Arc<AppProfile>, index: u64) -> Outcome<()> {
    let caller = Caller {
        profile: Arc::clone(profile),
        received_at: engine.clock().now(),
        exchange: None,
        audit: None,
    };
    let order = NewOrder {
        merchant_order_no: format!("D{index:015}"),
        amount_minor: 1_000 + i64::try_from(index * 7_919 % 50_000)?,
        currency: Currency::CNY,
        subject: "coffee".to_owned(),
        notify_url: None,
        return_url: None,
        attributes: Attributes::default(),
        terms: SaleTerms::default(),
        is_same_day: false,
    };
    let pay = Command::Pay(Pay {
        order,
        wallet: Some(WalletKind::Wechat),
        consent: Consent::Barcode,
        auth_code: "134886863488188613".to_owned(),
    });
    let (paid, _) = engine.execute(caller, pay).await;
    paid.map_err(|error| error.message)?;
    Ok(())
}
