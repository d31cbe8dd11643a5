//! A merchant's listener: answers as the test says and remembers what came, when.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Json, eventually, now};

/// How the listener answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    /// Status 200 with these words.
    Words(&'static str),
    /// This status with the word that would do with 200: it must not count.
    Status(u16),
    /// Another path of the same listener, with the word that would do.
    Redirect(&'static str),
    /// The connection is closed without an answer.
    Silence,
    /// The connection stays open, without an answer.
    Hang,
}

/// What the first dialect waits for.
pub(crate) const SUCCESS: Reply = Reply::Words("SUCCESS");
/// What the second one waits for; the first takes it as well.
pub(crate) const HEARD: Reply = Reply::Words("success");
/// What the third one waits for.
pub(crate) const SIX_ZEROS: Reply = Reply::Words("000000");

/// One notification that came.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) at: Instant,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Heard {
    pub(crate) fn json(&self) -> Json {
        Json::parse(self.text()).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// The listener; every path has its own count of notifications.
#[derive(Clone)]
pub(crate) struct Receiver {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
}

type Program = Arc<dyn Fn(&str, usize) -> Reply + Send + Sync>;

impl Receiver {
    /// Listens; `program` is told the path and how many notifications came to it before.
    pub(crate) async fn start(
        program: impl Fn(&str, usize) -> Reply + Send + Sync + 'static,
    ) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Receiver {
            address: listener.local_addr().unwrap(),
            heard: Arc::default(),
        };
        let (heard, program): (_, Program) = (receiver.heard.clone(), Arc::new(program));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, heard.clone(), program.clone()));
            }
        });
        receiver
    }

    pub(crate) async fn content() -> Receiver {
        Receiver::start(|_, _| HEARD).await
    }

    /// `path` begins with a slash and may have a query.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn heard(&self, path: &str) -> Vec<Heard> {
        let all = self.heard.lock().unwrap();
        all.iter()
            .filter(|heard| heard.path == path)
            .cloned()
            .collect()
    }

    /// Waits until at least `count` notifications came to the path.
    pub(crate) async fn wait(&self, path: &str, count: usize) -> Vec<Heard> {
        let what = format!("{count} notifications at {path}");
        eventually(&what, async || {
            Some(self.heard(path)).filter(|heard| heard.len() >= count)
        })
        .await
    }
}

async fn serve(mut stream: TcpStream, heard: Arc<Mutex<Vec<Heard>>>, program: Program) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    let path = request.path.clone();
    let before = {
        let mut all = heard.lock().unwrap();
        let before = all.iter().filter(|earlier| earlier.path == path).count();
        all.push(request);
        before
    };
    let (status, words, location) = match program(&path, before) {
        Reply::Words(words) => (200, words, None),
        Reply::Status(status) => (status, "success", None),
        Reply::Redirect(path) => (302, "success", Some(path)),
        Reply::Silence => return,
        Reply::Hang => {
            // Until the caller gives up.
            while stream.read(&mut [0; 64]).await.is_ok_and(|count| count > 0) {}
            return;
        }
    };
    let mut head = format!("HTTP/1.1 {status} -\r\nContent-Type: text/plain;charset=UTF-8\r\n");
    head.extend(location.map(|path| format!("Location: {path}\r\n")));
    let rest = format!(
        "Content-Length: {}\r\nConnection: close\r\n\r\n{words}",
        words.len()
    );
    let _ = stream.write_all(format!("{head}{rest}").as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> Option<Heard> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes.get(..head_end)?.to_vec()).ok()?;
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found
                .eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let length: usize = header("content-length")?.parse().ok()?;
    while bytes.len() < head_end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let target = head.split(' ').nth(1)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Some(Heard {
        at: now(),
        path: path.to_owned(),
        query: query.to_owned(),
        content_type: header("content-type").unwrap_or_default(),
        body: bytes.get(head_end..)?.to_vec(),
    })
}
