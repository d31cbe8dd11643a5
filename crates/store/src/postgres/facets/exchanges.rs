//! The exchange log: requests and answers as they went over the wire.

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_ports::store::Exchanges;
use heliu_ports::store_error::Answer;
use heliu_trade::id::PlatformNo;

use super::super::connections::with_client;
use super::super::{PostgresStore, read};

impl Exchanges for PostgresStore {
    fn record(&self, record: ExchangeRecord) {
        self.shared.inbox.record(record);
    }

    fn find_exchange(
        &self,
        exchange_no: PlatformNo,
    ) -> Answer<'_, Option<(ExchangeRequest, Option<ExchangeAnswer>)>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::story::find_exchange(client, exchange_no))
        })
    }
}
