//! Several nodes over one PostgreSQL, one sandbox, and the one address under which tills and
//! channels reach them.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use heliu_testkit::{Durability, PostgresServer};

use super::{Balancer, Demo, RunningSandbox, Sandbox, Setup, Till, done};

/// The nodes, which may be killed and started again one by one.
pub(crate) struct Cluster {
    setups: Vec<Setup>,
    nodes: Vec<Option<Demo>>,
    pub(crate) balancer: Balancer,
    pub(crate) sandbox: Sandbox,
    _sandbox: RunningSandbox,
    _home: Setup,
    _server: Option<PostgresServer>,
}

impl Cluster {
    /// `count` nodes over a PostgreSQL of their own.
    pub(crate) async fn start(story: &str, factor: u64, count: usize) -> Cluster {
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let server = PostgresServer::start(parent, Durability::Kills).unwrap();
        let url = server.url("postgres");
        let mut cluster = Cluster::over(&vec![url; count], story, factor).await;
        cluster._server = Some(server);
        cluster
    }

    /// One node for each of the addresses, which lead to the same books.
    pub(crate) async fn over(urls: &[String], story: &str, factor: u64) -> Cluster {
        let balancer = Balancer::start().await;
        let home = Setup::new(&format!("{story}-sandbox"), factor)
            .with("HELIU_PUBLIC_URL", &balancer.url());
        let sandbox = home.start_sandbox().await;
        let key = home.file("root.key");
        let made = home.run(&["keys", "root"]);
        let mut file = std::fs::File::options()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&key)
            .unwrap();
        file.write_all(&made.stdout).unwrap();
        let setup = |(node, url): (usize, &String)| {
            Setup::new(&format!("{story}-{node}"), factor)
                .with("DATABASE_URL", url)
                .with("HELIU_PUBLIC_URL", &balancer.url())
                .with("HELIU_SANDBOX_URL", &sandbox.url)
                .with("HELIU_ROOT_KEY_FILE", &key.to_string_lossy())
        };
        let setups: Vec<Setup> = urls.iter().enumerate().map(setup).collect();
        let mut cluster = Cluster {
            nodes: setups.iter().map(|_| None).collect(),
            setups,
            balancer,
            sandbox: Sandbox::new(&sandbox.url),
            _sandbox: sandbox,
            _home: home,
            _server: None,
        };
        let starting = cluster.setups.iter().map(Setup::start);
        let started = futures::future::join_all(starting).await;
        for (node, demo) in started.into_iter().enumerate() {
            cluster.join(node, demo);
        }
        cluster
    }

    fn join(&mut self, node: usize, demo: Demo) {
        self.balancer.set(node, Some(demo.address()));
        self.nodes[node] = Some(demo);
    }

    /// `kill -9`. Its connections are cut, and new ones go to the others.
    pub(crate) fn kill(&mut self, node: usize) {
        if let Some(demo) = self.nodes[node].take() {
            demo.kill();
        }
        self.balancer.set(node, None);
    }

    /// Asks a node to stop, and waits until it has; the balancer is told nothing.
    pub(crate) async fn stop(&mut self, node: usize) {
        let demo = self.nodes[node].take().unwrap();
        let status = demo.stop().await;
        assert!(status.success(), "node {node} ended with {status}");
        self.balancer.set(node, None);
    }

    /// Starts a node that was killed or stopped; it is at another port than before.
    pub(crate) async fn restart(&mut self, node: usize) {
        let demo = self.setups[node].start().await;
        self.join(node, demo);
    }

    /// A node that runs.
    pub(crate) fn node(&self, node: usize) -> &Demo {
        self.nodes[node].as_ref().unwrap()
    }

    /// A till that talks to whichever node the balancer chooses, call by call.
    pub(crate) fn till(&self) -> Till {
        let known = &self.nodes.iter().flatten().next().unwrap().till;
        let base = format!("{}/gateway/pay", self.balancer.url());
        Till::new(&base, &known.busi_id, &known.key).with_new_connections()
    }

    /// What a command says that a node must do.
    pub(crate) fn done(&self, node: usize, words: &[&str]) -> String {
        done(&self.setups[node], words)
    }

    /// What `heliu orders show` tells of an order, asked of a node that runs.
    pub(crate) fn story(&self, number: &str) -> String {
        self.setups[0].story(number)
    }

    /// `heliu books check` must find nothing.
    pub(crate) fn assert_books_balance(&self) {
        self.setups[0].assert_books_balance();
    }
}
