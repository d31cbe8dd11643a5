//! `heliu serve`: the platform, live.

use crate::config::Config;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::lifecycle::{listen, serve_limits, start};
use crate::mode::Mode;
use crate::platform::{Books, sms_provider};
use crate::stop::Stop;

/// A till's connection, and the one to its channel.
const FILES_PER_CONNECTION: u64 = 2;

pub(super) async fn run(config: Config) -> Result<String, Failure> {
    config.listeners.check_public_url(true)?;
    let folder = Folder::take_to_serve(&config.books.data)?;
    let books = Books::open(&config, &folder, Mode::Live).await?;
    let public = listen(config.listeners.listen, "the platform").await?;
    let private = listen(config.listeners.admin_listen, "health and metrics").await?;
    let address = public.local_addr()?;
    let public_url = config
        .listeners
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{address}"));
    if config.listeners.public_url.is_none() {
        tracing::warn!(
            %public_url,
            "no public_url is set: payers and channels are sent to this address, which may lead to their own machine"
        );
    }
    let sms = sms_provider(&config)?;
    if sms.is_none() {
        tracing::info!("no sms_url is configured: merchants cannot ask for login codes");
    }
    let engine = books.engine(&config, &public_url, sms)?;
    let stop = Stop::on_signals()?;
    let limits = serve_limits(&config, FILES_PER_CONNECTION);
    let mut running = start(&config, &folder, &engine, public, private, limits, &stop)?;
    running.readiness.set(true);
    tracing::info!(%address, %public_url, "serving");
    while running.tasks.join_next().await.is_some() {}
    books.store.close().await;
    Ok(String::new())
}
