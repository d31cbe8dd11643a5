//! The stop: signals, and who waits for them. A process stops in three steps: no new work from
//! outside and what is under way is finished; then the jobs, which such work may be waiting for;
//! then the rest.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Failure;

/// Resolves when the process is to stop.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

/// Brings a stop about.
pub(crate) struct Trigger(watch::Sender<bool>);

impl Trigger {
    /// Tells everybody who waits.
    pub(crate) fn pull(&self) {
        let _ = self.0.send(true);
    }
}

impl Stop {
    /// A later step of stopping, and what brings it about. A dropped trigger counts as pulled.
    pub(crate) fn step() -> (Trigger, Self) {
        let (sender, receiver) = watch::channel(false);
        (Trigger(sender), Self(receiver))
    }

    /// Stops on SIGTERM and SIGINT.
    pub(crate) fn on_signals() -> Result<Self, Failure> {
        let (sender, receiver) = watch::channel(false);
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("stopping: no new work, requests under way are finished");
            let _ = sender.send(true);
            // The sender must live as long as somebody listens.
            sender.closed().await;
        });
        Ok(Self(receiver))
    }

    /// Waits for the stop.
    pub(crate) async fn wait(mut self) {
        let _ = self.0.wait_for(|is_stopping| *is_stopping).await;
    }
}
