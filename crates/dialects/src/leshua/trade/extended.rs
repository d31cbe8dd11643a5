//! `extend_business_params`, a JSON object of what Alipay takes for orders at table, which clients
//! may have encoded before they signed it. Its three members are handed on as they are; for other
//! wallets it is ignored. Source: Leshua trade services, section 4.1.

use std::collections::BTreeMap;

use heliu_trade::error::TradeError;
use heliu_trade::goods::WalletTerms;
use heliu_trade::wallet::WalletKind;
use serde_json::value::RawValue;

use crate::parameters::{check_length, illegal};

use super::super::attribute;
use super::fields::{Fields, decoded_again};

/// The members that are handed on.
const MEMBERS: [&str; 3] = ["business_params", "goods_detail", "extend_params"];
/// Longest text, in characters; the table names no length.
const LENGTH_MAX: usize = 8192;

/// `wallet` is the only one that may pay, if the request says so.
pub(super) fn read(
    fields: Fields<'_>,
    wallet: Option<WalletKind>,
) -> Result<Option<WalletTerms>, TradeError> {
    let name = attribute::EXTEND_BUSINESS_PARAMS;
    let is_others = wallet.is_some_and(|wallet| wallet != WalletKind::Alipay);
    let Some(text) = fields.any(name).filter(|_| !is_others) else {
        return Ok(None);
    };
    let text = decoded_again(text, &["%7b"]);
    check_length(name, &text, LENGTH_MAX)?;
    let problem = "extend_business_params must be a JSON object";
    let stated: BTreeMap<String, &RawValue> =
        serde_json::from_str(&text).map_err(|_| illegal(name, problem))?;
    let members: BTreeMap<String, String> = stated
        .into_iter()
        .filter(|(name, _)| MEMBERS.contains(&&**name))
        .map(|(name, value)| (name, value.get().to_owned()))
        .collect();
    Ok((!members.is_empty()).then_some(WalletTerms {
        wallet: WalletKind::Alipay,
        members,
    }))
}
