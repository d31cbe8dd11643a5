//! Merchants, with what belongs to them.

use deadpool_postgres::GenericClient;
use heliu_ports::lists::{Listed, MerchantFilter, Page};
use heliu_ports::store::Enrolment;

use super::{page, rows};
use crate::postgres::fault::Fault;
use crate::rows::directory::{enrolments, read_app, read_contract};
use crate::rows::lists::Kind;
use crate::rows::lists::directory::{apps_of, contracts_of, merchants};

/// A page of merchants.
pub(crate) async fn page_merchants(
    client: &impl GenericClient,
    filter: &MerchantFilter,
    asked: &Page,
) -> Result<Listed<Enrolment>, Fault> {
    let found = page(client, &merchants(filter, asked, Kind::Postgres)).await?;
    let apps = match apps_of(&found.rows) {
        Some(ask) => rows(client, &ask, read_app).await?,
        None => Vec::new(),
    };
    let contracts = match contracts_of(&found.rows) {
        Some(ask) => rows(client, &ask, read_contract).await?,
        None => Vec::new(),
    };
    Ok(Listed {
        rows: enrolments(found.rows, apps, contracts),
        next: found.next,
    })
}
