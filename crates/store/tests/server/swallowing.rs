//! A way to the server on which an answer can be lost: it passes all bytes on, until it is told to hang up on
//! its client the moment COMMIT has gone through.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// The message that commits, as it goes over the wire.
const COMMIT: &[u8] = b"Q\x00\x00\x00\x0bCOMMIT\x00";

pub(crate) struct Way {
    folder: PathBuf,
    losses: Arc<AtomicUsize>,
}

impl Way {
    /// A way to the server whose sockets are in `folder`.
    pub(crate) fn open(server: PathBuf, name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("heliu-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).expect("a socket");
        let losses = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&losses);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = UnixStream::connect(server.join(".s.PGSQL.5432")).await else {
                    continue;
                };
                tokio::spawn(pass(client, server, Arc::clone(&counter)));
            }
        });
        Self { folder, losses }
    }

    /// The answers to the next `count` commits are lost.
    pub(crate) fn lose(&self, count: usize) {
        self.losses.store(count, Ordering::SeqCst);
    }

    /// How many are still to be lost.
    pub(crate) fn left(&self) -> usize {
        self.losses.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!(
            "host='{}' user=postgres dbname={database}",
            self.folder.display()
        )
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_dir_all(&self.folder);
    }
}

async fn pass(client: UnixStream, server: UnixStream, losses: Arc<AtomicUsize>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers = tokio::spawn(async move {
        let _ended = tokio::io::copy(&mut from_server, &mut to_client).await;
    });
    let mut bytes = vec![0; 256 * 1024];
    while let Ok(count @ 1..) = from_client.read(&mut bytes).await {
        let sent = &bytes[..count];
        let is_commit = sent.windows(COMMIT.len()).any(|window| window == COMMIT);
        let take_one = |left: usize| left.checked_sub(1);
        let is_lost = is_commit
            && losses
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take_one)
                .is_ok();
        if is_lost {
            answers.abort();
        }
        if to_server.write_all(sent).await.is_err() {
            break;
        }
        if is_lost {
            // The server has it all and goes on; the client is hung up on.
            return;
        }
    }
    let _gone = to_server.shutdown().await;
    let _ended = answers.await;
}
