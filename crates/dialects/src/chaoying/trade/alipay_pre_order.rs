//! `ALIPAY_PreOrder`, 支付宝预下单. Source: Chaoying v2.5.3, section 4.9.

use heliu_trade::command::Command;
use heliu_trade::error::TradeError;
use heliu_trade::wallet::WalletKind;

use super::super::fields::Fields;
use super::super::interface::{Interface, as_all};
use super::pre_order::{self, FIELDS, told};

pub(super) const INTERFACE: Interface = Interface {
    path: "/Open/ALIPAY_PreOrder",
    method: None,
    is_trade: true,
    is_pre_order: true,
    is_private: false,
    read,
    told,
    refused: as_all,
    fields: FIELDS,
};

fn read(fields: Fields<'_>) -> Result<Command, TradeError> {
    pre_order::read(fields, WalletKind::Alipay)
}
