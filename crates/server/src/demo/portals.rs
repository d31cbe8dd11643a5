//! What the sandbox's portals hand over, an account a field.

use heliu_sandbox::upstreams::alipay::AlipayAccount;
use heliu_sandbox::upstreams::payout_bank::PayoutBankAccount;
use heliu_sandbox::upstreams::unionpay::UnionpayAccount;
use heliu_sandbox::upstreams::wechat::WechatAccount;
use heliu_sandbox::{PortalKeys, SandboxError, SmsAccount};

/// The accounts that a demonstration enters.
#[derive(Clone)]
pub(super) struct Portals {
    /// Where the sandbox is reached, without a trailing slash.
    pub(super) base_url: String,
    pub(super) wechat: WechatAccount,
    pub(super) alipay: AlipayAccount,
    pub(super) unionpay: UnionpayAccount,
    pub(super) bank: PayoutBankAccount,
    pub(super) sms: SmsAccount,
}

impl Portals {
    /// Reads them; fails where a part is missing or is none.
    pub(super) fn read(keys: PortalKeys) -> Result<Self, SandboxError> {
        Ok(Self {
            wechat: keys.account()?,
            alipay: keys.account()?,
            unionpay: keys.account()?,
            bank: keys.account()?,
            base_url: keys.base_url,
            sms: keys.sms,
        })
    }
}
