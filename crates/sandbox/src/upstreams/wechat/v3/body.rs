//! Reading a v3 body as strictly as WeChat: no nulls, no unknown members, no repeated ones.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::envelope::{Stop, refuse, refuse_field};
use crate::book::Book;
use crate::upstreams::wechat::ID;
use crate::upstreams::wechat::account::{SP_APPID, SP_MCHID};
use crate::upstreams::wechat::rules;

/// Reads the body into `T`, whose `deny_unknown_fields` does the rest.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Stop> {
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(_) => return refuse(400, "PARAM_ERROR", "请求体不是 JSON"),
    };
    if let Some(path) = null_in(&value, "") {
        return refuse_field(&path, "不能为 null");
    }
    match serde_json::from_slice(body) {
        Ok(read) => Ok(read),
        Err(error) => refuse(400, "PARAM_ERROR", &format!("参数错误：{error}")),
    }
}

fn null_in(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Null => Some(path.to_owned()),
        Value::Object(members) => members
            .iter()
            .find_map(|(name, member)| null_in(member, &format!("{path}/{name}"))),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| null_in(item, &format!("{path}/{index}"))),
        _ => None,
    }
}

/// At most `longest` characters and not empty.
pub(super) fn text(field: &str, value: &str, longest: usize) -> Result<(), Stop> {
    if value.is_empty() || value.chars().count() > longest {
        return refuse_field(field, &format!("长度应为 1 到 {longest}"));
    }
    Ok(())
}

/// Like [`text`], for members that may be left out.
pub(super) fn optional(field: &str, value: Option<&str>, longest: usize) -> Result<(), Stop> {
    value.map_or(Ok(()), |value| text(field, value, longest))
}

/// An order number: 6–32 characters (channels.md 1.5).
pub(super) fn number(value: &str) -> Result<(), Stop> {
    if value.len() < 6 || !rules::is_number(value, 32) {
        return refuse_field("/out_trade_no", "应为 6 到 32 位数字、大小写字母 _-|*");
    }
    Ok(())
}

/// An address without a query.
pub(super) fn notify_url(value: &str) -> Result<(), Stop> {
    if rules::is_notify_url(value) {
        return Ok(());
    }
    refuse_field("/notify_url", "应为不带参数的完整地址，最长 255")
}

/// The service provider and the sub-merchant it acts for.
pub(super) fn parties(
    book: &Book<'_>,
    sp_mchid: Option<&str>,
    sub_mchid: &str,
) -> Result<(), Stop> {
    if sp_mchid.is_some_and(|mchid| !rules::is_our_mchid(mchid)) {
        return refuse(400, "MCH_NOT_EXISTS", &format!("sp_mchid 应为 {SP_MCHID}"));
    }
    if book.seller(ID, sub_mchid)?.is_none() {
        return refuse(403, "NO_AUTH", "sub_mchid 与服务商没有受理关系");
    }
    Ok(())
}

/// The app ids of both.
pub(super) fn apps(sp_appid: &str, sub_appid: Option<&str>) -> Result<(), Stop> {
    if sp_appid != SP_APPID || sub_appid.is_some_and(|app| !rules::is_app_id(app)) {
        return refuse(400, "APPID_MCHID_NOT_MATCH", "appid 和 mchid 不匹配");
    }
    Ok(())
}
