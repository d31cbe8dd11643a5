//! The demonstration: platform and sandbox in one process, embedded databases, demo merchants.

mod agents;
mod clock;
mod history;
mod leshua;
mod paid_out;
mod portals;
mod seed;
mod sowing;
mod upstream;

use std::sync::Arc;

use heliu_engine::Engine;
use heliu_office::Office;
use heliu_outbound::SmsProvider;
use serde_json::json;

use clock::OfficeClock;
use upstream::Upstream;
pub(crate) use upstream::run_alone as run_sandbox;

use crate::config::Config;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::lifecycle::{limits_beside, listen, serve_limits, start};
use crate::mode::Mode;
use crate::platform::Books;
use crate::stop::Stop;
use crate::terminal::show;

/// Tells programs where everything is; written last, when everything answers.
const DEMO_FILE: &str = "demo.json";
/// A till's connection, and both ends of the one to the channels, which are in this process too.
const FILES_PER_CONNECTION: u64 = 3;

/// Runs until it is stopped.
pub(crate) async fn run(mut config: Config) -> Result<String, Failure> {
    // The demo's merchants listen on this machine.
    config.notifications.dangerous_allow_private_notify = true;
    let folder = Folder::take_to_serve(&config.books.data)?;
    let _ = std::fs::remove_file(folder.file(DEMO_FILE));
    let books = Books::open(&config, &folder, Mode::Sandbox).await?;
    let public = listen(config.listeners.listen, "the platform").await?;
    let private = listen(config.listeners.admin_listen, "health and metrics").await?;
    let platform_url = format!("http://{}", public.local_addr()?);
    let admin_url = format!("http://{}", private.local_addr()?);
    let public_url = config
        .listeners
        .public_url
        .clone()
        .unwrap_or_else(|| platform_url.clone());

    let clock = Arc::clone(&books.clock);
    let upstream = Upstream::open(&config, &folder, &public_url, clock, books.time_factor).await?;
    let portals = upstream.portals.clone();
    let sms = SmsProvider {
        url: portals.sms.url.clone(),
        token: portals.sms.token.clone().into(),
    };
    let engine = books.engine(&config, &public_url, Some(sms))?;
    upstream.move_clock_by(Arc::new(OfficeClock(Office::new(engine.clone()))));
    seed::sow(&engine, &portals).await?;

    config.laboratory.arm();
    let stop = Stop::on_signals()?;
    let limits = serve_limits(&config, FILES_PER_CONNECTION);
    let sandbox_limits = limits_beside(&limits, limits.connections_max);
    let mut running = start(&config, &folder, &engine, public, private, limits, &stop)?;
    let last = running.last.clone();
    running
        .tasks
        .spawn(async move { upstream.serve(sandbox_limits, last).await });
    if let Some(past) = &books.past {
        history::make(&engine, past).await;
    }
    if let Some(url) = config.sandbox.sandbox_url.clone() {
        let (engine, stop) = (engine.clone(), stop.clone());
        running.tasks.spawn(async move {
            tokio::select! {
                () = clock::follow(engine, url) => {}
                () = stop.wait() => {}
            }
        });
    }
    running.readiness.set(true);

    let curl_lines = seed::curl_lines(&engine, &platform_url).await?;
    let facts = json!({
        "platform": platform_url,
        "sandbox": portals.base_url,
        "admin": admin_url,
        "time_factor": books.time_factor,
        "dialects": seed::dialects(&platform_url),
        "channels": { "wechat": { "api_v2_key": portals.wechat.api_v2_key } },
    });
    show(&welcome(
        &config,
        &engine,
        &platform_url,
        &portals.base_url,
        &admin_url,
        &curl_lines,
    ));
    folder.write(DEMO_FILE, &format!("{facts:#}\n"))?;
    while running.tasks.join_next().await.is_some() {}
    books.store.close().await;
    Ok(String::new())
}

fn welcome(
    config: &Config,
    engine: &Engine,
    platform_url: &str,
    sandbox_url: &str,
    admin_url: &str,
    curl_lines: &[String],
) -> String {
    let dialects: Vec<_> = engine
        .dialects()
        .iter()
        .map(|d| d.descriptor().name)
        .collect();
    let data = config.books.data.display();
    format!(
        "SANDBOX  no real money moves.  data: {data}\n\
         \n  platform   {platform_url}   speaks {}\
         \n  sandbox    {sandbox_url}   the channels and the payer; see /control in its README\
         \n  health     {admin_url}/readyz   metrics at /metrics\
         \n  numbers and keys for programs: {data}/{DEMO_FILE}\n\
         \n  take 1.58 yuan by barcode, signed for you (again with another out_trade_no: heliu sign):\
         \n    {}\n\
         \n  then   heliu orders show NUMBER   heliu books check\
         \n         heliu day show   heliu payouts list   heliu statements list\
         \n  stop   Ctrl-C",
        dialects.join(", "),
        curl_lines.join("\n    ")
    )
}
