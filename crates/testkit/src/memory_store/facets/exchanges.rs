//! The exchange log: requests and answers as they went over the wire.

use heliu_ports::exchange::{ExchangeAnswer, ExchangeRecord, ExchangeRequest};
use heliu_ports::store::Exchanges;
use heliu_ports::store_error::Answer;
use heliu_trade::id::PlatformNo;

use super::super::MemoryStore;

impl Exchanges for MemoryStore {
    fn record(&self, record: ExchangeRecord) {
        self.lock().record(record);
    }

    fn find_exchange(
        &self,
        exchange_no: PlatformNo,
    ) -> Answer<'_, Option<(ExchangeRequest, Option<ExchangeAnswer>)>> {
        self.answer(|books| books.find_exchange(exchange_no))
    }
}
