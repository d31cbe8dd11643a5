//! Who may trade: written as it is given; a repeat writes the same again.

use heliu_ports::keys::SealedKey;
use heliu_ports::store::{DirectoryChange, Enrolment};
use heliu_trade::directory::ChannelAccount;
use heliu_trade::money::{Currency, ExchangeRate};
use rusqlite::params;

use super::batch::Books;
use crate::sqlite::fault::Fault;
use crate::sqlite::work::Outcome;

impl Books<'_> {
    pub(super) fn change_directory(&self, change: &DirectoryChange) -> Result<Outcome, Fault> {
        match change {
            DirectoryChange::Enrol { enrolment, keys } => {
                self.enrol(enrolment)?;
                self.put_keys(keys)?;
            }
            DirectoryChange::PutChannelAccount { account, keys } => {
                self.put_channel_account(account)?;
                self.put_keys(keys)?;
            }
            DirectoryChange::PutRate(currency, rate) => self.put_rate(*currency, *rate)?,
        }
        Ok(Outcome::Done)
    }

    fn enrol(&self, enrolment: &Enrolment) -> Result<(), Fault> {
        let merchant = &enrolment.merchant;
        self.connection.execute(
            "INSERT INTO merchant (merchant_id, name, is_enabled) VALUES (?1, ?2, ?3)
             ON CONFLICT (merchant_id) DO UPDATE
             SET name = excluded.name, is_enabled = excluded.is_enabled",
            params![
                merchant.merchant_id.as_str(),
                merchant.name,
                merchant.is_enabled
            ],
        )?;
        for app in &enrolment.apps {
            self.connection.execute(
                "INSERT INTO app (dialect_id, app_id, merchant_id) VALUES (?1, ?2, ?3)
                 ON CONFLICT (dialect_id, app_id) DO UPDATE SET merchant_id = excluded.merchant_id",
                params![
                    app.dialect_id.as_str(),
                    app.app_id.as_str(),
                    app.merchant_id.as_str()
                ],
            )?;
        }
        for contract in &enrolment.contracts {
            self.connection.execute(
                "INSERT INTO contract (merchant_id, wallet, channel_account_id, sub_merchant_id, fee)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (merchant_id, wallet) DO UPDATE
                 SET channel_account_id = excluded.channel_account_id,
                     sub_merchant_id = excluded.sub_merchant_id, fee = excluded.fee",
                params![
                    contract.merchant_id.as_str(),
                    contract.wallet.as_str(),
                    contract.channel_account_id.as_str(),
                    contract.sub_merchant_id,
                    serde_json::to_string(&contract.fee)?,
                ],
            )?;
        }
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

    fn put_keys(&self, keys: &[SealedKey]) -> Result<(), Fault> {
        for key in keys {
            self.connection.execute(
                "INSERT INTO sealed_key (owner, role, version, sealed, fingerprint)
                 VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (owner, role, version) DO UPDATE
                 SET sealed = excluded.sealed, fingerprint = excluded.fingerprint",
                params![
                    key.owner,
                    key.role,
                    key.version,
                    key.sealed,
                    key.fingerprint
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
