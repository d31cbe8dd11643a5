//! Merchants, apps, agents, contracts, channel accounts, their keys, and rates.

use heliu_ports::keys::SealedKey;
use heliu_ports::store::{
    AgentRecord, AppRecord, Directory, DirectoryChange, Enrolment, Newcomer, StoreNews,
};
use heliu_ports::store_error::Answer;
use heliu_trade::calendar::HolidayYear;
use heliu_trade::directory::{Agent, ChannelAccount};
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{AgentId, AppId, ChannelAccountId, DialectId, MerchantId, PartyId};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::parties::Party;

use super::super::MemoryStore;

impl Directory for MemoryStore {
    fn find_app(&self, dialect: &DialectId, app: &AppId) -> Answer<'_, Option<AppRecord>> {
        self.answer(|books| books.find_app(dialect, app))
    }

    fn find_agent(&self, dialect: &DialectId, agent: &AgentId) -> Answer<'_, Option<AgentRecord>> {
        self.answer(|books| books.find_agent(dialect, agent))
    }

    fn list_fees(&self, owner: Owner) -> Answer<'_, Vec<FeeVersion>> {
        self.answer(|books| books.list_fees(&owner))
    }

    fn list_costs(&self) -> Answer<'_, Vec<FeeVersion>> {
        self.answer(|books| books.list_costs())
    }

    fn list_fees_brought(&self, party: PartyId) -> Answer<'_, Vec<FeeVersion>> {
        self.answer(|books| books.list_fees_brought(&party))
    }

    fn fee_tree(&self) -> Answer<'_, u64> {
        self.answer(|books| books.fee_tree)
    }

    fn holidays(&self) -> Answer<'_, Vec<HolidayYear>> {
        self.answer(|books| books.holidays.values().cloned().collect())
    }

    fn list_parties(&self) -> Answer<'_, Vec<Party>> {
        self.answer(|books| books.parties.values().cloned().collect())
    }

    fn list_agents(&self) -> Answer<'_, Vec<Agent>> {
        self.answer(|books| books.agents.values().cloned().collect())
    }

    fn find_channel_account(
        &self,
        account: &ChannelAccountId,
    ) -> Answer<'_, Option<(ChannelAccount, Vec<SealedKey>)>> {
        self.answer(|books| books.find_channel_account(account))
    }

    fn list_channel_accounts(&self) -> Answer<'_, Vec<ChannelAccount>> {
        self.answer(|books| books.accounts.values().cloned().collect())
    }

    fn rates(&self) -> Answer<'_, Vec<(Currency, ExchangeRate)>> {
        self.answer(|books| {
            books
                .rates
                .iter()
                .map(|(currency, rate)| (*currency, *rate))
                .collect()
        })
    }

    fn change_directory_audited(
        &self,
        change: DirectoryChange,
        audit: Option<NewAudit>,
    ) -> Answer<'_, ()> {
        self.desk
            .tell_others(self.node, StoreNews::DirectoryChanged);
        let answer = self.answer(|books| {
            books.check_change(&change)?;
            books.change_directory(change.clone());
            books.write_down(audit);
            Ok(())
        });
        if let Some(watch) = &self.watch {
            watch.directory_changed(&change);
        }
        Box::pin(async move { answer.await? })
    }

    fn admit_audited(&self, newcomer: Newcomer, audit: Option<NewAudit>) -> Answer<'_, bool> {
        self.desk
            .tell_others(self.node, StoreNews::DirectoryChanged);
        let answer = self.answer(|books| books.admit(newcomer, audit));
        Box::pin(async move { answer.await? })
    }

    fn find_merchant(&self, merchant: &MerchantId) -> Answer<'_, Option<Enrolment>> {
        self.answer(|books| {
            let mut all = books.list_merchants().into_iter();
            all.find(|found| found.merchant.merchant_id == *merchant)
        })
    }

    fn list_merchants(&self) -> Answer<'_, Vec<Enrolment>> {
        self.answer(|books| books.list_merchants())
    }

    fn list_keys(&self, owner: String) -> Answer<'_, Vec<SealedKey>> {
        self.answer(|books| books.list_keys(&owner))
    }
}
