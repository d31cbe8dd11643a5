//! One Patroni with its PostgreSQL.

use std::fs;
use std::io::{Read, Result, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::process::{Environment, Process, found};

/// How long its REST interface may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

pub(super) struct Member {
    program: PathBuf,
    folder: PathBuf,
    file: PathBuf,
    data: PathBuf,
    log: PathBuf,
    environment: Environment,
    pub(super) port: u16,
    interface: u16,
    process: Option<Process>,
}

impl Member {
    /// `ports`: of PostgreSQL and of the REST interface.
    pub(super) fn new(
        folder: &Path,
        file: &Path,
        mut environment: Environment,
        data: PathBuf,
        (port, interface): (u16, u16),
    ) -> Result<Self> {
        let name = data.file_stem().unwrap_or_default().to_string_lossy();
        let (postgres, rest) = (
            format!("127.0.0.1:{port}"),
            format!("127.0.0.1:{interface}"),
        );
        for (key, value) in [
            ("PATRONI_NAME", &*name),
            ("PATRONI_POSTGRESQL_LISTEN", &postgres),
            ("PATRONI_POSTGRESQL_CONNECT_ADDRESS", &postgres),
            ("PATRONI_POSTGRESQL_DATA_DIR", &data.to_string_lossy()),
            ("PATRONI_RESTAPI_LISTEN", &rest),
            ("PATRONI_RESTAPI_CONNECT_ADDRESS", &rest),
        ] {
            environment.set(key, value)?;
        }
        let log = folder.join(format!("{name}.patroni.log"));
        Ok(Self {
            program: found("patroni", "patroni")?,
            folder: folder.to_owned(),
            file: file.to_owned(),
            data,
            log,
            environment,
            port,
            interface,
            process: None,
        })
    }

    pub(super) fn start(&mut self) -> Result<()> {
        let file = self.file.to_string_lossy();
        let process = Process::start(
            &self.program,
            &[&file],
            &self.environment,
            &self.folder,
            &self.log,
        );
        self.process = Some(process?);
        Ok(())
    }

    /// All processes at once, so that none finishes anything for another.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.process = None;
        let note = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        let Some(postmaster) = note.lines().next().and_then(|line| line.parse().ok()) else {
            return Ok(());
        };
        // The note outlives its writer, whose number may be another's by now.
        let home = fs::read_link(format!("/proc/{postmaster}/cwd"));
        if home.ok().as_ref() != Some(&self.data) {
            return Ok(());
        }
        // The postmaster first: it would tell the others when it sees one of them die.
        let mut doomed = vec![postmaster];
        doomed.extend(children(postmaster)?);
        let doomed = doomed.iter().map(u32::to_string);
        let mut kill = Command::new("kill");
        let _gone_already = kill
            .arg("-KILL")
            .args(doomed)
            .stderr(Stdio::null())
            .status()?;
        Ok(())
    }

    /// Whether it holds the leader's lock, as a proxy asks.
    pub(super) fn is_leader(&self) -> bool {
        self.is("/primary")
    }

    /// Whether commits wait for it.
    pub(super) fn is_synchronous(&self) -> bool {
        self.is("/synchronous")
    }

    fn is(&self, path: &str) -> bool {
        self.ask(path).is_some_and(|(status, _)| status == 200)
    }

    /// The cluster as it sees it.
    pub(super) fn cluster(&self) -> Option<String> {
        self.ask("/cluster").map(|(_, body)| body)
    }

    fn ask(&self, path: &str) -> Option<(u16, String)> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.interface));
        let mut stream = TcpStream::connect_timeout(&address, ANSWER_LIMIT).ok()?;
        stream.set_read_timeout(Some(ANSWER_LIMIT)).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        Some((status, answer))
    }
}

/// The processes that a process started; each server process of PostgreSQL is one of the
/// postmaster's.
fn children(parent: u32) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Ok(id) = entry.file_name().to_string_lossy().parse() else {
            continue;
        };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // The name stands in brackets and may hold anything; behind it come the state and the
        // parent.
        let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
        if behind.split_whitespace().nth(1) == Some(&parent.to_string()) {
            found.push(id);
        }
    }
    Ok(found)
}
