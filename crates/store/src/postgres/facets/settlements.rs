//! Items of settlements, and whose records wait.

use heliu_ports::store::{
    Booked, Gather, Gathered, OwnerStanding, RunningRefund, Settlements, Waiting,
};
use heliu_ports::store_error::Answer;
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::MerchantId;
use heliu_trade::record::Record;
use heliu_trade::settlement::SettlementSums;

use super::super::connections::with_client;
use super::super::{PostgresStore, read, write};

impl Settlements for PostgresStore {
    fn owners_to_settle(
        &self,
        booked: Booked,
        after: Option<Owner>,
        limit: u32,
    ) -> Answer<'_, Vec<Owner>> {
        Box::pin(async move {
            with_client!(self.walkers, client =>
                read::settlement::owners_to_settle(client, booked, after.as_ref(), limit))
        })
    }

    fn gather_items(&self, gather: Gather) -> Answer<'_, Gathered> {
        Box::pin(async move {
            with_client!(self.changers, client => write::settlement::gather(client, &gather))
        })
    }

    fn sum_items(&self, settlement: Subject) -> Answer<'_, SettlementSums> {
        Box::pin(async move {
            with_client!(self.walkers, client => read::settlement::sum_items(client, &settlement))
        })
    }

    fn owners_waiting(
        &self,
        waiting: Waiting,
        after: Option<Owner>,
        limit: u32,
    ) -> Answer<'_, Vec<Owner>> {
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::settlement::owners_waiting(client, &waiting, after.as_ref(), limit))
        })
    }

    fn waiting_records(
        &self,
        waiting: Waiting,
        owner: Owner,
        limit: u32,
    ) -> Answer<'_, Vec<Record>> {
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::settlement::waiting_records(client, &waiting, &owner, limit))
        })
    }

    fn running_refunds(&self, merchant: &MerchantId) -> Answer<'_, Vec<RunningRefund>> {
        let merchant = merchant.clone();
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::weighing::running_refunds(&***client, &merchant))
        })
    }

    fn owner_standings(&self, after: Option<Owner>, limit: u32) -> Answer<'_, Vec<OwnerStanding>> {
        Box::pin(async move {
            with_client!(self.walkers, client =>
                read::settlement::standings(client, after.as_ref(), limit))
        })
    }
}
