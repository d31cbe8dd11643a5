//! `heliu exchanges`

use clap::Subcommand;
use heliu_office::exchanges::{ExchangeRow, ExchangeView, ExchangesAsked};

use super::arguments::Time;
use super::desk::{Desk, Pages};
use crate::admin::Request;
use crate::failure::Failure;
use crate::terminal::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Exchanges, newest first
    List {
        #[command(flatten)]
        time: Time,
        /// The one with this X-Request-Id
        #[arg(long)]
        request_id: Option<String>,
        /// Of apps of this merchant
        #[arg(long)]
        merchant: Option<String>,
        /// On this protocol
        #[arg(long)]
        dialect: Option<String>,
        /// Of this app
        #[arg(long)]
        app_id: Option<String>,
        /// About this order, by our number
        #[arg(long)]
        order: Option<String>,
        /// ok (it was done), refused (it was not), unanswered, an order's state, or an error's code
        #[arg(long)]
        outcome: Option<String>,
        #[command(flatten)]
        pages: Pages,
    },
    /// What a merchant sent and was answered
    Show {
        /// The X-Request-Id of the answer
        request_id: String,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::List {
            time,
            request_id,
            merchant,
            dialect,
            app_id,
            order,
            outcome,
            pages,
        } => {
            let asked = ExchangesAsked {
                request_id,
                came: time.between()?,
                merchant_id: merchant,
                dialect_id: dialect,
                app_id,
                order_no: order,
                outcome,
            };
            let request = |part| Request::ListExchanges(asked.clone(), part);
            desk.pages::<ExchangeRow>(pages, request).await
        }
        Command::Show { request_id } => desk.show(Request::ShowExchange { request_id }, text).await,
    }
}

fn text(exchange: &ExchangeView) -> String {
    let nobody = "nobody whose signature held";
    let signer = exchange.signer.as_deref().unwrap_or(nobody);
    let mut lines = vec![
        format!("exchange {}", exchange.request_id),
        format!("  at           {}, from {}", exchange.at, exchange.peer),
        format!("  by           {signer}, in {}", exchange.dialect_id),
        format!("  asked        {}", exchange.asked),
        format!("    {}", exchange.body),
    ];
    let Some(answer) = &exchange.answer else {
        lines.push("  answered     not yet, or the answer was lost".to_owned());
        return lines.join("\n");
    };
    let reading = answer.reading.as_deref().unwrap_or("unverified");
    lines.push(format!(
        "  answered     {} with status {} in {} ms, signature read as {reading}",
        answer.outcome, answer.status, answer.duration_ms
    ));
    lines.push(format!("    {}", answer.body));
    if let Some(order_no) = &answer.order_no {
        lines.push(format!("  order        {order_no}"));
    }
    let signing = answer.signing.iter().flat_map(|signing| signing.lines());
    lines.extend(signing.map(|line| format!("  {line}")));
    lines.join("\n")
}
