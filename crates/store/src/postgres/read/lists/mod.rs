//! Lists for people. What is asked stands in [`crate::rows::lists`]; here is how.

pub(crate) mod merchants;
pub(crate) mod orders;
pub(crate) mod report;

use deadpool_postgres::GenericClient;
use heliu_ports::lists::Listed;
use tokio_postgres::types::ToSql;

use crate::columns::{Columns, Result as Read};
use crate::postgres::cells::text;
use crate::postgres::fault::Fault;
use crate::rows::lists::{Asked, List};

/// A page that one statement finds.
pub(crate) async fn page<T>(
    client: &impl GenericClient,
    list: &List<T>,
) -> Result<Listed<T>, Fault> {
    Ok(list.of(rows(client, &list.asked, list.read).await?))
}

/// All rows of a statement, which is not kept: it is planned for just these values.
async fn rows<T>(
    client: &impl GenericClient,
    asked: &Asked,
    read: impl Fn(&mut Columns<'_>) -> Read<T>,
) -> Result<Vec<T>, Fault> {
    let texts: Vec<_> = asked.texts.iter().map(|of| text(of)).collect();
    let places: Vec<&(dyn ToSql + Sync)> = texts
        .iter()
        .map(|text| text as &(dyn ToSql + Sync))
        .collect();
    let rows = client.query(&asked.sql, &places).await?;
    let values: Read<Vec<T>> = rows.iter().map(|row| read(&mut Columns::of(row))).collect();
    Ok(values?)
}
