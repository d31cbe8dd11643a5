//! A load balancer: the one address of several nodes. It takes connections to the next node that is
//! there, and knows nothing of what goes over them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// It ends with the test.
#[derive(Clone)]
pub(crate) struct Balancer {
    address: SocketAddr,
    nodes: Arc<Mutex<Vec<Option<String>>>>,
}

impl Balancer {
    pub(crate) async fn start() -> Balancer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let balancer = Balancer {
            address: listener.local_addr().unwrap(),
            nodes: Arc::default(),
        };
        let nodes = balancer.nodes.clone();
        tokio::spawn(async move {
            let next = AtomicUsize::new(0);
            while let Ok((client, _)) = listener.accept().await {
                let first = next.fetch_add(1, Ordering::Relaxed);
                let mut there: Vec<String> =
                    nodes.lock().unwrap().iter().flatten().cloned().collect();
                let turn = first % there.len().max(1);
                there.rotate_left(turn);
                tokio::spawn(carry(client, there));
            }
        });
        balancer
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where a node is from now on, as `127.0.0.1:port`; nothing while it is not.
    pub(crate) fn set(&self, node: usize, address: Option<&str>) {
        let mut nodes = self.nodes.lock().unwrap();
        if nodes.len() <= node {
            nodes.resize(node + 1, None);
        }
        nodes[node] = address.map(str::to_owned);
    }
}

/// A connection that no node takes is closed, as one is that a node had when it died.
async fn carry(mut client: TcpStream, nodes: Vec<String>) {
    for node in nodes {
        if let Ok(mut upstream) = TcpStream::connect(node).await {
            let _ended = copy_bidirectional(&mut client, &mut upstream).await;
            return;
        }
    }
}
