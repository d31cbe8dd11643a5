//! `heliu demo` as a process of its own, on free ports and a data folder that a test may keep over
//! several starts.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Instant;

use heliu_testkit::{Durability, PostgresServer, SmallDisk};
use tokio::task::JoinHandle;

use super::{AgentTill, Answer, Json, Sandbox, Till, eventually, fresh, now};

/// Two in the morning UTC is ten in Beijing: well inside the hours in which orders may be
/// cancelled.
const CLOCK_START_HOUR: u64 = 2;
/// How a process ends that aborts itself at a crash point.
const SIGABRT: i32 = 6;

/// A data folder and a virtual clock, on which a demo can be started again and again.
pub(crate) struct Setup {
    folder: PathBuf,
    /// Where the books are, if not in the folder.
    pub(crate) postgres: Option<PostgresServer>,
    /// What the binary is told beside the rest.
    environment: Vec<(&'static str, String)>,
    /// A disk that only the demo sees, mounted over the folder.
    pub(crate) disk: Option<SmallDisk>,
    /// Words before the binary's name, in which the demo's shell begins.
    wrapper: Vec<String>,
    factor: u64,
    began: Instant,
    /// Virtual milliseconds that had passed when `began` was set anew.
    before_ms: u64,
}

/// A line of an order's story that tells of a job, other than that of asking about a confirmed
/// reversal: those last for ten minutes.
pub(crate) fn is_job(line: &str) -> bool {
    line.starts_with("  job ") && !line.contains("check_reversal")
}

impl Setup {
    /// A fresh folder; the clocks of the demo run `factor` times faster than the wall's.
    pub(crate) fn new(story: &str, factor: u64) -> Setup {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(fresh(story));
        std::fs::create_dir_all(&folder).unwrap();
        Setup {
            folder,
            postgres: None,
            environment: Vec::new(),
            disk: None,
            wrapper: Vec::new(),
            factor,
            began: now(),
            before_ms: 0,
        }
    }

    /// The same with books in a PostgreSQL of its own.
    pub(crate) fn on_postgres(story: &str, factor: u64) -> Setup {
        let mut setup = Setup::new(story, factor);
        setup.move_to_postgres();
        setup
    }

    /// From now on the books are in a PostgreSQL of its own, which is empty.
    pub(crate) fn move_to_postgres(&mut self) {
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let server = PostgresServer::start(parent, Durability::Kills).unwrap();
        self.postgres = Some(server);
    }

    /// The same world over another data folder.
    pub(crate) fn in_folder(&self, folder: PathBuf) -> Setup {
        Setup {
            folder,
            postgres: None,
            environment: self.environment.clone(),
            disk: None,
            wrapper: Vec::new(),
            factor: self.factor,
            began: self.began,
            before_ms: self.before_ms,
        }
    }

    /// A copy of the folder, and of the world as it is, for another story from here on. Nobody may
    /// be serving.
    pub(crate) fn twin(&self, story: &str) -> Setup {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(fresh(story));
        let mut copy = Command::new("cp");
        let copied = copy.arg("-r").args([&self.folder, &folder]).status();
        assert!(copied.unwrap().success());
        self.in_folder(folder)
    }

    /// Whether the books are in a PostgreSQL.
    pub(crate) fn is_on_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    /// Changes the database as another version of the program would.
    pub(crate) fn change_database(&self, sql: &str) {
        let server = self.postgres.as_ref().unwrap();
        let mut psql = server.program("psql");
        psql.args(["--quiet", "--set", "ON_ERROR_STOP=1", "--command", sql]);
        let done = psql.arg(server.url("postgres")).output().unwrap();
        assert!(done.status.success(), "{}", spoken(&done));
    }

    /// The same, with something that the binary is told beside the rest.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Setup {
        self.tell(name, value);
        self
    }

    /// From now on the binary is told this, too.
    pub(crate) fn tell(&mut self, name: &'static str, value: &str) {
        self.environment.push((name, value.to_owned()));
    }

