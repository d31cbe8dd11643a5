//! Three PostgreSQLs under Patroni with three etcd, and HAProxy before them: what `deploy/ha` sets
//! up, run from its very files with addresses of this machine, for one test, gone afterwards.
//!
//! Nothing of what the machine runs itself is touched. What is needed is told if it is missing;
//! `.ci/packages ha` installs it.

mod member;
mod process;

use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::postgres_server::programs;
use crate::unprivileged::{self, poll};
use member::Member;
use process::{Environment, Process, found};

/// Where the files are that an operator copies.
const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/ha");
/// Database machines, each with an etcd.
const MEMBERS: usize = 3;
/// How long a cluster may take to be made, or to be whole again.
const WHOLE_LIMIT: Duration = Duration::from_secs(180);
/// How often a cluster is started whose ports somebody else took in the meantime.
const STARTS_MAX: usize = 3;
/// The password of the user of the books.
const PASSWORD: &str = "books";

/// A running cluster; killed when it is dropped.
pub struct PatroniCluster {
    folder: PathBuf,
    members: Vec<Member>,
    proxy_port: u16,
    /// etcd and the proxy.
    others: Vec<Process>,
}

impl PatroniCluster {
    /// Makes and starts one under `parent`, or where [`crate::PostgresServer`] would be. Must be
    /// called on a thread that lives as long as the cluster, since its processes end with that
    /// thread.
    ///
    /// # Errors
    /// In plain words: something is not installed, or does not start.
    pub fn start(parent: &Path) -> Result<Self> {
        for _ in 1..STARTS_MAX {
            match Self::try_start(parent) {
                Err(error) if error.kind() == ErrorKind::AddrInUse => {}
                started => return started,
            }
        }
        Self::try_start(parent)
    }

    /// Fails with [`ErrorKind::AddrInUse`] if etcd or the proxy ended, as they do when a port of
    /// theirs is another's by the time they are there.
    fn try_start(parent: &Path) -> Result<Self> {
        let folder = unprivileged::folder(parent, &format!("patroni-{}", std::process::id()))?;
        let mut cluster = Self {
            folder,
            members: Vec::new(),
            proxy_port: 0,
            others: Vec::new(),
        };
        let mut ports = Ports::take(MEMBERS * 4 + 1)?;
        let (clients, peers) = (ports.some(MEMBERS), ports.some(MEMBERS));
        let (servers, interfaces) = (ports.some(MEMBERS), ports.some(MEMBERS));
        cluster.proxy_port = ports.some(1)[0];
        cluster.start_etcd(&clients, &peers)?;
        let file = cluster.copy("patroni.yaml")?;
        for (index, (server, interface)) in servers.iter().zip(&interfaces).enumerate() {
            let mut environment = cluster.environment("patroni.env.example")?;
            let postgres = [
                ("PATRONI_ETCD3_HOSTS", addresses(&clients)),
                ("PATRONI_POSTGRESQL_BIN_DIR", text(&programs()?)),
                (
                    "PATRONI_POSTGRESQL_PGPASS",
                    text(&cluster.file(index, "pgpass")),
                ),
            ];
            for (name, value) in postgres {
                environment.set(name, value)?;
            }
            let data = cluster.file(index, "data");
            let member = Member::new(
                &cluster.folder,
                &file,
                environment,
                data,
                (*server, *interface),
            );
            cluster.members.push(member?);
        }
        for member in &mut cluster.members {
            member.start()?;
        }
        cluster.start_proxy(&servers, &interfaces)?;
        let is_whole = poll(WHOLE_LIMIT, || {
            for process in &mut cluster.others {
                if process.has_ended()? {
                    return Ok(Some(false));
                }
            }
            Ok(cluster.is_whole().then_some(true))
        })?;
        match is_whole {
            Some(true) => {}
            Some(false) => {
                let failure = cluster.failure("etcd or the proxy ended").to_string();
                return Err(Error::new(ErrorKind::AddrInUse, failure));
            }
            None => return Err(cluster.failure("the cluster does not become whole")),
        }
        cluster.make_database()?;
        Ok(cluster)
    }

