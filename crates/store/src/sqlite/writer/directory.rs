//! Who may trade: written as it is given; a repeat writes the same again.

use heliu_ports::keys::{KeyOwner, SealedKey};
use heliu_ports::store::{DirectoryChange, Enrolment, FeeTreeChanged, Newcomer};
use heliu_trade::directory::{Agent, App, ChannelAccount, Contract};
use heliu_trade::fee::schedule::{FeeVersion, is_next};
use heliu_trade::followup::audit::NewAudit;
use heliu_trade::id::{AgentId, ChannelAccountId, PartyId};
use heliu_trade::money::{Currency, ExchangeRate};
use heliu_trade::parties::{Party, Tree};
use heliu_trade::routing::ContractKey;
use rusqlite::{params, params_from_iter};

use super::books::Books;
use crate::columns::integer;
use crate::rows::day::MOVE_CLOCK;
use crate::rows::directory::{
    ADD_FEES, CHANGE_FEE_TREE, DROP_CONTRACT, PARTIES, PUT_CONTRACT, PUT_FEE, PUT_HOLIDAYS,
    PUT_PARTY, SET_AGENT_ENABLED, SET_PARTY_ENABLED, account_of, read_party,
};
use crate::rows::office::SET_PERSON_ENABLED;
use crate::sqlite::fault::Fault;
use crate::sqlite::query::all;
use crate::sqlite::read::directory::list_fees;
use crate::sqlite::work::Outcome;

