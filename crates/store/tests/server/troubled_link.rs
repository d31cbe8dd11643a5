//! A link to the server on which things go wrong when they are told to: the answer to a COMMIT that
//! went through is lost, bytes take their time, nothing comes through at all.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{oneshot, watch};

/// The message that commits, as it goes over the wire.
const COMMIT: &[u8] = b"Q\x00\x00\x00\x0bCOMMIT\x00";

/// What goes wrong.
struct Troubles {
    losses: AtomicUsize,
    delay_ms: AtomicU64,
    is_blocked: watch::Sender<bool>,
}

pub(crate) struct TroubledLink {
    folder: PathBuf,
    troubles: Arc<Troubles>,
}

impl TroubledLink {
    /// A link to the server whose sockets are in `folder`.
    pub(crate) fn open(server: PathBuf, name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("heliu-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).expect("a socket");
        let troubles = Arc::new(Troubles {
            losses: AtomicUsize::new(0),
            delay_ms: AtomicU64::new(0),
            is_blocked: watch::Sender::new(false),
        });
        let shared = Arc::clone(&troubles);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = UnixStream::connect(server.join(".s.PGSQL.5432")).await else {
                    continue;
                };
                tokio::spawn(pass(client, server, Arc::clone(&shared)));
            }
        });
        Self { folder, troubles }
    }

    /// What goes to the server is under way for so long, in each direction of a round trip once.
    pub(crate) fn delay(&self, delay_ms: u64) {
        self.troubles.delay_ms.store(delay_ms, Ordering::SeqCst);
    }

    /// Nothing goes to the server any more, as behind a cable that was pulled; or it does again.
    pub(crate) fn block(&self, is_blocked: bool) {
        self.troubles.is_blocked.send_replace(is_blocked);
    }

    /// The answers to the next `count` commits are lost.
    pub(crate) fn lose(&self, count: usize) {
        self.troubles.losses.store(count, Ordering::SeqCst);
    }

    /// How many are still to be lost.
    pub(crate) fn left(&self) -> usize {
        self.troubles.losses.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!(
            "host='{}' user=postgres dbname={database}",
            self.folder.display()
        )
    }
}

impl Drop for TroubledLink {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_dir_all(&self.folder);
    }
}

async fn pass(client: UnixStream, server: UnixStream, troubles: Arc<Troubles>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (hang_up, mut when_hung_up) = oneshot::channel();
    let answers = tokio::spawn(async move {
        let told: Result<oneshot::Sender<()>, _> = tokio::select! {
            biased;
            told = &mut when_hung_up => told,
            _ended = tokio::io::copy(&mut from_server, &mut to_client) => return,
        };
        drop(to_client);
        drop(told);
        // The server does all that it was sent only as long as somebody takes its answers.
        let _ended = tokio::io::copy(&mut from_server, &mut tokio::io::sink()).await;
    });
    let mut hang_up = Some(hang_up);
    let mut bytes = vec![0; 256 * 1024];
    let mut blocked = troubles.is_blocked.subscribe();
    while let Ok(count @ 1..) = from_client.read(&mut bytes).await {
        let sent = &bytes[..count];
        drop(blocked.wait_for(|is_blocked| !is_blocked).await);
        let delay_ms = troubles.delay_ms.load(Ordering::SeqCst);
        if delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
        let is_commit = sent.windows(COMMIT.len()).any(|window| window == COMMIT);
        let take_one = |left: usize| left.checked_sub(1);
        let is_lost = is_commit
            && troubles
                .losses
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take_one)
                .is_ok();
        if is_lost && let Some(hang_up) = hang_up.take() {
            // Before the server has it, so that no answer comes through.
            let (done, when_done) = oneshot::channel();
            let _ended = hang_up.send(done);
            let _hung_up = when_done.await;
        }
        if to_server.write_all(sent).await.is_err() || is_lost {
            break;
        }
    }
    drop(from_client);
    let _gone = to_server.shutdown().await;
    let _ended = answers.await;
}