    /// The address of the books by way of the proxy.
    #[must_use]
    pub fn url_by_proxy(&self) -> String {
        let port = self.proxy_port;
        format!("postgres://heliu:{PASSWORD}@127.0.0.1:{port}/heliu")
    }

    /// The address of the books that names all members, and leaves finding the leader to whoever
    /// connects.
    #[must_use]
    pub fn url_by_hosts(&self) -> String {
        let hosts: Vec<u16> = self.members.iter().map(|member| member.port).collect();
        let hosts = addresses(&hosts);
        format!("postgres://heliu:{PASSWORD}@{hosts}/heliu?target_session_attrs=read-write")
    }

    /// Who leads, if anybody does.
    #[must_use]
    pub fn leader(&self) -> Option<usize> {
        self.members.iter().position(Member::is_leader)
    }

    /// The standby for which commits wait, if there is one.
    #[must_use]
    pub fn synchronous_standby(&self) -> Option<usize> {
        self.members.iter().position(Member::is_synchronous)
    }

    /// `kill -9` of a member: its Patroni and every process of its PostgreSQL.
    ///
    /// # Errors
    /// The processes cannot be seen.
    pub fn kill(&mut self, member: usize) -> Result<()> {
        self.members[member].kill()
    }

    /// Starts a member that was killed: it comes back as a standby.
    ///
    /// # Errors
    /// It does not start.
    pub fn restart(&mut self, member: usize) -> Result<()> {
        self.members[member].start()
    }

    /// Waits until one leads, one is the synchronous standby, and all members run.
    ///
    /// # Errors
    /// In plain words, with what the members logged: it does not come about.
    pub fn wait_until_whole(&self) -> Result<()> {
        let is_whole = poll(WHOLE_LIMIT, || Ok(self.is_whole().then_some(())))?;
        is_whole.ok_or_else(|| self.failure("the cluster does not become whole"))
    }

    fn is_whole(&self) -> bool {
        let leader = self.leader().map(|leader| &self.members[leader]);
        let seen = leader.and_then(Member::cluster).unwrap_or_default();
        let count = |words: &str| seen.matches(words).count();
        // Newer versions say of a standby that it streams.
        let running = count("\"state\": \"running\"") + count("\"state\": \"streaming\"");
        count("\"role\": \"sync_standby\"") == 1 && running == MEMBERS
    }

    fn start_etcd(&mut self, clients: &[u16], peers: &[u16]) -> Result<()> {
        let name = |index: usize| format!("pg{}", index + 1);
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let all: Vec<String> = (0..)
            .zip(peers)
            .map(|(index, port)| format!("{}={}", name(index), url(*port)))
            .collect();
        for (index, (client, peer)) in clients.iter().zip(peers).enumerate() {
            let mut environment = self.environment("etcd.env.example")?;
            for (key, value) in [
                ("ETCD_NAME", name(index)),
                ("ETCD_LISTEN_CLIENT_URLS", url(*client)),
                ("ETCD_ADVERTISE_CLIENT_URLS", url(*client)),
                ("ETCD_LISTEN_PEER_URLS", url(*peer)),
                ("ETCD_INITIAL_ADVERTISE_PEER_URLS", url(*peer)),
                ("ETCD_INITIAL_CLUSTER", all.join(",")),
            ] {
                environment.set(key, value)?;
            }
            environment.add("ETCD_DATA_DIR", text(&self.file(index, "etcd")));
            let program = found("etcd", "etcd-server")?;
            let log = self.file(index, "etcd.log");
            let process = Process::start(&program, &[], &environment, &self.folder, &log)?;
            self.others.push(process);
        }
        Ok(())
    }

