//! The demonstration: platform and sandbox in one process, embedded databases, demo merchants.

mod agents;
mod seed;

use std::sync::Arc;

use heliu_engine::Engine;
use heliu_gateway::serve;
use heliu_outbound::SmsProvider;
use heliu_ports::crash;
use heliu_sandbox::{Options, Sandbox};
use serde_json::json;

use crate::config::Config;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::lifecycle::{listen, serve_limits, start};
use crate::mode::Mode;
use crate::platform::Books;
use crate::stop::Stop;
use crate::terminal::show;

/// Tells programs where everything is; written last, when everything answers.
const DEMO_FILE: &str = "demo.json";

/// Runs until it is stopped.
pub(crate) async fn run(mut config: Config) -> Result<String, Failure> {
    // The demo's merchants listen on this machine.
    config.dangerous_allow_private_notify = true;
    let folder = Folder::take_to_serve(&config.data)?;
    let _ = std::fs::remove_file(folder.file(DEMO_FILE));
    let books = Books::open(&config, &folder, Mode::Sandbox).await?;
    let public = listen(config.listen, "the platform").await?;
    let private = listen(config.admin_listen, "health and metrics").await?;
    let upstream = listen(config.sandbox_listen, "the sandbox").await?;
    let platform_url = format!("http://{}", public.local_addr()?);
    let sandbox_url = format!("http://{}", upstream.local_addr()?);
    let admin_url = format!("http://{}", private.local_addr()?);
    let public_url = config
        .public_url
        .clone()
        .unwrap_or_else(|| platform_url.clone());

    let clock = Arc::clone(&books.clock);
    let sandbox = Sandbox::open(Options {
        database: folder.file("sandbox.db"),
        public_url: sandbox_url.clone(),
        platform_url: public_url.clone(),
        now_ms: Arc::new(move || clock.now().as_ms()),
        time_factor: books.time_factor,
        caller: None,
    })?;
    let account = sandbox.sms_account();
    let sms = SmsProvider {
        url: account.url,
        token: account.token.into(),
    };
    let engine = books.engine(&config, &public_url, Some(sms))?;
    seed::sow(&engine, &sandbox, &sandbox_url).await?;

    let stop = Stop::on_signals()?;
    sandbox.start();
    let limits = serve_limits(&config);
    let mut running = start(&config, &folder, &engine, public, private, &stop)?;
    running.tasks.spawn(serve(
        upstream,
        sandbox.router(),
        limits,
        running.last.clone().wait(),
    ));
    running.readiness.set(true);

    let curl_lines = seed::curl_lines(&engine, &platform_url).await?;
    let facts = json!({
        "platform": platform_url,
        "sandbox": sandbox_url,
        "admin": admin_url,
        "time_factor": books.time_factor,
        "dialects": seed::dialects(&platform_url),
        "channels": { "wechat": { "api_v2_key": sandbox.wechat_account().api_v2_key } },
    });
    show(&welcome(
        &config,
        &engine,
        &platform_url,
        &sandbox_url,
        &admin_url,
        &curl_lines,
    ));
    folder.write(DEMO_FILE, &format!("{facts:#}\n"))?;
    if let Some(nth) = config.laboratory.crash_at {
        crash::arm(nth);
    }
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
    let data = config.data.display();
    format!(
        "SANDBOX  no real money moves.  data: {data}\n\
         \n  platform   {platform_url}   speaks {}\
         \n  sandbox    {sandbox_url}   the channels and the payer; see /control in its README\
         \n  health     {admin_url}/readyz   metrics at /metrics\
         \n  numbers and keys for programs: {data}/{DEMO_FILE}\n\
         \n  take 1.58 yuan by barcode, signed for you (again with another out_trade_no: heliu sign):\
         \n    {}\n\
         \n  then   heliu orders show NUMBER   heliu books check\
         \n  stop   Ctrl-C",
        dialects.join(", "),
        curl_lines.join("\n    ")
    )
}
