//! Story: the balancer's file and the unit of `deploy/` do what they are for, with the real
//! programs that read them. (`heliu.toml` is read by a test beside the configuration, `ha/` by
//! `high_availability`; the image and `compose.yaml` are tried by nobody here.)

use std::path::Path;
use std::process::{Child, Command};

use crate::harness::{Cluster, Till, eventually, fresh, spoken};
use heliu_testkit::{Durability, PostgresServer};
use tokio::task::block_in_place;

const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy");
const NODES: usize = 3;
/// Calls that are made one after the other while something happens.
const CALLS: usize = 40;
/// How often a balancer is started whose port somebody else took in the meantime.
const STARTS_MAX: usize = 5;

/// HAProxy with the deployed file before the nodes of a cluster.
struct Proxy {
    child: Child,
    till: Till,
}

impl Proxy {
    async fn start(cluster: &Cluster) -> Proxy {
        for _ in 0..STARTS_MAX {
            if let Some(proxy) = Proxy::try_start(cluster).await {
                return proxy;
            }
        }
        panic!("HAProxy ended at each of {STARTS_MAX} starts");
    }

    /// Nothing if it ended before it answered, as it does if its port is another's by then.
    async fn try_start(cluster: &Cluster) -> Option<Proxy> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let mut command = Command::new("haproxy");
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .env("PATH", format!("{path}:/usr/sbin"))
            .env("LISTEN", &address)
            .args(["-db", "-f", &format!("{DEPLOY}/haproxy.cfg")]);
        for index in 0..NODES {
            let node = cluster.node(index);
            let (_, admin) = node.about.str("admin").rsplit_once(':').unwrap();
            command.env(format!("NODE{}", index + 1), node.address());
            command.env(format!("NODE{}_ADMIN", index + 1), admin);
        }
        let child = command
            .spawn()
            .expect("HAProxy is installed: .ci/packages ha");
        let known = cluster.till();
        let base = format!("http://{address}/gateway/pay");
        // Its connections are kept, as a till's may be: the balancer's own are not.
        let mut proxy = Proxy {
            child,
            till: Till::new(&base, &known.busi_id, &known.key),
        };
        let is_there = eventually("the balancer answers or ends", async || {
            if proxy.child.try_wait().unwrap().is_some() {
                return Some(false);
            }
            proxy.sell().await.ok().map(|_| true)
        });
        is_there.await.then_some(proxy)
    }

    /// A barcode payment whose payer just pays: what the till hears.
    async fn sell(&self) -> Result<String, String> {
        let answer = self
            .till
            .try_order(&fresh("sale"), 158, "134886863488188600")
            .await?;
        Ok(answer.outcome().to_owned())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs HAProxy: make test-ha"]
async fn a_node_that_stops_behind_the_balancer_answers_what_it_has_and_no_call_is_lost() {
    let mut cluster = Cluster::start("drained", 1, NODES).await;
    let proxy = Proxy::start(&cluster).await;
    // The payer confirms after three seconds, in which the node is told to stop.
    let (till, number) = (cluster.node(0).till.clone(), fresh("confirmed"));
    let asked = number.clone();
    let waiting =
        tokio::spawn(async move { till.try_order(&asked, 158, "134886863488188690").await });
    eventually("the payer is asked", async || {
        let known = cluster.node(1).till.try_query(&number).await.ok()?;
        known.state()
    })
    .await;
    let selling = async {
        for _ in 0..CALLS {
            assert_eq!(proxy.sell().await.as_deref(), Ok("SUCCESS"));
        }
    };
    tokio::join!(cluster.stop(0), selling);
    let answer = waiting.await.unwrap().unwrap();
    assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
    cluster.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs HAProxy: make test-ha"]
async fn while_the_database_is_away_tills_behind_the_balancer_hear_so_in_their_own_words() {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut server = block_in_place(|| PostgresServer::start(parent, Durability::Kills)).unwrap();
    let urls = vec![server.url("postgres"); NODES];
    let cluster = Cluster::over(&urls, "away", 1).await;
    let proxy = Proxy::start(&cluster).await;
    server.kill();
    // Before and after the balancer sees that no node is ready.
    for _ in 0..3 {
        assert_eq!(proxy.sell().await.as_deref(), Ok("DATABASE_ERROR"));
    }
    block_in_place(|| server.restart()).unwrap();
    eventually("tills sell again", async || {
        let word = proxy.sell().await.unwrap();
        (word == "SUCCESS").then_some(())
    })
    .await;
    cluster.assert_books_balance();
}

#[test]
fn systemd_understands_the_unit() {
    let unit = std::fs::read_to_string(format!("{DEPLOY}/heliu.service")).unwrap();
    let here = unit.replace("/usr/local/bin/heliu", env!("CARGO_BIN_EXE_heliu"));
    assert_ne!(unit, here, "it names the binary");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.service", fresh("heliu")));
    std::fs::write(&file, here).unwrap();
    let verified = Command::new("systemd-analyze")
        .arg("verify")
        .arg(&file)
        .output();
    let _gone = std::fs::remove_file(&file);
    match verified {
        // It reads the machine's other units too, and speaks of those.
        Ok(said) => {
            let words = String::from_utf8_lossy(&said.stderr).into_owned();
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let of_ours: Vec<&str> = words.lines().filter(|line| line.contains(&name)).collect();
            assert!(of_ours.is_empty(), "{}", spoken(&said));
        }
        // A machine without systemd has no use for it.
        Err(absent) => assert_eq!(absent.kind(), std::io::ErrorKind::NotFound),
    }
}
