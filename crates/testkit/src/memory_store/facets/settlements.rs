//! Items of settlements, and whose records wait.

use heliu_ports::store::{
    Booked, Gather, Gathered, OwnerStanding, RunningRefund, Settlements, Waiting,
};
use heliu_ports::store_error::Answer;
use heliu_trade::followup::subject::{Owner, Subject};
use heliu_trade::id::MerchantId;
use heliu_trade::record::Record;
use heliu_trade::settlement::SettlementSums;

use super::super::MemoryStore;

impl Settlements for MemoryStore {
    fn owners_to_settle(
        &self,
        booked: Booked,
        after: Option<Owner>,
        limit: u32,
    ) -> Answer<'_, Vec<Owner>> {
        self.answer(|books| books.owners_to_settle(booked, after.as_ref(), limit))
    }

    fn gather_items(&self, gather: Gather) -> Answer<'_, Gathered> {
        self.answer(|books| books.gather_items(&gather))
    }

    fn sum_items(&self, settlement: Subject) -> Answer<'_, SettlementSums> {
        self.answer(|books| books.sum_items(&settlement))
    }

    fn owners_waiting(
        &self,
        waiting: Waiting,
        after: Option<Owner>,
        limit: u32,
    ) -> Answer<'_, Vec<Owner>> {
        self.answer(|books| books.owners_waiting(&waiting, after.as_ref(), limit))
    }

    fn waiting_records(
        &self,
        waiting: Waiting,
        owner: Owner,
        limit: u32,
    ) -> Answer<'_, Vec<Record>> {
        self.answer(|books| books.waiting_records(&waiting, &owner, limit))
    }

    fn running_refunds(&self, merchant: &MerchantId) -> Answer<'_, Vec<RunningRefund>> {
        self.answer(|books| books.running_refunds(merchant))
    }

    fn owner_standings(&self, after: Option<Owner>, limit: u32) -> Answer<'_, Vec<OwnerStanding>> {
        self.answer(|books| books.owner_standings(after.as_ref(), limit))
    }
}
