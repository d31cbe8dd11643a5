//! `heliu serve` as a process of its own: live books, no sandbox, real clocks.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Output};

use super::{AgentTill, Json, Setup, Till, XmlTill, eventually, spoken};

/// Keys of the merchants that are entered.
const LIVE_KEY: &str = "live0123456789abcdef0123456789ab";
const BUSI_ID: &str = "880010000000901";
const AGENT_ID: &str = "16600000000000901";
const MCH_ID: &str = "f2026010100000000901";
const MERCHANT_ID: &str = "9605000901";

/// A data folder that is served live; the process is killed when it goes out of scope.
pub(crate) struct Live {
    setup: Setup,
    child: Child,
    /// `http://127.0.0.1:port`
    pub(crate) url: String,
}

impl Live {
    /// Starts on an empty folder; `more` is told to it by the environment.
    pub(crate) async fn start(story: &str, more: &[(&'static str, &str)]) -> Live {
        let mut setup = Self::setup(story);
        for (name, value) in more {
            setup = setup.with(name, value);
        }
        let log = |name: &str| File::create(setup.file(name)).unwrap();
        let mut command = setup.command();
        command
            .arg("serve")
            .stdout(log("stdout.log"))
            .stderr(log("stderr.log"));
        let mut child = command.spawn().unwrap();
        let file = setup.file("stderr.log");
        let address = eventually("it serves", async || {
            let log = fs::read_to_string(&file).unwrap();
            assert_eq!(child.try_wait().unwrap(), None, "{log}");
            let mut lines = log.lines().filter_map(|line| Json::parse(line).ok());
            lines.find_map(|line| {
                let fields = line.get("fields")?;
                let is_it = fields
                    .get("message")
                    .is_some_and(|it| it.text() == Some("serving"));
                is_it.then(|| fields.str("address").to_owned())
            })
        })
        .await;
        Live {
            setup,
            child,
            url: format!("http://{address}"),
        }
    }

    /// A folder with a root key, on the machine's own clock.
    pub(crate) fn setup(story: &str) -> Setup {
        let setup = Setup::new(story, 1);
        let key = setup.run(&["keys", "root"]);
        assert!(key.status.success(), "{}", spoken(&key));
        let file = setup.file("operators.key");
        fs::write(&file, key.stdout).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        setup
            .with("HELIU_ROOT_KEY_FILE", "operators.key")
            .with("HELIU_TIME_FACTOR", "")
            .with("HELIU_CLOCK_START", "")
            .with("HELIU_HISTORY_DAYS", "")
    }

    /// `kill -9`: from now on commands work on the books by themselves.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The binary with what the process was told.
    pub(crate) fn command(&self) -> Command {
        self.setup.command()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.setup.run(arguments)
    }

    /// What a command says that must be done.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            spoken(&output)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Enters a merchant of each dialect, without contracts.
    pub(crate) fn enter_merchants(&self) {
        let key = format!("agent={LIVE_KEY}");
        self.done(&[
            "agents",
            "add",
            AGENT_ID,
            "--dialect",
            "chaoying",
            "--name",
            "商",
            "--key",
            &key,
        ]);
        let (trade, notify) = (format!("trade={LIVE_KEY}"), format!("notify={LIVE_KEY}"));
        let merchants: [&[&str]; 3] = [
            &[
                "L1",
                "--dialect",
                "fufu",
                "--app-id",
                BUSI_ID,
                "--key",
                &trade,
            ],
            &[
                "L2",
                "--dialect",
                "leshua",
                "--app-id",
                MERCHANT_ID,
                "--key",
                &trade,
                "--key",
                &notify,
            ],
            &[
                "L3",
                "--dialect",
                "chaoying",
                "--app-id",
                MCH_ID,
                "--agent",
                AGENT_ID,
            ],
        ];
        for merchant in merchants {
            self.done(&[&["merchants", "add", "--name", "咖啡店"], merchant].concat());
        }
    }

    pub(crate) fn till(&self) -> Till {
        Till::new(&format!("{}/gateway/pay", self.url), BUSI_ID, LIVE_KEY)
    }

    pub(crate) fn agent_till(&self) -> AgentTill {
        AgentTill::new(&self.url, AGENT_ID, MCH_ID, LIVE_KEY)
    }

    pub(crate) fn xml_till(&self) -> XmlTill {
        let base = format!("{}/cgi-bin/lepos_pay_gateway.cgi", self.url);
        XmlTill::new(&base, MERCHANT_ID, LIVE_KEY, LIVE_KEY)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
