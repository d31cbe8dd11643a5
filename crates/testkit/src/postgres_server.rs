//! A PostgreSQL of one's own: for one test or one measurement, on a socket of its own, gone
//! afterwards.
//!
//! PostgreSQL refuses to run as root, so that root runs it as the user `postgres`, whom Debian's
//! package makes. Nothing of a PostgreSQL that the machine runs is touched.

use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::unprivileged::{self, USER, poll};

/// Where Debian puts its versions.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Names its socket; nobody listens on it unless a test asks for that.
const PORT: u16 = 5432;
/// Connections that the server takes.
const CONNECTIONS_MAX: u32 = 100;
/// How long a start may take: recovery after a kill, on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Whether commits survive a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// They do; for measurements.
    Full,
    /// They survive kills only; for tests.
    Kills,
}

/// A running server; killed when it is dropped.
pub struct PostgresServer {
    programs: PathBuf,
    folder: PathBuf,
    durability: Durability,
    settings: Vec<String>,
    port: u16,
    way_in: Vec<String>,
    child: Option<Child>,
}

impl PostgresServer {
    /// Makes and starts one under `parent`, which is made if it is missing; where its user may not
    /// walk there, under the system's folder for temporary files.
    ///
    /// # Errors
    /// In plain words: PostgreSQL is not installed, or does not start.
    pub fn start(parent: &Path, durability: Durability) -> Result<Self> {
        let programs = programs()?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("postgres-{}-{number}", std::process::id());
        let folder = unprivileged::folder(parent, &name)?;
        let mut server = Self {
            programs,
            folder,
            durability,
            settings: Vec::new(),
            port: PORT,
            way_in: Vec::new(),
            child: None,
        };
        let sockets = server.sockets();
        fs::create_dir_all(&sockets)?;
        unprivileged::give(&sockets)?;
        server.make()?;
        server.restart()?;
        Ok(server)
    }

    /// Its address, for a database of it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let folder = self.sockets();
        let folder = folder.to_string_lossy();
        let port = self.port;
        format!("host='{folder}' port={port} user={USER} dbname={database}")
    }

    /// From the next start on it has a setting more, such as `ssl=on`.
    pub fn set(&mut self, setting: impl Into<String>) {
        self.settings.push(setting.into());
    }

    /// From the next start on it listens on this machine too.
    pub fn listen(&mut self, port: u16) {
        self.port = port;
        self.set("listen_addresses=127.0.0.1");
    }

    /// From the next start on it is started by the command of which these words are the beginning.
    pub fn start_by(&mut self, way_in: Vec<String>) {
        self.way_in = way_in;
    }

    /// A folder that belongs to its user, for what a test gives it.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn folder_for(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder)?;
        self.give(&folder)?;
        Ok(folder)
    }

    /// Gives a file or folder to its user, who alone may then read it.
    ///
    /// # Errors
    /// It is not there.
    pub fn give(&self, path: &Path) -> Result<()> {
        unprivileged::give(path)?;
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
    }

    /// The folder of its socket: short, since a socket's path has little room.
    #[must_use]
    pub fn sockets(&self) -> PathBuf {
        let name = self.folder.file_name().unwrap_or_default();
        std::env::temp_dir()
            .join(Path::new("heliu").with_extension(name.to_string_lossy().as_ref()))
    }

    /// A program of it, such as `psql` or `pgbench`, run as the user that owns the server.
    #[must_use]
    pub fn program(&self, name: &str) -> Command {
        unprivileged::program_by(&self.way_in, &self.programs.join(name), "QUIT")
    }

    /// The folder of its files.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn make(&self) -> Result<()> {
        let made = self
            .program("initdb")
            .current_dir(&self.folder)
            .arg("--pgdata")
            .arg(self.data())
            .args(["--auth", "trust", "--username", USER, "--encoding", "UTF8"])
            .args(["--locale", "C", "--no-sync", "--no-instructions"])
            .output()?;
        if made.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&made.stderr);
        Err(Error::other(format!("initdb failed: {said}")))
    }

    /// Starts it, or stops it at once, as a crash does, and starts it again.
    ///
    /// # Errors
    /// It does not start.
    pub fn restart(&mut self) -> Result<()> {
        self.kill();
        let log = fs::File::create(self.folder.join("log"))?;
        let mut command = self.program("postgres");
        command.current_dir(&self.folder).arg("-D").arg(self.data());
        let connections = format!("max_connections={CONNECTIONS_MAX}");
        let sockets = format!("unix_socket_directories={}", self.sockets().display());
        let port = format!("port={}", self.port);
        let mut settings = vec![connections.as_str(), &sockets, &port, "listen_addresses="];
        if self.durability == Durability::Kills {
            settings.extend(["fsync=off", "shared_buffers=32MB"]);
        } else {
            settings.extend(["shared_buffers=512MB", "max_wal_size=4GB"]);
        }
        settings.extend(self.settings.iter().map(String::as_str));
        for setting in settings {
            command.args(["-c", setting]);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        self.child = Some(command.spawn()?);
        self.wait_until_ready()
    }

    /// Stops it at once, as a crash does.
    pub fn kill(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        // QUIT ends it without a checkpoint, and its children with it; KILL would leave them.
        let id = child.id().to_string();
        let _gone = Command::new("kill").args(["-QUIT", &id]).status();
        let _gone = child.wait();
    }

    /// The server notes its state in the last line of a file.
    fn wait_until_ready(&mut self) -> Result<()> {
        let file = self.data().join("postmaster.pid");
        let child = &mut self.child;
        let is_ready = poll(START_LIMIT, || {
            let note = fs::read_to_string(&file).unwrap_or_default();
            let state = note.lines().nth(7).map(str::trim);
            if state == Some("ready") {
                return Ok(Some(true));
            }
            let ended = child.as_mut().map(Child::try_wait).transpose()?.flatten();
            Ok(ended.map(|_| false))
        })?;
        if is_ready == Some(true) {
            return Ok(());
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(Error::other(format!("PostgreSQL does not start: {log}")))
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.kill();
        let _gone_already = fs::remove_dir_all(self.sockets());
        let _gone_already = fs::remove_dir_all(&self.folder);
    }
}

/// The folder of the newest PostgreSQL of this machine.
pub(crate) fn programs() -> Result<PathBuf> {
    let debian = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| {
            let version = entry.file_name().to_string_lossy().parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = versions.into_iter().rev().map(|(_, folder)| folder);
    folders
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        .ok_or_else(|| {
            let why = "PostgreSQL is not installed (no initdb in /usr/lib/postgresql/*/bin or on the path): \
                       install Debian's package postgresql";
            Error::new(ErrorKind::NotFound, why)
        })
}
