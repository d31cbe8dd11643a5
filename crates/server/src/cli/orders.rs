//! `heliu orders`

use clap::{Args, Subcommand};
use heliu_office::orders::{Acted, OrderRow, OrderView, OrdersAsked};
use heliu_office::rows::Facts as _;
use heliu_office::sheet::Form;
use heliu_trade::money::yuan_text;

use super::arguments::{Time, agent, fen};
use super::desk::{Desk, Pages, json};
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::{Output, escaped_line};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Orders, newest first
    List {
        #[command(flatten)]
        wanted: Box<Wanted>,
        #[command(flatten)]
        pages: Pages,
    },
    /// An order's whole story: attempts, journal, notifications, exchanges
    Show {
        /// Our number, the merchant's, the channel's, or a refund's
        number: String,
    },
    /// How an order stands, with news from the channel if it is open
    Query {
        /// Our number, the merchant's, the channel's, or a refund's
        number: String,
    },
    /// Close an order as its merchant could
    Close {
        /// Our number, the merchant's, the channel's, or a refund's
        number: String,
    },
    /// Give back what is left of an order, or an amount of it
    Refund {
        /// Our number, the merchant's, the channel's, or a refund's
        number: String,
        /// How much, in minor units of the order's currency (fen for CNY)
        #[arg(long, value_name = "MINOR_UNITS")]
        amount_minor: Option<i64>,
        /// Why
        #[arg(long, default_value = "")]
        reason: String,
    },
}

/// Which orders or refunds; what is named must all hold.
#[derive(Debug, Args)]
pub(super) struct Wanted {
    #[command(flatten)]
    pub(super) time: Time,
    /// Of this merchant
    #[arg(long)]
    pub(super) merchant: Option<String>,
    /// Of merchants' apps that this agent signs for
    #[arg(long, value_name = "DIALECT:NUMBER")]
    pub(super) agent: Option<String>,
    /// In this state; several may be given
    #[arg(long = "state")]
    pub(super) states: Vec<String>,
    /// By this wallet
    #[arg(long)]
    pub(super) wallet: Option<String>,
    /// Through this account with a channel
    #[arg(long = "account")]
    pub(super) channel_account_id: Option<String>,
    /// Of at least this, in yuan
    #[arg(long, value_name = "YUAN")]
    pub(super) min: Option<String>,
    /// Of at most this, in yuan
    #[arg(long, value_name = "YUAN")]
    pub(super) max: Option<String>,
    /// Anybody's number, or its beginning
    #[arg(long)]
    pub(super) number: Option<String>,
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List { wanted, pages } => {
            let asked = OrdersAsked {
                created: wanted.time.between()?,
                merchant_id: wanted.merchant,
                agent: agent(wanted.agent.as_deref())?,
                states: wanted.states,
                wallet: wanted.wallet,
                channel_account_id: wanted.channel_account_id,
                charge_fen_min: fen(wanted.min.as_deref())?,
                charge_fen_max: fen(wanted.max.as_deref())?,
                number: wanted.number,
            };
            let request = |part| Request::ListOrders(asked.clone(), part);
            desk.pages::<OrderRow>(pages, request).await
        }
        Command::Show { number } => {
            let orders: Vec<OrderView> = desk.ask(Request::ShowOrder { number }).await?;
            match desk.form {
                Form::Table => {
                    let stories: Vec<_> = orders.iter().map(story).collect();
                    Ok(stories.join("\n\n").into())
                }
                Form::Json => json(&orders),
                Form::Csv => {
                    let facts = orders.iter().flat_map(OrderView::facts);
                    desk.rows(&facts.collect::<Vec<_>>())
                }
            }
        }
        Command::Query { number } => desk.show(Request::QueryOrder { number }, acted).await,
        Command::Close { number } => desk.show(Request::CloseOrder { number }, acted).await,
        Command::Refund {
            number,
            amount_minor,
            reason,
        } => {
            let request = Request::RefundOrder {
                number,
                amount_minor,
                reason,
            };
            desk.show(request, acted).await
        }
    }
}

fn acted(done: &Acted) -> String {
    let mut line = format!(
        "order {} of {}  {}",
        done.order_no, done.merchant_id, done.state
    );
    if let Some(refund) = &done.refund {
        line.push_str(&format!(
            "\nrefund {} ({})  {}  ¥{}",
            refund.refund_no,
            refund.merchant_refund_no,
            refund.state,
            yuan_text(refund.payable_fen)
        ));
    }
    line
}

fn story(order: &OrderView) -> String {
    let mut lines = vec![
        format!("order {}  {}", order.order_no, order.state),
        format!(
            "  merchant     {} ({}), number {}",
            order.merchant_id,
            order.app_id,
            escaped_line(&order.merchant_order_no)
        ),
        format!(
            "  asked        {} {} minor units, charged ¥{}",
            order.amount_minor,
            order.currency,
            yuan_text(order.charge_fen)
        ),
        format!("  subject      {}", escaped_line(&order.subject)),
    ];
    if let Some(payment) = &order.payment {
        lines.push(format!(
            "  payment      cash ¥{}, coupons ¥{}, received ¥{}, fee ¥{}, channel number {}",
            yuan_text(payment.cash_fen),
            yuan_text(payment.coupon_fen),
            yuan_text(payment.receivable_fen),
            yuan_text(payment.fee_fen),
            payment.channel_order_no
        ));
    }
    let decline = order.decline.iter();
    lines.extend(decline.map(|reason| format!("  refused      {}", escaped_line(reason))));
    lines.extend(order.attempts.iter().map(|attempt| {
        format!(
            "  attempt      {} {} by {} through {}",
            attempt.attempt_no, attempt.state, attempt.wallet, attempt.channel_account_id
        )
    }));
    lines.extend(order.refunds.iter().map(|refund| {
        format!(
            "  refund       {} ({}) {} ¥{}",
            refund.refund_no,
            escaped_line(&refund.merchant_refund_no),
            refund.state,
            yuan_text(refund.payable_fen)
        )
    }));
    let jobs = order.jobs.iter();
    lines.extend(jobs.map(|job| format!("  job          {} due {}", job.kind, job.due_at)));
    lines.push("  timeline".to_owned());
    lines.extend(
        order
            .timeline
            .iter()
            .map(|moment| format!("    {}  {:<9} {}", moment.at, moment.kind, moment.text)),
    );
    lines.join("\n")
}
