//! Entries become items of settlements.

use deadpool_postgres::Object;
use heliu_ports::store::{Gather, Gathered};
use heliu_trade::id::PlatformNo;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::columns::{Columns, Result as Read};
use crate::postgres::fault::Fault;
use crate::rows::settlement::{gather_apart, gather_near, next};

/// Makes entries items; two nodes that gather the same make each an item once.
pub(crate) async fn gather(client: &mut Object, gather: &Gather) -> Result<Gathered, Fault> {
    let transaction = client.transaction().await?;
    transaction
        .batch_execute("SET LOCAL statement_timeout = 0")
        .await?;
    let owner = gather.settlement.owner.name();
    let key: [&(dyn ToSql + Sync); 1] = [&owner];
    let near = transaction.query(&gather_near(gather), &key).await?;
    let near = numbers(&near)?;
    let mut gathered = Gathered {
        items: near.len() as u64,
        next: next(&near, gather.limit),
    };
    if gathered.next.is_none() {
        let apart = transaction.query(&gather_apart(gather), &key).await?;
        let apart = numbers(&apart)?;
        gathered.items += apart.len() as u64;
        // Those are found by the same way again, however many are left.
        gathered.next = next(&apart, gather.limit);
    }
    transaction.commit().await?;
    Ok(gathered)
}

fn numbers(rows: &[Row]) -> Read<Vec<PlatformNo>> {
    let numbers = rows.iter().map(|row| Columns::of(row).number());
    numbers
        .map(|number| number.map(PlatformNo::from_u64))
        .collect()
}
