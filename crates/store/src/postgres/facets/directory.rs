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

use super::super::connections::{snapshot, with_client};
use super::super::{PostgresStore, read, write};

impl Directory for PostgresStore {
    fn find_app(&self, dialect: &DialectId, app: &AppId) -> Answer<'_, Option<AppRecord>> {
        let (dialect, app) = (dialect.clone(), app.clone());
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::directory::find_app(client, &dialect, &app))
        })
    }

    fn find_agent(&self, dialect: &DialectId, agent: &AgentId) -> Answer<'_, Option<AgentRecord>> {
        let (dialect, agent) = (dialect.clone(), agent.clone());
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::directory::find_agent(client, &dialect, &agent))
        })
    }

    fn list_fees(&self, owner: Owner) -> Answer<'_, Vec<FeeVersion>> {
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::directory::list_fees(client, &owner.name()))
        })
    }

    fn list_costs(&self) -> Answer<'_, Vec<FeeVersion>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::directory::list_costs(client))
        })
    }

    fn list_fees_brought(&self, party: PartyId) -> Answer<'_, Vec<FeeVersion>> {
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::directory::list_fees_brought(client, &party))
        })
    }

    fn fee_tree(&self) -> Answer<'_, u64> {
        Box::pin(
            async move { with_client!(self.readers, client => read::directory::fee_tree(client)) },
        )
    }

    fn holidays(&self) -> Answer<'_, Vec<HolidayYear>> {
        Box::pin(
            async move { with_client!(self.readers, client => read::directory::holidays(client)) },
        )
    }

    fn list_parties(&self) -> Answer<'_, Vec<Party>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::directory::list_parties(client))
        })
    }

    fn list_agents(&self) -> Answer<'_, Vec<Agent>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::directory::list_agents(client))
        })
    }

    fn find_channel_account(
        &self,
        account: &ChannelAccountId,
    ) -> Answer<'_, Option<(ChannelAccount, Vec<SealedKey>)>> {
        let account = account.clone();
        Box::pin(async move {
            with_client!(self.readers, client =>
                read::directory::find_channel_account(client, &account))
        })
    }

    fn list_channel_accounts(&self) -> Answer<'_, Vec<ChannelAccount>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::directory::list_channel_accounts(client))
        })
    }

    fn rates(&self) -> Answer<'_, Vec<(Currency, ExchangeRate)>> {
        Box::pin(
            async move { with_client!(self.readers, client => read::directory::rates(client)) },
        )
    }

    fn change_directory_audited(
        &self,
        change: DirectoryChange,
        audit: Option<NewAudit>,
    ) -> Answer<'_, ()> {
        Box::pin(async move {
            with_client!(self.changers, client =>
                write::directory::change_directory(client, &change, audit.as_ref()))
        })
    }

    fn admit_audited(&self, newcomer: Newcomer, audit: Option<NewAudit>) -> Answer<'_, bool> {
        Box::pin(async move {
            with_client!(self.changers, client =>
                write::directory::admit(client, &newcomer, audit.as_ref()))
        })
    }

    fn find_merchant(&self, merchant: &MerchantId) -> Answer<'_, Option<Enrolment>> {
        let merchant = merchant.clone();
        Box::pin(async move {
            with_client!(self.readers, client => async {
                read::directory::find_merchant(&snapshot(client).await?, &merchant).await
            })
        })
    }

    fn list_merchants(&self) -> Answer<'_, Vec<Enrolment>> {
        Box::pin(async move {
            with_client!(self.walkers, client => async {
                read::directory::list_merchants(&snapshot(client).await?).await
            })
        })
    }

    fn list_keys(&self, owner: String) -> Answer<'_, Vec<SealedKey>> {
        Box::pin(async move {
            with_client!(self.readers, client => read::directory::list_keys(client, &owner))
        })
    }
}
