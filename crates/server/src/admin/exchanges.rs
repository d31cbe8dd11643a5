//! One exchange, by the id that its answer carried.

use heliu_engine::Engine;

use crate::failure::Failure;

pub(super) async fn show(engine: &Engine, request_id: &str) -> Result<String, Failure> {
    let number = engine.vault().exchange_of(request_id.trim());
    let found = match number {
        Some(number) => engine.store().find_exchange(number).await?,
        None => None,
    };
    let (request, answer) = found.ok_or_else(|| {
        Failure::with_cure(
            format!("no exchange has the request id {request_id}"),
            "give the X-Request-Id of an answer; exchanges are kept for seven days, fewer if there are very many",
        )
    })?;
    let signer = request
        .app_id
        .as_ref()
        .map_or("nobody whose signature held", |app| app.as_str());
    let query = match request.query.as_str() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let mut lines = vec![
        format!("exchange {}", request_id.trim()),
        format!("  at           {}, from {}", request.at, request.peer),
        format!("  by           {signer}, in {}", request.dialect_id),
        format!("  asked        {}{query}", request.path),
        format!("    {}", request.body),
    ];
    match answer {
        None => lines.push("  answered     not yet, or the answer was lost".to_owned()),
        Some(answer) => {
            let reading = answer.reading.unwrap_or("unverified");
            lines.push(format!(
                "  answered     {} with status {} in {} ms, signature read as {reading}",
                answer.outcome, answer.status, answer.duration_ms
            ));
            lines.push(format!("    {}", answer.body));
            if let Some(order_no) = answer.order_no {
                lines.push(format!("  order        {order_no}"));
            }
            if let Some(signing) = answer.signing {
                lines.extend(signing.lines().map(|line| format!("  {line}")));
            }
        }
    }
    Ok(lines.join("\n"))
}