impl Books<'_> {
    pub(super) fn change_directory(
        &self,
        change: &DirectoryChange,
        audit: Option<&NewAudit>,
    ) -> Result<Outcome, Fault> {
        match change {
            DirectoryChange::Enrol { enrolment, keys } => {
                self.enrol(enrolment)?;
                self.put_keys(keys)?;
            }
            DirectoryChange::EditMerchant {
                enrolment,
                keys,
                dropped,
            } => {
                for key in dropped {
                    self.drop_contract(key)?;
                }
                self.enrol(enrolment)?;
                self.put_keys(keys)?;
            }
            DirectoryChange::PutParty { party, agents } => {
                self.put_party(party)?;
                for agent in agents {
                    self.put_agent(agent)?;
                }
            }
            DirectoryChange::PutAgent { agent, keys } => {
                self.put_agent(agent)?;
                self.put_keys(keys)?;
            }
            DirectoryChange::PutKeys(keys) => self.put_keys(keys)?,
            DirectoryChange::RetireKeys {
                owner,
                role,
                below_version,
            } => {
                let sql = "DELETE FROM sealed_key WHERE owner = ?1 AND role = ?2 AND version < ?3";
                self.connection
                    .execute(sql, params![owner, role, below_version])?;
            }
            DirectoryChange::ProveKey {
                owner,
                role,
                version,
            } => {
                let sql = "UPDATE sealed_key SET is_proved = 1
                    WHERE owner = ?1 AND role = ?2 AND version = ?3";
                self.connection
                    .execute(sql, params![owner, role, version])?;
            }
            DirectoryChange::SetMerchantState(merchant_id, state) => {
                let sql = "UPDATE merchant SET state = ?2 WHERE merchant_id = ?1";
                self.connection
                    .execute(sql, params![merchant_id.as_str(), state.as_str()])?;
            }
            DirectoryChange::SetPartyEnabled {
                party_id,
                is_enabled,
            } => {
                let key = params![is_enabled, party_id.as_str()];
                self.connection.execute(SET_PARTY_ENABLED, key)?;
            }
            DirectoryChange::SetAgentEnabled {
                dialect_id,
                agent_id,
                is_enabled,
            } => {
                let key = params![is_enabled, dialect_id.as_str(), agent_id.as_str()];
                self.connection.execute(SET_AGENT_ENABLED, key)?;
            }
            DirectoryChange::PutChannelAccount { account, keys } => {
                self.put_channel_account(account)?;
                self.put_keys(keys)?;
            }
            DirectoryChange::RemoveChannelAccount(id) => self.remove_channel_account(id)?,
            DirectoryChange::PutFees(version) => self.put_fees(version)?,
            DirectoryChange::Terms(_) => {}
            DirectoryChange::MoveClock(ahead_ms) => {
                self.connection
                    .prepare_cached(MOVE_CLOCK)?
                    .execute([ahead_ms])?;
            }
            DirectoryChange::PutHolidays(years) => {
                for year in years {
                    let values = params![i64::from(year.year), year.days_text()];
                    self.connection.execute(PUT_HOLIDAYS, values)?;
                }
            }
            DirectoryChange::OverFeeTree { seen, change } => {
                self.change_fee_tree(*seen, Some(change))?;
                return self.change_directory(change, audit);
            }
            DirectoryChange::PutRate(currency, rate) => self.put_rate(*currency, *rate)?,
            DirectoryChange::PutPerson(person) => self.put_person(person)?,
            DirectoryChange::SetPersonEnabled { name, is_enabled } => {
                let key = params![is_enabled, name];
                self.connection.execute(SET_PERSON_ENABLED, key)?;
            }
        }
        self.audit(audit)?;
        Ok(Outcome::Done)
    }

    /// The writer is alone, so that what it does not find nobody else writes meanwhile.
    pub(super) fn admit(
        &self,
        newcomer: &Newcomer,
        audit: Option<&NewAudit>,
    ) -> Result<Outcome, Fault> {
        let keys = newcomer.keys();
        match self.take_in(newcomer) {
            Ok(true) => {}
            Ok(false) => return Ok(Outcome::Answered(self.is_repeat(keys)?)),
            Err(Fault::FeeTree(_)) if self.is_repeat(keys)? => {
                return Ok(Outcome::Answered(true));
            }
            Err(fault) => return Err(fault),
        }
        self.put_keys(keys)?;
        self.audit(audit)?;
        Ok(Outcome::Answered(true))
    }

    /// Whether somebody was written, since they do not stand.
    fn take_in(&self, newcomer: &Newcomer) -> Result<bool, Fault> {
        match newcomer {
            Newcomer::Merchant { enrolment, .. } => {
                let sql = "SELECT 1 FROM merchant WHERE merchant_id = ?1";
                let mut stands = self.finds(sql, &[enrolment.merchant.merchant_id.as_str()])?;
                for app in &enrolment.apps {
                    stands |= self.has_app(app)?;
                }
                if stands {
                    return Ok(false);
                }
                self.enrol(enrolment)?;
            }
            Newcomer::App { app, .. } => {
                if self.has_app(app)? {
                    return Ok(false);
                }
                self.put_app(app)?;
            }
            Newcomer::Party { party, agent, .. } => {
                let sql = "SELECT 1 FROM party WHERE party_id = ?1";
                if self.finds(sql, &[party.party_id.as_str()])? || self.has_agent(agent)? {
                    return Ok(false);
                }
                self.put_party(party)?;
                self.put_agent(agent)?;
            }
            Newcomer::Agent { agent, .. } => {
                if self.has_agent(agent)? {
                    return Ok(false);
                }
                self.put_agent(agent)?;
            }
            Newcomer::Person(person) => {
                if self.finds("SELECT 1 FROM person WHERE name = ?1", &[&person.name])? {
                    return Ok(false);
                }
                self.put_person(person)?;
            }
            Newcomer::OverFeeTree { seen, newcomer } => {
                self.change_fee_tree(*seen, None)?;
                return self.take_in(newcomer);
            }
        }
        Ok(true)
    }

    /// What was looked at still stands; or it was changed by this very version of fees, whose
    /// answer was lost.
    fn change_fee_tree(&self, seen: u64, by: Option<&DirectoryChange>) -> Result<(), Fault> {
        let mut statement = self.connection.prepare_cached(CHANGE_FEE_TREE)?;
        if statement.execute([integer(seen)])? == 1 {
            return Ok(());
        }
        if let Some(DirectoryChange::PutFees(version)) = by
            && list_fees(self.connection, &version.owner.name())?.contains(version)
        {
            return Ok(());
        }
        Err(FeeTreeChanged.into())
    }

    fn has_app(&self, app: &App) -> Result<bool, Fault> {
        let sql = "SELECT 1 FROM app WHERE dialect_id = ?1 AND app_id = ?2";
        self.finds(sql, &[app.dialect_id.as_str(), app.app_id.as_str()])
    }

    fn has_agent(&self, agent: &Agent) -> Result<bool, Fault> {
        let sql = "SELECT 1 FROM agent WHERE dialect_id = ?1 AND agent_id = ?2";
        self.finds(sql, &[agent.dialect_id.as_str(), agent.agent_id.as_str()])
    }

    /// Whether these very keys stand, all of them: sealing makes a text that is made once.
    fn is_repeat(&self, keys: &[SealedKey]) -> Result<bool, Fault> {
        let sql = "SELECT 1 FROM sealed_key WHERE owner = ?1 AND role = ?2 AND sealed = ?3";
        let mut all = !keys.is_empty();
        for key in keys {
            all &= self.finds(sql, &[&key.owner, &key.role, &key.sealed])?;
        }
        Ok(all)
    }

    fn finds(&self, sql: &str, parameters: &[&str]) -> Result<bool, Fault> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.exists(params_from_iter(parameters))?)
    }

    fn enrol(&self, enrolment: &Enrolment) -> Result<(), Fault> {
        let merchant = &enrolment.merchant;
        self.connection.execute(
            "INSERT INTO merchant (merchant_id, name, short_name, state) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (merchant_id) DO UPDATE SET name = excluded.name,
                 short_name = excluded.short_name",
            params![
                merchant.merchant_id.as_str(),
                merchant.name,
                merchant.short_name,
                merchant.state.as_str()
            ],
        )?;
        for app in &enrolment.apps {
            self.put_app(app)?;
        }
        for contract in &enrolment.contracts {
            self.put_contract(contract)?;
        }
        Ok(())
    }

    fn put_contract(&self, contract: &Contract) -> Result<(), Fault> {
        let routing = &contract.routing;
        self.connection.execute(
            PUT_CONTRACT,
            params![
                contract.merchant_id.as_str(),
                contract.wallet.as_str(),
                contract.channel_account_id.as_str(),
                contract.sub_merchant_id,
                contract.sub_app_id,
                routing.priority,
                routing.weight,
                routing.amount_fen_min,
                routing.amount_fen_max,
                routing.from_minute,
                routing.until_minute,
                routing.daily_sum_fen_max,
            ],
        )?;
        let fee = params![
            contract.merchant_id.as_str(),
            contract.wallet.as_str(),
            contract.channel_account_id.as_str(),
            serde_json::to_string(&contract.fee)?,
        ];
        self.connection.execute(PUT_FEE, fee)?;
        Ok(())
    }

    /// The writer is alone, so that the versions that it looks at stay the newest.
    fn put_fees(&self, version: &FeeVersion) -> Result<(), Fault> {
        let owner = version.owner.name();
        let standing = list_fees(self.connection, &owner)?;
        if is_next(&standing, version)? {
            let values = params![
                owner,
                version.wallet.as_str(),
                account_of(version),
                version.version,
                version.from.as_ms(),
                serde_json::to_string(&version.tariff)?,
            ];
            self.connection.execute(ADD_FEES, values)?;
        }
        Ok(())
    }

    fn drop_contract(&self, key: &ContractKey) -> Result<(), Fault> {
        self.connection.execute(
            DROP_CONTRACT,
            params![
                key.merchant_id.as_str(),
                key.wallet.as_str(),
                key.channel_account_id.as_str(),
            ],
        )?;
        Ok(())
    }

    fn put_app(&self, app: &App) -> Result<(), Fault> {
        self.connection.execute(
            "INSERT INTO app (dialect_id, app_id, merchant_id, agent_id, partners, settings)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (dialect_id, app_id) DO UPDATE
             SET merchant_id = excluded.merchant_id, agent_id = excluded.agent_id,
                 partners = excluded.partners, settings = excluded.settings",
            params![
                app.dialect_id.as_str(),
                app.app_id.as_str(),
                app.merchant_id.as_str(),
                app.agent_id.as_ref().map(AgentId::as_str),
                serde_json::to_string(&app.partners)?,
                serde_json::to_string(&app.settings)?,
            ],
        )?;
        Ok(())
    }

    /// The writer is alone, so that the tree stays as it is looked at.
    fn put_party(&self, party: &Party) -> Result<(), Fault> {
        let standing = all(self.connection, PARTIES, [], read_party)?;
        Tree::of(&standing).check_place(party)?;
        self.connection.execute(
            PUT_PARTY,
            params![
                party.party_id.as_str(),
                party.parent_id.as_ref().map(PartyId::as_str),
                party.name,
                party.is_enabled,
            ],
        )?;
        Ok(())
    }

    fn put_agent(&self, agent: &Agent) -> Result<(), Fault> {
        self.connection.execute(
            "INSERT INTO agent (dialect_id, agent_id, party_id, is_enabled, settings, mini_programs)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (dialect_id, agent_id) DO UPDATE
             SET party_id = excluded.party_id, settings = excluded.settings,
                 mini_programs = excluded.mini_programs",
            params![
                agent.dialect_id.as_str(),
                agent.agent_id.as_str(),
                agent.party_id.as_str(),
                agent.is_enabled,
                serde_json::to_string(&agent.settings)?,
                serde_json::to_string(&agent.mini_programs)?,
            ],
        )?;
        Ok(())
    }

    fn put_channel_account(&self, account: &ChannelAccount) -> Result<(), Fault> {
        self.connection.execute(
            "INSERT INTO channel_account (channel_account_id, channel_id, settings)
             VALUES (?1, ?2, ?3)
             ON CONFLICT (channel_account_id) DO UPDATE
             SET channel_id = excluded.channel_id, settings = excluded.settings",
            params![
                account.channel_account_id.as_str(),
                account.channel_id.as_str(),
                serde_json::to_string(&account.settings)?,
            ],
        )?;
        Ok(())
    }

    fn remove_channel_account(&self, id: &ChannelAccountId) -> Result<(), Fault> {
        let sql = "DELETE FROM channel_account WHERE channel_account_id = ?1";
        self.connection.execute(sql, [id.as_str()])?;
        let owner = KeyOwner::ChannelAccount(id.clone()).name();
        let sql = "DELETE FROM sealed_key WHERE owner = ?1";
        self.connection.execute(sql, [owner])?;
        Ok(())
    }

    /// A key that is written again stays proved as long as it is the same key.
    fn put_keys(&self, keys: &[SealedKey]) -> Result<(), Fault> {
        for key in keys {
            self.connection.execute(
                "INSERT INTO sealed_key (owner, role, version, sealed, fingerprint, is_proved)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (owner, role, version) DO UPDATE
                 SET sealed = excluded.sealed, fingerprint = excluded.fingerprint,
                     is_proved = excluded.is_proved
                         OR (is_proved AND fingerprint = excluded.fingerprint)",
                params![
                    key.owner,
                    key.role,
                    key.version,
                    key.sealed,
                    key.fingerprint,
                    key.is_proved
                ],
            )?;
        }
        Ok(())
    }

    fn put_rate(&self, currency: Currency, rate: Option<ExchangeRate>) -> Result<(), Fault> {
        let Some(rate) = rate else {
            let sql = "DELETE FROM exchange_rate WHERE currency = ?1";
            self.connection.execute(sql, [currency.as_str()])?;
            return Ok(());
        };
        self.connection.execute(
            "INSERT INTO exchange_rate (currency, scaled, direction) VALUES (?1, ?2, ?3)
             ON CONFLICT (currency) DO UPDATE
             SET scaled = excluded.scaled, direction = excluded.direction",
            params![currency.as_str(), rate.scaled, rate.direction.as_str()],
        )?;
        Ok(())
    }
}
