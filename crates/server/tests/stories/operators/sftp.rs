//! Story: the SFTP server of `deploy/sftp` hands an agent its own statement files, and nothing
//! else, with the real sshd.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;

const CONFIG: &str = include_str!("../../../../../deploy/sftp/sshd_config");
/// An account that every Debian has, with its group; it has no password and no shell.
const ACCOUNT: &str = "nobody";
const GROUP: &str = "nogroup";
const FILE: &str = "10_trade_new_20260102.txt";
/// How long sshd may take to listen.
const START_MAX: Duration = Duration::from_secs(20);

/// A server over a folder of its own, until this is dropped.
struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn run(command: &mut Command) {
    let status = command.status().expect("the program is there");
    assert!(status.success(), "{command:?}");
}

fn make_key(path: &Path) {
    run(Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(path));
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
}

/// sshd takes a chroot only where every folder above it is root's alone.
fn is_roots_alone(path: &Path) -> bool {
    path.ancestors()
        .all(|folder| fs::metadata(folder).is_ok_and(|of| of.uid() == 0 && of.mode() & 0o022 == 0))
}

/// The deployed server, with folders and a port of this test's own.
fn start(folder: &Path) -> Server {
    let chroot = folder.join("root").join(ACCOUNT);
    fs::create_dir_all(chroot.join("files")).expect("a folder");
    fs::create_dir_all(folder.join("keys")).expect("a folder");
    fs::create_dir_all("/run/sshd").expect("sshd wants it");
    make_key(&folder.join("host"));
    make_key(&folder.join("client"));
    let public = fs::read(folder.join("client.pub")).expect("a key");
    fs::write(folder.join("keys").join(ACCOUNT), public).expect("written");
    for path in [folder, &folder.join("root"), &chroot, &folder.join("keys")] {
        set_mode(path, 0o755);
    }
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = port.local_addr().expect("bound").port();
    let place = folder.display();
    let mut config = String::new();
    for line in CONFIG.lines() {
        if line.starts_with('#') {
            continue;
        }
        let line = match line.split(' ').next() {
            Some("Port") => format!("Port {port}\nListenAddress 127.0.0.1"),
            Some("PidFile") => format!("PidFile {place}/pid"),
            Some("AllowGroups") => format!("AllowGroups {GROUP}"),
            _ => line
                .replace("/etc/heliu/sftp/host_ed25519", &format!("{place}/host"))
                .replace("/etc/heliu/sftp/keys", &format!("{place}/keys"))
                .replace("/srv/heliu-sftp", &format!("{place}/root")),
        };
        config.push_str(&line);
        config.push('\n');
    }
    assert!(!config.contains("/etc/") && !config.contains("/srv/"));
    let path = folder.join("sshd_config");
    fs::write(&path, config).expect("written");
    let child = Command::new("/usr/sbin/sshd")
        .args(["-D", "-e", "-f"])
        .arg(&path)
        .stderr(fs::File::create(folder.join("log")).expect("a file"))
        .spawn()
        .expect("openssh-server is installed: .ci/packages");
    let server = Server {
        child,
        port,
        folder: folder.to_owned(),
    };
    let began = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(began.elapsed() < START_MAX, "sshd does not listen: {log}");
        std::thread::yield_now();
    }
    server
}

/// What a client sees of a session in which each of these commands may fail.
fn session(server: &Server, commands: &[&str]) -> String {
    let batch = server.folder.join("batch");
    let lines: Vec<_> = commands.iter().map(|line| format!("-{line}")).collect();
    fs::write(&batch, lines.join("\n")).expect("written");
    let done = Command::new("sftp")
        .current_dir(&server.folder)
        .args(["-q", "-b", "batch", "-i", "client"])
        .args(["-P", &server.port.to_string()])
        .args([
            "-oStrictHostKeyChecking=no",
            "-oUserKnownHostsFile=/dev/null",
        ])
        .args(["-oIdentitiesOnly=yes", "-oBatchMode=yes"])
        .arg(format!("{ACCOUNT}@127.0.0.1"))
        .stdin(Stdio::null())
        .output()
        .expect("openssh-client is installed");
    let told = [done.stdout, done.stderr].concat();
    String::from_utf8_lossy(&told).into_owned()
}

#[test]
fn an_agent_fetches_its_own_files_by_sftp_and_can_do_nothing_else() {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    if !is_roots_alone(parent) {
        // Only root may start sessions in a chroot; elsewhere the file is still read by sshd.
        println!("not run by root alone: only the configuration's words are checked");
        for word in ["ChrootDirectory ", "ForceCommand internal-sftp -R "] {
            assert!(CONFIG.contains(word), "{word}");
        }
        return;
    }
    let folder = parent.join(format!("sftp-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let server = start(&folder);
    let files = folder.join("root").join(ACCOUNT).join("files");
    let statement = "BT|编号\r\nBV|1\r\n".repeat(50_000);
    fs::write(files.join(FILE), &statement).expect("written");
    set_mode(&files, 0o755);
    set_mode(&files.join(FILE), 0o644);

    let told = session(&server, &["ls", &format!("get {FILE} got")]);
    assert!(told.contains(FILE), "{told}");
    let got = fs::read_to_string(folder.join("got")).expect("fetched");
    assert_eq!(got, statement);

    // Nothing can be written, and there is nothing beside the files.
    let told = session(
        &server,
        &[
            "put client stolen",
            &format!("rm {FILE}"),
            "get /etc/passwd passwd",
            "cd ..",
            "ls",
        ],
    );
    assert!(!files.join("stolen").exists() && files.join(FILE).exists());
    assert!(!folder.join("passwd").exists(), "{told}");
    assert!(!told.contains("keys") && told.contains("files"), "{told}");

    // No shell, and nobody without the key.
    let ssh = |key: &str| {
        Command::new("ssh")
            .current_dir(&folder)
            .args(["-q", "-i", key, "-p", &server.port.to_string()])
            .args([
                "-oStrictHostKeyChecking=no",
                "-oUserKnownHostsFile=/dev/null",
            ])
            .args(["-oIdentitiesOnly=yes", "-oBatchMode=yes"])
            .arg(format!("{ACCOUNT}@127.0.0.1"))
            .arg("id")
            .stdin(Stdio::null())
            .output()
            .expect("openssh-client is installed")
    };
    assert!(!String::from_utf8_lossy(&ssh("client").stdout).contains("uid="));
    make_key(&folder.join("other"));
    assert_eq!(ssh("other").status.code(), Some(255));
}
