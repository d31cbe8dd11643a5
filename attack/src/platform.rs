//! A platform to be attacked: a process of its own in a temporary folder, gone when the attack
//! ends.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::http;
use crate::till::Till;
use crate::trouble::Trouble;

/// How long a start may take.
const START: Duration = Duration::from_secs(60);
/// The folder's own name for the configuration.
const CONFIGURATION: &str = "attack.toml";

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A process that serves.
pub(crate) struct Platform {
    heliu: PathBuf,
    child: Child,
    folder: PathBuf,
    /// Where merchants and payers reach it.
    pub(crate) address: SocketAddr,
    /// A till of the demo's merchant; `heliu serve` knows nobody.
    pub(crate) till: Option<Till>,
    /// What the demo tells programs.
    pub(crate) about: Value,
}

impl Platform {
    /// `heliu demo`, with this configuration.
    pub(crate) async fn demo(heliu: &Path, configuration: &str) -> Result<Self, Trouble> {
        let start = Start::new(heliu, configuration)?;
        start.demo(&[]).await
    }

    /// The same with at most so many open files.
    pub(crate) async fn demo_with_files(heliu: &Path, files: u32) -> Result<Self, Trouble> {
        let limit = format!("ulimit -n {files}; exec \"$0\" \"$@\"");
        Start::new(heliu, "")?.demo(&["sh", "-c", &limit]).await
    }

    /// `heliu serve`, which has no merchants.
    pub(crate) async fn serve(heliu: &Path) -> Result<Self, Trouble> {
        Start::new(heliu, "")?.serve().await
    }

    /// The process's memory now, in bytes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next());
        kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
    }

    /// What the folder holds, the log beside it not counted, in bytes.
    pub(crate) fn folder_bytes(&self) -> u64 {
        let files = std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten();
        let files = files.filter(|file| !file.file_name().to_string_lossy().ends_with(".log"));
        files
            .filter_map(|file| Some(file.metadata().ok()?.len()))
            .sum()
    }

    /// What was logged, in bytes.
    pub(crate) fn log_bytes(&self) -> u64 {
        std::fs::metadata(self.folder.join("stderr.log")).map_or(0, |file| file.len())
    }

    /// An operator's command.
    pub(crate) fn command(&self, arguments: &[&str]) -> Result<Output, Trouble> {
        Ok(command(&self.heliu, &[], &self.folder)
            .args(arguments)
            .output()?)
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A folder in which a platform is about to start.
struct Start<'a> {
    heliu: &'a Path,
    folder: PathBuf,
}

impl<'a> Start<'a> {
    fn new(heliu: &'a Path, configuration: &str) -> Result<Self, Trouble> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("heliu-attack-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(CONFIGURATION), configuration)?;
        Ok(Self { heliu, folder })
    }

    async fn demo(self, wrapper: &[&str]) -> Result<Platform, Trouble> {
        let mut command = command(self.heliu, wrapper, &self.folder);
        command
            .arg("demo")
            .env("HELIU_LISTEN", "127.0.0.1:0")
            .env("HELIU_SANDBOX_LISTEN", "127.0.0.1:0")
            .env("HELIU_ADMIN_LISTEN", "127.0.0.1:0");
        let mut platform = self.begin(command)?;
        let file = platform.folder.join("demo.json");
        let about = platform.wait(|| {
            let text = std::fs::read(&file).ok()?;
            serde_json::from_slice::<Value>(&text).ok()
        });
        let about = about.await?;
        platform.address = http::address_of(text(&about, "/platform")?)?;
        platform.till = Some(Till::new(
            platform.address,
            text(&about, "/dialects/fufu/busi_id")?,
            text(&about, "/dialects/fufu/key")?,
        ));
        platform.about = about;
        Ok(platform)
    }

    async fn serve(self) -> Result<Platform, Trouble> {
        let root = command(self.heliu, &[], &self.folder)
            .args(["keys", "root"])
            .output()?;
        let key = self.folder.join("root.key");
        std::fs::write(&key, root.stdout)?;
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&key, private)?;
        let (public, admin) = (free_address()?, free_address()?);
        let mut command = command(self.heliu, &[], &self.folder);
        command
            .arg("serve")
            .env("HELIU_ROOT_KEY_FILE", &key)
            .env("HELIU_LISTEN", public.to_string())
            .env("HELIU_ADMIN_LISTEN", admin.to_string());
        let mut platform = self.begin(command)?;
        platform.address = public;
        platform
            .wait(|| std::net::TcpStream::connect(public).ok())
            .await?;
        Ok(platform)
    }

    fn begin(self, mut command: Command) -> Result<Platform, Trouble> {
        let log = |name: &str| File::create(self.folder.join(name));
        let child = command
            .stdout(log("stdout.log")?)
            .stderr(log("stderr.log")?)
            .spawn()
            .map_err(|cause| format!("{}: {cause}", self.heliu.display()))?;
        Ok(Platform {
            heliu: self.heliu.to_owned(),
            child,
            folder: self.folder,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            till: None,
            about: Value::Null,
        })
    }
}

impl Platform {
    /// Looks again and again until it is there.
    async fn wait<T>(&mut self, mut look: impl FnMut() -> Option<T>) -> Result<T, Trouble> {
        let give_up_at = Instant::now() + START;
        loop {
            if let Some(found) = look() {
                return Ok(found);
            }
            if let Some(status) = self.child.try_wait()? {
                let log = std::fs::read_to_string(self.folder.join("stderr.log"));
                return Err(format!("it ended with {status}: {}", log.unwrap_or_default()).into());
            }
            if Instant::now() > give_up_at {
                return Err("it did not start in time".into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The program over a folder, without what the machine's own platform is told.
fn command(heliu: &Path, wrapper: &[&str], folder: &Path) -> Command {
    let mut command = match wrapper {
        [] => Command::new(heliu),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(heliu);
            command
        }
    };
    for (name, _) in std::env::vars_os() {
        let words = name.to_string_lossy();
        if words.starts_with("HELIU_") || words.starts_with("DATABASE_") {
            command.env_remove(&name);
        }
    }
    command
        .env("HELIU_CONFIG", folder.join(CONFIGURATION))
        .env("HELIU_DATA", folder);
    command
}

/// A text of what the demo tells.
pub(crate) fn text<'v>(about: &'v Value, pointer: &str) -> Result<&'v str, Trouble> {
    let found = about.pointer(pointer).and_then(Value::as_str);
    found.ok_or_else(|| format!("demo.json has no {pointer}").into())
}

fn free_address() -> Result<SocketAddr, Trouble> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}
