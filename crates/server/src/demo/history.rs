//! What a demonstration has behind it when its books are new: some days of payments and refunds, so
//! that there is something to close, to settle and to pay out at once.
//!
//! The clock begins as many days before now, and is moved on from one round of payments to the
//! next; meanwhile the steps of the dates that are over run at their time. Numbers are fixed, so
//! that nodes that begin together make each payment once.

use futures::{StreamExt, stream};
use heliu_engine::{Caller, Engine};
use heliu_office::Office;
use heliu_trade::command::{
    Command, Consent, NewOrder, OrderReference, Pay, Reference, RefundCommand,
};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::goods::SaleTerms;
use heliu_trade::money::Currency;
use heliu_trade::order::Attributes;
use heliu_trade::time::DAY_MS;

use super::{agents, leshua, paid_out, seed};
use crate::platform::Past;

/// Rounds of payments a day.
const ROUNDS_PER_DAY: i64 = 3;
/// Payments under way at the same time.
const AT_ONCE: usize = 6;

/// A payment that each round has.
struct Sale {
    dialect: &'static str,
    app_id: &'static str,
    auth_code: &'static str,
    fen: i64,
    /// What goes back of it in the first round of a day.
    back_fen: Option<i64>,
}

const WECHAT: &str = "134567890123456700";
const ALIPAY: &str = "284214903060794700";

const fn sale(
    (dialect, app_id): (&'static str, &'static str),
    auth_code: &'static str,
    fen: i64,
    back_fen: Option<i64>,
) -> Sale {
    Sale {
        dialect,
        app_id,
        auth_code,
        fen,
        back_fen,
    }
}

/// Merchants whose money the platform holds, of two agents and of one below, and merchants whom the
/// wallets pay themselves.
const SALES: [Sale; 6] = [
    sale(
        (leshua::DIALECT, leshua::MERCHANT_ID),
        WECHAT,
        12_345,
        Some(2_345),
    ),
    sale((leshua::DIALECT, leshua::MERCHANT_ID), ALIPAY, 6_600, None),
    sale(
        (leshua::DIALECT, leshua::LOWER_MERCHANT_ID),
        WECHAT,
        8_800,
        None,
    ),
    sale(
        (leshua::DIALECT, leshua::SECOND_MERCHANT_ID),
        ALIPAY,
        4_500,
        None,
    ),
    sale((seed::FUFU, seed::FUFU_BUSI_ID), ALIPAY, 1_580, Some(580)),
    sale((agents::DIALECT, agents::MCH_ID), WECHAT, 990, None),
];

/// Agents who earn by it, and the cards to which they are paid.
const AGENTS: [(&str, &str); 2] = [
    (leshua::AGENT_ID, "6200000000000000059"),
    (leshua::LOWER_AGENT_ID, "6200000000000000067"),
];

/// Makes it; in the end the clock stands at now. A payment that does not come through is left as it
/// is: the demonstration begins all the same.
pub(super) async fn make(engine: &Engine, past: &Past) {
    let office = Office::new(engine.clone());
    for (agent_id, card) in AGENTS {
        let owner = format!("agent:{agent_id}");
        if let Err(failure) = paid_out::sow_card(&office, &owner, card).await {
            tracing::warn!(%failure, owner, "an agent of the history has no card");
        }
    }
    let gap_ms = DAY_MS / ROUNDS_PER_DAY;
    for round in 0..past.length_ms() / gap_ms {
        past.move_to(round * gap_ms);
        let selling = SALES.iter().enumerate();
        let selling = selling.map(|(place, sale)| sell(engine, sale, round, place));
        let mut selling = stream::iter(selling).buffer_unordered(AT_ONCE);
        while let Some(sold) = selling.next().await {
            if let Err(error) = sold {
                tracing::warn!(cause = %error.message, "a payment of the history is missing");
            }
        }
    }
    past.move_to(past.length_ms());
    // What is due by now is there when people look, and not half a minute later.
    if let Err(error) = engine.run_due_steps().await {
        tracing::warn!(cause = %error.message, "the history's dates are not done yet");
    }
}

/// One payment, and the refund that follows it.
async fn sell(engine: &Engine, sale: &Sale, round: i64, place: usize) -> Result<(), TradeError> {
    let number = format!("HISTORY{round:03}{place}");
    let order = NewOrder {
        merchant_order_no: number.clone(),
        amount_minor: sale.fen,
        currency: Currency::CNY,
        subject: "演示商品".to_owned(),
        notify_url: None,
        return_url: None,
        attributes: Attributes::default(),
        terms: SaleTerms::default(),
        is_same_day: false,
    };
    let pay = Command::Pay(Pay {
        order,
        wallet: None,
        consent: Consent::Barcode,
        auth_code: sale.auth_code.to_owned(),
    });
    execute(engine, sale, pay).await?;
    let Some(back_fen) = sale.back_fen.filter(|_| round % ROUNDS_PER_DAY == 0) else {
        return Ok(());
    };
    let refund = Command::Refund(RefundCommand {
        order: OrderReference {
            candidates: vec![Reference::Merchant(number.clone())],
            falls_back: false,
        },
        merchant_refund_no: format!("{number}R"),
        amount_minor: back_fen,
        order_amount_minor: None,
        reason: "演示退款".to_owned(),
        notify_url: None,
        attributes: Attributes::default(),
    });
    execute(engine, sale, refund).await
}

async fn execute(engine: &Engine, sale: &Sale, command: Command) -> Result<(), TradeError> {
    let unknown = || TradeError::new(ErrorCode::Internal, format!("no app {}", sale.app_id));
    let mut dialects = engine.dialects().iter();
    let dialect = dialects.find(|dialect| dialect.descriptor().id == sale.dialect);
    let dialect = dialect.ok_or_else(unknown)?;
    let found = engine.find_app(dialect, &sale.app_id.into()).await;
    let found =
        found.map_err(|cause| TradeError::new(ErrorCode::BooksUnavailable, cause.to_string()))?;
    let caller = Caller {
        profile: found.ok_or_else(unknown)?,
        received_at: engine.clock().now(),
        exchange: None,
        audit: None,
    };
    engine.execute(caller, command).await.0.map(|_| ())
}
