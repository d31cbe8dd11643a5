//! The PostgreSQL under the books crashes in the middle of everything, and stays away.

use super::shop::{BUSY, FACTOR, Payments};
use crate::harness::{Setup, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tills_hear_busy_while_the_database_is_away_and_all_is_settled_when_it_is_back() {
    let mut setup = Setup::on_postgres("away", FACTOR);
    let demo = setup.start().await;
    let payments = Payments::default();
    payments.recovers(&demo).await;
    let mut server = setup.postgres.take().unwrap();
    // It crashes under load, and is back at once.
    for _ in 0..2 {
        let tills = futures::future::join_all((0..30).map(|_| payments.pay(&demo)));
        let crash = async {
            tokio::task::yield_now().await;
            tokio::task::block_in_place(|| server.restart()).unwrap();
        };
        futures::join!(tills, crash);
    }
    // It stays away.
    server.kill();
    let (number, heard) = payments.pay(&demo).await;
    assert_eq!(heard, BUSY, "{number}");
    eventually("readiness says no", async || {
        (demo.readiness().await.0 == 503).then_some(())
    })
    .await;
    tokio::task::block_in_place(|| server.restart()).unwrap();
    payments.recovers(&demo).await;
    setup.postgres = Some(server);
    payments.all_end_well(&setup, &demo).await;
}
