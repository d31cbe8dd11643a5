//! Who acts for whom: the service provider of the account, the sub-merchant of the route or the
//! contract.

use heliu_ports::channel::{ChannelOrder, ProviderNames, UpstreamScene};
use heliu_trade::directory::{ChannelAccount, Contract};
use heliu_trade::wallet::Scene;

use crate::account::{optional, required};
use crate::answer::Stop;

/// The service provider, as the account names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Provider<'a> {
    /// Merchant number; v2 calls it `mch_id`.
    pub(super) mchid: &'a str,
    /// App id; v2 calls it `appid`.
    pub(super) appid: &'a str,
}

impl<'a> Provider<'a> {
    /// As an order names it: face pay may have an app of its own.
    pub(super) fn of(order: &ChannelOrder<'a>) -> Result<Self, Stop> {
        if order.attempt.route.scene == Scene::Face {
            Self::for_faces(order.account)
        } else {
            Self::of_account(order.account)
        }
    }

    /// As everything but face pay names it.
    fn of_account(account: &'a ChannelAccount) -> Result<Self, Stop> {
        Ok(Self {
            mchid: required(account, "sp_mchid")?,
            appid: required(account, "sp_appid")?,
        })
    }

    /// As face pay names it.
    pub(super) fn for_faces(account: &'a ChannelAccount) -> Result<Self, Stop> {
        let appid = match optional(account, "face_appid") {
            Some(appid) => appid,
            None => required(account, "sp_appid")?,
        };
        Ok(Self {
            mchid: required(account, "sp_mchid")?,
            appid,
        })
    }
}

/// The names that go with a scene, for wires that pass them on.
pub(super) fn provider_names(account: &ChannelAccount, scene: UpstreamScene) -> ProviderNames {
    let face_appid = optional(account, "face_appid").filter(|_| scene == UpstreamScene::Face);
    let owned = |name: Option<&str>| name.map(str::to_owned);
    ProviderNames {
        merchant_no: owned(optional(account, "sp_mchid")),
        app_id: owned(face_appid.or(optional(account, "sp_appid"))),
    }
}

/// Everybody whom a v2 message names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parties<'a> {
    /// The service provider.
    pub(super) provider: Provider<'a>,
    /// The sub-merchant's number.
    pub(super) sub_mchid: &'a str,
    /// The sub-merchant's own app, if it is meant.
    pub(super) sub_appid: Option<&'a str>,
}

impl<'a> Parties<'a> {
    /// Those of an order.
    pub(super) fn of(order: &'a ChannelOrder<'_>) -> Result<Self, Stop> {
        Ok(Self {
            provider: Provider::of(order)?,
            sub_mchid: sub_mchid(order),
            sub_appid: sub_appid(order),
        })
    }

    /// Those of a merchant who asks about payers, under `app_id` where it means an app of its own.
    pub(super) fn under_app(
        account: &'a ChannelAccount,
        contract: &'a Contract,
        app_id: Option<&'a str>,
    ) -> Result<Self, Stop> {
        Ok(Self {
            provider: Provider::of_account(account)?,
            sub_mchid: &contract.sub_merchant_id,
            sub_appid: present(app_id),
        })
    }

    /// Those of a merchant whose terminals look at faces.
    pub(super) fn for_faces(
        account: &'a ChannelAccount,
        contract: &'a Contract,
    ) -> Result<Self, Stop> {
        Ok(Self {
            provider: Provider::for_faces(account)?,
            sub_mchid: &contract.sub_merchant_id,
            sub_appid: present(contract.sub_app_id.as_deref()),
        })
    }
}

/// The address of the interfaces, without a slash at its end; its path counts for v3 signatures.
pub(super) fn base_url(account: &ChannelAccount) -> Result<&str, Stop> {
    Ok(required(account, "base_url")?.trim_end_matches('/'))
}

/// An address that has a default, without a slash at its end.
pub(super) fn address<'a>(account: &'a ChannelAccount, name: &str, default: &'a str) -> &'a str {
    optional(account, name)
        .unwrap_or(default)
        .trim_end_matches('/')
}
/// The sub-merchant's number at WeChat.
pub(super) fn sub_mchid<'a>(order: &'a ChannelOrder<'_>) -> &'a str {
    &order.attempt.route.sub_merchant_id
}

/// The sub-merchant's own app id, if the payer is known under one.
pub(super) fn sub_appid<'a>(order: &'a ChannelOrder<'_>) -> Option<&'a str> {
    present(order.attempt.route.sub_app_id.as_deref())
}

/// The payer's id, if it is known beforehand.
pub(super) fn payer_id<'a>(order: &'a ChannelOrder<'_>) -> Option<&'a str> {
    present(order.attempt.route.payer_id.as_deref())
}

fn present(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}
