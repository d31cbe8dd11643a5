//! Items of settlements, and whose records wait.

use heliu_ports::store::{
    Booked, Gather, Gathered, OwnerStanding, RunningRefund, Settlements, Waiting,
};
use heliu_ports::store_error::Answer;
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::MerchantId;
use heliu_trade::record::Record;
use heliu_trade::settlement::SettlementSums;

use super::super::work::{Reply, Request};
use super::super::{SqliteStore, read};

impl Settlements for SqliteStore {
    fn owners_to_settle(
        &self,
        booked: Booked,
        after: Option<Owner>,
        limit: u32,
    ) -> Answer<'_, Vec<Owner>> {
        Box::pin(self.readers.read(move |books| {
            read::settlement::owners_to_settle(books, booked, after.as_ref(), limit)
        }))
    }

    fn gather_items(&self, gather: Gather) -> Answer<'_, Gathered> {
        Box::pin(self.ask(Request::GatherItems(Box::new(gather)), Reply::Gathered))
    }

    fn sum_items(&self, settlement: Subject) -> Answer<'_, SettlementSums> {
        Box::pin(
            self.readers
                .read(move |books| read::settlement::sum_items(books, &settlement)),
        )
    }

    fn owners_waiting(
        &self,
        waiting: Waiting,
        after: Option<Owner>,
        limit: u32,
    ) -> Answer<'_, Vec<Owner>> {
        Box::pin(self.readers.read(move |books| {
            read::settlement::owners_waiting(books, &waiting, after.as_ref(), limit)
        }))
    }

    fn waiting_records(
        &self,
        waiting: Waiting,
        owner: Owner,
        limit: u32,
    ) -> Answer<'_, Vec<Record>> {
        Box::pin(
            self.readers.read(move |books| {
                read::settlement::waiting_records(books, &waiting, &owner, limit)
            }),
        )
    }

    fn running_refunds(&self, merchant: &MerchantId) -> Answer<'_, Vec<RunningRefund>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::weighing::running_refunds(books, &merchant)),
        )
    }

    fn owner_standings(&self, after: Option<Owner>, limit: u32) -> Answer<'_, Vec<OwnerStanding>> {
        Box::pin(
            self.readers
                .read(move |books| read::settlement::standings(books, after.as_ref(), limit)),
        )
    }
}
