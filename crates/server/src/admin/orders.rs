//! An order's story: one timeline of events, journal entries, deliveries and exchanges.

use heliu_engine::Engine;
use heliu_ports::keys::Vault;
use heliu_ports::store::OrderStory;
use heliu_trade::money::yuan_text;
use heliu_trade::time::Timestamp;

use crate::failure::Failure;
use crate::terminal::escaped_line;

/// Characters of a body that one line shows.
const BODY_SHOWN_MAX: usize = 400;

pub(super) async fn show(engine: &Engine, number: String) -> Result<String, Failure> {
    let found = engine.store().search_orders(number.clone()).await?;
    if found.is_empty() {
        return Err(Failure::with_cure(
            format!("no order carries the number {number}"),
            "give our number, the merchant's, the channel's, or a refund's",
        ));
    }
    let mut stories = Vec::new();
    for (merchant_id, order_no) in found {
        if let Some(story) = engine.store().order_story(&merchant_id, order_no).await? {
            stories.push(tell(&story, &**engine.vault()));
        }
    }
    Ok(stories.join("\n\n"))
}

fn tell(story: &OrderStory, vault: &dyn Vault) -> String {
    let order = &story.book.order;
    let mut lines = vec![
        format!("order {}  {}", order.order_no, order.state.as_str()),
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
        format!("  subject      {}", escaped_line(&order.details.subject)),
    ];
    if let Some(payment) = &order.payment {
        let evidence = &payment.evidence;
        lines.push(format!(
            "  payment      cash ¥{}, coupons ¥{}, received ¥{}, fee ¥{}, channel number {}",
            yuan_text(evidence.cash_fen),
            yuan_text(evidence.coupon_fen()),
            yuan_text(evidence.receivable_fen()),
            yuan_text(payment.fee_fen),
            evidence.channel_order_no
        ));
    }
    if let Some(decline) = &order.decline {
        lines.push(format!("  refused      {}", escaped_line(&decline.reason)));
    }
    for attempt in &story.book.attempts {
        lines.push(format!(
            "  attempt      {} {} by {} through {}",
            attempt.attempt_no,
            attempt.state.as_str(),
            attempt.route.wallet.as_str(),
            attempt.route.channel_account_id
        ));
    }
    for refund in &story.book.refunds {
        lines.push(format!(
            "  refund       {} ({}) {} ¥{}",
            refund.refund_no,
            escaped_line(&refund.merchant_refund_no),
            refund.state.as_str(),
            yuan_text(refund.amounts.payable_fen)
        ));
    }
    for job in &story.book.trail.jobs {
        lines.push(format!(
            "  job          {} due {}",
            job.key.kind.as_str(),
            job.due_at
        ));
    }
    lines.push("  timeline".to_owned());
    lines.extend(
        timeline(story, vault)
            .into_iter()
            .map(|(at, text)| format!("    {at}  {text}")),
    );
    lines.join("\n")
}

fn timeline(story: &OrderStory, vault: &dyn Vault) -> Vec<(Timestamp, String)> {
    let mut moments = Vec::new();
    for (request, answer) in &story.exchanges {
        moments.push((
            request.at,
            0,
            format!(
                "asked     {} {}  (heliu exchanges show {})",
                request.path,
                shorten(&request.body),
                vault.request_id(request.exchange_no)
            ),
        ));
        if let Some(answer) = answer {
            let at = request.at.plus_ms(answer.duration_ms);
            let reading = answer.reading.unwrap_or("unverified");
            let text = format!(
                "answered  {} in {} ms, signature read as {reading}: {}",
                answer.outcome,
                answer.duration_ms,
                shorten(&answer.body)
            );
            moments.push((at, 4, text));
        }
    }
    for event in &story.book.trail.events {
        let alarm = if event.kind.is_alarm() { "ALARM " } else { "" };
        moments.push((
            event.at,
            1,
            format!(
                "event     {alarm}{} {}",
                event.kind.as_str(),
                shorten(&event.detail)
            ),
        ));
    }
    for entry in &story.book.trail.entries {
        let lines: Vec<_> = entry
            .lines
            .iter()
            .map(|line| format!("{} {}", line.account.name(), yuan_text(line.amount_fen)))
            .collect();
        moments.push((
            entry.at,
            2,
            format!("journal   {}: {}", entry.kind.as_str(), lines.join(", ")),
        ));
    }
    for delivery in &story.book.trail.deliveries {
        let answer = delivery
            .answer
            .as_deref()
            .unwrap_or("under way, or lost with the process");
        let text = format!(
            "notified  {} try {}: {}",
            delivery.notification_no,
            delivery.try_index,
            shorten(answer)
        );
        moments.push((delivery.begun_at, 3, text));
    }
    moments.sort_by_key(|(at, rank, _)| (*at, *rank));
    moments
        .into_iter()
        .map(|(at, _, text)| (at, text))
        .collect()
}

fn shorten(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= BODY_SHOWN_MAX {
        return line;
    }
    line.chars().take(BODY_SHOWN_MAX).chain(['…']).collect()
}
