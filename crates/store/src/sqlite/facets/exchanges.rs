//! The exchange log: requests and answers as they went over the wire.

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_ports::store::Exchanges;
use heliu_ports::store_error::Answer;
use heliu_trade::id::PlatformNo;

use super::super::{SqliteStore, read};

impl Exchanges for SqliteStore {
    fn record(&self, record: ExchangeRecord) {
        self.inbox.record(record);
    }

    fn find_exchange(
        &self,
        exchange_no: PlatformNo,
    ) -> Answer<'_, Option<(ExchangeRequest, Option<ExchangeAnswer>)>> {
        Box::pin(
            self.readers
                .read(move |books| read::story::find_exchange(books, exchange_no)),
        )
    }
}