    /// A file in the data folder, as we see it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.data().join(name)
    }

    /// From now on the folder is a small disk for the demo, if this machine lets us mount one;
    /// whether it does.
    pub(crate) fn move_to_small_disk(&mut self, mib: u32) -> bool {
        self.disk = SmallDisk::mount(&self.folder, mib).ok();
        self.disk.is_some()
    }

    /// From now on the binary is started by a command of which these are the first words.
    pub(crate) fn start_by(&mut self, words: &[&str]) {
        self.wrapper = words.iter().map(|word| (*word).to_owned()).collect();
    }

    /// The data folder, as we see it.
    pub(crate) fn data(&self) -> PathBuf {
        match &self.disk {
            Some(disk) => disk.seen_from_outside(),
            None => self.folder.clone(),
        }
    }

    /// The demos that start from now on run `factor` times faster than the wall.
    pub(crate) fn go_on_with_factor(&mut self, factor: u64) {
        self.before_ms += self.virtual_ms_since(self.began);
        self.began = now();
        self.factor = factor;
    }

    /// The processes that start from now on find so many virtual minutes gone.
    pub(crate) fn skip_minutes(&mut self, minutes: u64) {
        self.before_ms += minutes * 60_000;
    }

    /// How many virtual milliseconds have passed since `then`.
    pub(crate) fn virtual_ms_since(&self, then: Instant) -> u64 {
        u64::try_from(then.elapsed().as_millis()).unwrap() * self.factor
    }

    pub(crate) async fn start(&self) -> Demo {
        self.spawn("demo", &[], None).demo().await
    }

    /// Starts a demo that goes on in spite of the loss that this code names.
    pub(crate) async fn start_accepting(&self, code: &str) -> Demo {
        self.spawn("demo", &["--accept-loss", code], None)
            .demo()
            .await
    }

    /// Starts the sandbox alone.
    pub(crate) async fn start_sandbox(&self) -> RunningSandbox {
        self.spawn("sandbox", &[], None).sandbox().await
    }

    /// Starts a demo that aborts itself at the `point`-th crash point since its jobs started: how
    /// it ended, if it came to that before it was ready.
    pub(crate) async fn start_crashing_at(&self, point: u32) -> Result<Demo, ExitStatus> {
        self.spawn("demo", &[], Some(point)).try_demo().await
    }

    /// Starts a verb that serves and writes `VERB.json` once it answers.
    fn spawn(&self, verb: &'static str, words: &[&str], crash_at: Option<u32>) -> Starting {
        let about = self.file(&format!("{verb}.json"));
        let _ = std::fs::remove_file(&about);
        let mut command = self.command();
        command.arg(verb).args(words);
        if let Some(point) = crash_at {
            command.env("HELIU_CRASH_AT", point.to_string());
        }
        let log = |name: &str| {
            File::options()
                .create(true)
                .append(true)
                .open(self.folder.join(name))
                .unwrap()
        };
        let child = command
            .stdout(log("stdout.log"))
            .stderr(log("stderr.log"))
            .spawn()
            .unwrap();
        let process = Process {
            child,
            folder: self.folder.clone(),
        };
        Starting { process, about }
    }

    /// The binary with the demo's environment: `heliu books check` and its like.
    pub(crate) fn command(&self) -> Command {
        let mut words = self
            .disk
            .as_ref()
            .map(SmallDisk::way_in)
            .unwrap_or_default();
        words.extend(self.wrapper.iter().cloned());
        words.push(env!("CARGO_BIN_EXE_heliu").to_owned());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(&self.folder);
        // Whoever runs the tests may have a platform of their own in the environment, whose books
        // these are not.
        for (name, _) in std::env::vars_os() {
            let words = name.to_string_lossy();
            if words.starts_with("HELIU_") || words.starts_with("DATABASE_") {
                command.env_remove(&name);
            }
        }
        command
            .env("HELIU_DATA", &self.folder)
            .env("HELIU_LISTEN", "127.0.0.1:0")
            .env("HELIU_SANDBOX_LISTEN", "127.0.0.1:0")
            .env("HELIU_ADMIN_LISTEN", "127.0.0.1:0")
            .env("HELIU_TIME_FACTOR", self.factor.to_string())
            .env("HELIU_CLOCK_START", self.clock())
            .env("HELIU_HISTORY_DAYS", "0");
        if let Some(server) = &self.postgres {
            command.env("DATABASE_URL", server.url("postgres"));
        }
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Runs a command that works on the books by itself, since nobody serves them, and dies at the
    /// `point`-th crash point that it comes to. It may not end otherwise but well: then it came to
    /// fewer, and this is what it said.
    pub(crate) fn run_dying_at(&self, point: u32, arguments: &[&str]) -> Option<Output> {
        let mut command = self.command();
        command.env("HELIU_CRASH_AT", point.to_string());
        let output = command.args(arguments).output().unwrap();
        let has_died = output.status.signal() == Some(SIGABRT);
        assert!(
            has_died || output.status.success(),
            "{arguments:?}: {}",
            spoken(&output)
        );
        (!has_died).then_some(output)
    }

    /// What `heliu orders show` tells of an order, by anybody's number of it.
    pub(crate) fn story(&self, number: &str) -> String {
        let output = self.run(&["orders", "show", number]);
        assert!(output.status.success(), "{}", spoken(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Whether no order under this number has anything left to do but to ask about a reversal once
    /// more; nothing if nobody can tell, as while the process ends.
    pub(crate) fn has_no_job(&self, number: &str) -> Option<bool> {
        let output = self.run(&["orders", "show", number]);
        if output.status.success() {
            let story = String::from_utf8_lossy(&output.stdout);
            return Some(!story.lines().any(is_job));
        }
        let words = String::from_utf8_lossy(&output.stderr);
        words.contains("no order carries").then_some(true)
    }

    /// The number under which an order's newest attempt went upstream; the first one's is our own.
    pub(crate) fn upstream_number(&self, number: &str) -> String {
        let story = self.story(number);
        let newest = upstream_numbers(&story).pop();
        newest.unwrap_or_else(|| panic!("no attempt: {story}"))
    }

    /// Starts a second demo on the same folder and waits until it has given up.
    pub(crate) async fn second_demo(&self) -> Output {
        let mut command = self.command();
        let command = command
            .arg("demo")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut second = Ended(Some(command.spawn().unwrap()));
        eventually("the second demo gives up", async || {
            second
                .0
                .as_mut()
                .and_then(|child| child.try_wait().unwrap())
        })
        .await;
        second.0.take().unwrap().wait_with_output().unwrap()
    }

    /// The demo's machine-readable description is there.
    pub(crate) fn is_described(&self) -> bool {
        self.folder.join("demo.json").exists()
    }

    /// `heliu books check` must find nothing, with or without a demo running beside it.
    pub(crate) fn assert_books_balance(&self) {
        let output = self.run(&["books", "check"]);
        assert!(output.status.success(), "books check: {}", spoken(&output));
    }

    /// The present virtual instant, so that a second start goes on where the first stopped.
    fn clock(&self) -> String {
        let seconds =
            CLOCK_START_HOUR * 3600 + (self.before_ms + self.virtual_ms_since(self.began)) / 1000;
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        let (day, hour) = (15 + hours / 24, hours % 24);
        format!("2026-01-{day}T{hour:02}:{minutes:02}:{:02}Z", seconds % 60)
    }
}

impl Drop for Setup {
    /// The folder stays when the test failed, for whoever wants to look.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// The numbers under which an order's attempts went upstream, as its story tells them.
pub(crate) fn upstream_numbers(story: &str) -> Vec<String> {
    let attempts = story
        .lines()
        .filter_map(|line| line.strip_prefix("  attempt "));
    attempts
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// What a command said on both outputs.
pub(crate) fn spoken(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

/// A child that does not outlive the test.
struct Ended(Option<Child>);

impl Drop for Ended {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

struct Process {
    child: Child,
    /// Where its logs are.
    folder: PathBuf,
}

impl Drop for Process {
    #[expect(
        clippy::print_stderr,
        reason = "whoever reads the failed test needs the demo's words"
    )]
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            for name in ["stdout.log", "stderr.log"] {
                let log = std::fs::read(self.folder.join(name)).unwrap_or_default();
                let text = String::from_utf8_lossy(&log);
                let from = text.len().saturating_sub(20_000);
                let from = (from..text.len()).find(|at| text.is_char_boundary(*at));
                let tail = from.and_then(|from| text.get(from..)).unwrap_or_default();
                eprintln!("--- {name} in {} ---\n{tail}", self.folder.display());
            }
        }
    }
}

/// A process that has not yet said where it is.
struct Starting {
    process: Process,
    /// What it writes when it answers.
    about: PathBuf,
}

impl Starting {
    async fn about(&mut self) -> Result<Json, ExitStatus> {
        let (file, child) = (&self.about, &mut self.process.child);
        eventually(&file.to_string_lossy(), async || {
            let written = std::fs::read_to_string(file).ok();
            let about = written.and_then(|text| Json::parse(&text).ok());
            match about {
                Some(about) => Some(Ok(about)),
                None => child.try_wait().unwrap().map(Err),
            }
        })
        .await
    }

    async fn demo(self) -> Demo {
        let demo = self.try_demo().await;
        demo.unwrap_or_else(|status| panic!("the demo ended before it was ready: {status}"))
    }

    async fn try_demo(mut self) -> Result<Demo, ExitStatus> {
        let about = self.about().await?;
        let fufu = about
            .get("dialects")
            .and_then(|dialects| dialects.get("fufu"))
            .unwrap();
        let till = Till::new(fufu.str("base"), fufu.str("busi_id"), fufu.str("key"));
        let sandbox = Sandbox::new(about.str("sandbox"));
        Ok(Demo {
            process: self.process,
            till,
            sandbox,
            about,
        })
    }

    async fn sandbox(mut self) -> RunningSandbox {
        let about = self.about().await.unwrap();
        RunningSandbox {
            _process: self.process,
            url: about.str("sandbox").to_owned(),
        }
    }
}

/// A sandbox that runs alone; it is killed when it goes out of scope.
pub(crate) struct RunningSandbox {
    _process: Process,
    pub(crate) url: String,
}

/// A demo that is ready; it is killed when it goes out of scope.
pub(crate) struct Demo {
    process: Process,
    pub(crate) till: Till,
    pub(crate) sandbox: Sandbox,
    pub(crate) about: Json,
}

impl Demo {
    /// A payment of which the channel has the money and never answers; the call is still waiting.
    /// Platform and sandbox are one process: killed any earlier, the channel would never have heard
    /// of it.
    pub(crate) async fn paid_in_silence(
        &self,
        number: &str,
        fen: i64,
    ) -> JoinHandle<Result<Answer, String>> {
        let (till, asked) = (self.till.clone(), number.to_owned());
        let waiting =
            tokio::spawn(async move { till.try_order(&asked, fen, "284214903060794796").await });
        eventually(
            "the order without an answer is paid at the channel",
            async || {
                let known = self.till.query(number).await;
                known.state()?;
                let belief = self.sandbox.belief(known.str("trade_no")).await?;
                belief.is_paid.then_some(())
            },
        )
        .await;
        waiting
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.process.child.kill().unwrap();
        self.process.child.wait().unwrap();
    }

    /// `kill -TERM`, and how the process ended of it.
    pub(crate) async fn stop(mut self) -> ExitStatus {
        let id = self.process_id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success());
        eventually("the process stops", async || self.ended()).await
    }

    /// The number of the process.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.child.id()
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read(self.process.folder.join("stderr.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Status and words of the readiness that whoever spreads the load asks for.
    pub(crate) async fn readiness(&self) -> (u16, String) {
        let url = format!("{}/readyz", self.about.str("admin"));
        let answer = reqwest::get(url).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// How the process ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.child.try_wait().unwrap()
    }

    /// A till of the second dialect's demo merchant, which signs with its agent's key.
    pub(crate) fn agent(&self) -> AgentTill {
        let about = self.about.get("dialects");
        let about = about.and_then(|dialects| dialects.get("chaoying"));
        let about = about.unwrap_or_else(|| panic!("no second dialect in {}", self.about));
        AgentTill::new(
            about.str("base"),
            about.str("agent_id"),
            about.str("mch_id"),
            about.str("key"),
        )
    }

    /// The key with which WeChat's v2 wire and `payInfo` are signed; the demo tells it, since the
    /// sandbox makes its keys at random.
    pub(crate) fn wechat_v2_key(&self) -> &str {
        let channels = self.about.get("channels");
        let wechat = channels.and_then(|channels| channels.get("wechat"));
        wechat.unwrap_or(&Json::Null).str("api_v2_key")
    }

    /// `127.0.0.1:port` of the platform.
    pub(crate) fn address(&self) -> &str {
        self.about
            .str("platform")
            .trim_start_matches("http://")
            .trim_end_matches('/')
    }
}
