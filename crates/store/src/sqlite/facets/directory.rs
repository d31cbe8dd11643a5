//! Merchants, apps, agents, contracts, channel accounts, their keys, and rates.

use heliu_ports::keys::SealedKey;
use heliu_ports::store::{AgentRecord, AppRecord, Directory, DirectoryChange, Enrolment, Newcomer};
use heliu_ports::store_error::Answer;
use heliu_trade::calendar::HolidayYear;
use heliu_trade::directory::{Agent, ChannelAccount};
use heliu_trade::fee::schedule::FeeVersion;
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::followup::subject::Owner;
use heliu_trade::id::{AgentId, AppId, ChannelAccountId, DialectId, MerchantId, PartyId};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::parties::Party;

use super::super::work::{Reply, Request};
use super::super::{SqliteStore, read};

impl Directory for SqliteStore {
    fn find_app(&self, dialect: &DialectId, app: &AppId) -> Answer<'_, Option<AppRecord>> {
        let (dialect, app) = (dialect.clone(), app.clone());
        Box::pin(
            self.readers
                .read(move |books| read::directory::find_app(books, &dialect, &app)),
        )
    }

    fn find_agent(&self, dialect: &DialectId, agent: &AgentId) -> Answer<'_, Option<AgentRecord>> {
        let (dialect, agent) = (dialect.clone(), agent.clone());
        Box::pin(
            self.readers
                .read(move |books| read::directory::find_agent(books, &dialect, &agent)),
        )
    }

    fn list_fees(&self, owner: Owner) -> Answer<'_, Vec<FeeVersion>> {
        let read = move |books: &_| read::directory::list_fees(books, &owner.name());
        Box::pin(self.readers.read(read))
    }

    fn list_costs(&self) -> Answer<'_, Vec<FeeVersion>> {
        Box::pin(self.readers.read(read::directory::list_costs))
    }

    fn list_fees_brought(&self, party: PartyId) -> Answer<'_, Vec<FeeVersion>> {
        let read = move |books: &_| read::directory::list_fees_brought(books, &party);
        Box::pin(self.readers.read(read))
    }

    fn fee_tree(&self) -> Answer<'_, u64> {
        Box::pin(self.readers.read(read::directory::fee_tree))
    }

    fn holidays(&self) -> Answer<'_, Vec<HolidayYear>> {
        Box::pin(self.readers.read(read::directory::holidays))
    }

    fn list_parties(&self) -> Answer<'_, Vec<Party>> {
        Box::pin(self.readers.read(read::directory::list_parties))
    }

    fn list_agents(&self) -> Answer<'_, Vec<Agent>> {
        Box::pin(self.readers.read(read::directory::list_agents))
    }

    fn find_channel_account(
        &self,
        account: &ChannelAccountId,
    ) -> Answer<'_, Option<(ChannelAccount, Vec<SealedKey>)>> {
        let account = account.clone();
        Box::pin(
            self.readers
                .read(move |books| read::directory::find_channel_account(books, &account)),
        )
    }

    fn list_channel_accounts(&self) -> Answer<'_, Vec<ChannelAccount>> {
        Box::pin(self.readers.read(read::directory::list_channel_accounts))
    }

    fn rates(&self) -> Answer<'_, Vec<(Currency, ExchangeRate)>> {
        Box::pin(self.readers.read(read::directory::rates))
    }

    fn change_directory_audited(
        &self,
        change: DirectoryChange,
        audit: Option<NewAudit>,
    ) -> Answer<'_, ()> {
        let parts = Box::new((change, audit));
        Box::pin(self.ask(Request::ChangeDirectory(parts), Reply::Done))
    }

    fn admit_audited(&self, newcomer: Newcomer, audit: Option<NewAudit>) -> Answer<'_, bool> {
        let parts = Box::new((newcomer, audit));
        Box::pin(self.ask(Request::Admit(parts), Reply::Answered))
    }

    fn find_merchant(&self, merchant: &MerchantId) -> Answer<'_, Option<Enrolment>> {
        let merchant = merchant.clone();
        Box::pin(
            self.readers
                .read(move |books| read::directory::find_merchant(books, &merchant)),
        )
    }

    fn list_merchants(&self) -> Answer<'_, Vec<Enrolment>> {
        Box::pin(self.readers.read(read::directory::list_merchants))
    }

    fn list_keys(&self, owner: String) -> Answer<'_, Vec<SealedKey>> {
        Box::pin(
            self.readers
                .read(move |books| read::directory::list_keys(books, &owner)),
        )
    }
}