    fn start_proxy(&mut self, servers: &[u16], interfaces: &[u16]) -> Result<()> {
        let file = self.copy("haproxy.cfg")?;
        let mut environment = Environment::default();
        environment.add("PG_LISTEN", addresses(&[self.proxy_port]));
        for (index, (server, interface)) in (1..).zip(servers.iter().zip(interfaces)) {
            environment.add(&format!("PG{index}"), addresses(&[*server]));
            environment.add(&format!("PG{index}_API"), interface.to_string());
        }
        let program = found("haproxy", "haproxy")?;
        let arguments = ["-db", "-f", &text(&file)];
        let log = self.folder.join("haproxy.log");
        let process = Process::start(&program, &arguments, &environment, &self.folder, &log)?;
        self.others.push(process);
        Ok(())
    }

    fn make_database(&self) -> Result<()> {
        let file = self.copy("books.sql")?;
        let port = self.proxy_port.to_string();
        let password = self.environment("patroni.env.example")?;
        let password = password
            .get("PATRONI_SUPERUSER_PASSWORD")
            .unwrap_or_default();
        let psql = programs()?.join("psql");
        let mut said = String::new();
        // The proxy looks every second.
        let is_made = poll(WHOLE_LIMIT, || {
            let output = unprivileged::program(&psql, "TERM")
                .current_dir(&self.folder)
                .env("PGPASSWORD", password)
                .args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-q"])
                .args([
                    "-v",
                    "ON_ERROR_STOP=1",
                    "-v",
                    &format!("password={PASSWORD}"),
                ])
                .args(["-f", &text(&file), "postgres"])
                .output()?;
            said = String::from_utf8_lossy(&output.stderr).into_owned();
            Ok(output.status.success().then_some(()))
        })?;
        is_made.ok_or_else(|| self.failure(&format!("no database is made: {said}")))
    }

    fn file(&self, index: usize, name: &str) -> PathBuf {
        self.folder.join(format!("pg{}.{name}", index + 1))
    }

    /// A file that an operator copies too, where the servers' user can read it.
    fn copy(&self, name: &str) -> Result<PathBuf> {
        let copy = self.folder.join(name);
        fs::write(&copy, fs::read(Path::new(DEPLOY).join(name))?)?;
        unprivileged::give(&copy)?;
        Ok(copy)
    }

    fn environment(&self, name: &str) -> Result<Environment> {
        let text = fs::read_to_string(Path::new(DEPLOY).join(name))?;
        Ok(Environment::read(&text))
    }

    fn failure(&self, what: &str) -> Error {
        let logs = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut text = format!("{what} ({})", self.folder.display());
        for log in logs.filter(|file| file.file_name().to_string_lossy().ends_with(".log")) {
            let lines = fs::read_to_string(log.path()).unwrap_or_default();
            let lines: Vec<&str> = lines.lines().collect();
            let tail = lines.len().saturating_sub(15);
            let tail = lines.get(tail..).unwrap_or_default().join("\n");
            text.push_str(&format!("\n--- {}\n{tail}", log.file_name().display()));
        }
        Error::other(text)
    }
}

impl Drop for PatroniCluster {
    fn drop(&mut self) {
        for member in &mut self.members {
            let _gone_already = member.kill();
        }
        self.others.clear();
        if !std::thread::panicking() {
            let _gone_already = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Ports that were free a moment ago.
struct Ports(Vec<u16>);

impl Ports {
    fn take(count: usize) -> Result<Self> {
        let listeners: Result<Vec<TcpListener>> = (0..count)
            .map(|_| TcpListener::bind("127.0.0.1:0"))
            .collect();
        let ports: Result<Vec<u16>> = listeners?
            .iter()
            .map(|one| Ok(one.local_addr()?.port()))
            .collect();
        ports.map(Self)
    }

    fn some(&mut self, count: usize) -> Vec<u16> {
        self.0.drain(..count).collect()
    }
}

fn addresses(ports: &[u16]) -> String {
    let all: Vec<String> = ports
        .iter()
        .map(|port| format!("127.0.0.1:{port}"))
        .collect();
    all.join(",")
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// What to do about a program that is missing.
fn missing(program: &str, package: &str) -> Error {
    let why = format!(
        "{program} is not installed: install Debian's package {package}, or run .ci/packages ha"
    );
    Error::new(ErrorKind::NotFound, why)
}
