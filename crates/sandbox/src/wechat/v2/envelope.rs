//! What every v2 call has around it: method, XML, signature, the parties; and the signed answer.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};

use crate::accounts::{SP_APPID, SP_MCHID};
use crate::book::{Book, Channel};
use crate::conduct::{self, Answer, Conduct, Received};
use crate::crypto::random_hex;
use crate::error::SandboxError;
use crate::state::Inner;
use crate::wechat::rules;
use crate::wire::wechat::{Fields, read_xml, sign_v2, write_xml};

/// Why a verb ends without success.
pub(super) enum Stop {
    /// `err_code`, `err_code_des`, and further fields of the answer.
    Refuse(&'static str, String, Fields),
    /// The sandbox itself failed.
    Broken(SandboxError),
}

impl From<SandboxError> for Stop {
    fn from(error: SandboxError) -> Self {
        Stop::Broken(error)
    }
}

/// A refusal without further fields.
pub(super) fn refuse<T>(code: &'static str, text: &str) -> Result<T, Stop> {
    Err(Stop::Refuse(code, text.to_owned(), Fields::new()))
}

/// One verb: verified fields in, business fields out.
pub(super) type Verb = fn(&mut Book<'_>, &Asked, &mut Conduct) -> Result<Fields, Stop>;

/// A verified request.
pub(super) struct Asked {
    fields: Fields,
    pub(super) sign_type: String,
}

impl Asked {
    /// A field that is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A field that must be there, at most `longest` characters.
    pub(super) fn required(&self, name: &'static str, longest: usize) -> Result<&str, Stop> {
        match self.optional(name, longest)? {
            Some(value) => Ok(value),
            None => refuse("LACK_PARAMS", &format!("缺少参数 {name}")),
        }
    }

    /// A field that may be missing, at most `longest` characters.
    pub(super) fn optional(
        &self,
        name: &'static str,
        longest: usize,
    ) -> Result<Option<&str>, Stop> {
        match self.get(name) {
            Some(value) if value.chars().count() > longest => {
                refuse("PARAM_ERROR", &format!("{name} 长度超过 {longest}"))
            }
            other => Ok(other),
        }
    }

    /// A positive whole number of fen.
    pub(super) fn amount_fen(&self, name: &'static str) -> Result<i64, Stop> {
        let text = self.required(name, 12)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text
            .parse::<i64>()
            .ok()
            .filter(|amount_fen| digits && *amount_fen >= 1)
        {
            Some(amount_fen) => Ok(amount_fen),
            None => refuse(
                "PARAM_ERROR",
                &format!("{name} 必须是大于 0 的整数，单位分"),
            ),
        }
    }

    /// The merchant's order number.
    pub(super) fn number(&self) -> Result<&str, Stop> {
        let number = self.required("out_trade_no", 32)?;
        if rules::is_number(number, 32) {
            Ok(number)
        } else {
            refuse("PARAM_ERROR", "out_trade_no 只能是数字、大小写字母 _-*|")
        }
    }

    /// One of a set of values, if present.
    pub(super) fn one_of(&self, name: &'static str, values: &[&str]) -> Result<(), Stop> {
        match self.get(name) {
            Some(value) if !values.contains(&value) => {
                refuse("PARAM_ERROR", &format!("{name} 取值错误"))
            }
            _ => Ok(()),
        }
    }

    /// A text that must be a JSON object, if present.
    pub(super) fn json(&self, name: &'static str, longest: usize) -> Result<(), Stop> {
        match self.optional(name, longest)? {
            Some(text)
                if !serde_json::from_str::<serde_json::Value>(text)
                    .is_ok_and(|value| value.is_object()) =>
            {
                refuse("PARAM_ERROR", &format!("{name} 不是 JSON"))
            }
            _ => Ok(()),
        }
    }

    /// `time_start` and `time_expire`: when the order expires, in ms (channels.md 1.15: at least 1 minute apart).
    pub(super) fn expires_ms(&self, now_ms: i64) -> Result<Option<i64>, Stop> {
        let read = |name: &'static str| match self.get(name) {
            None => Ok(None),
            Some(text) => match crate::clock::parse_compact(text) {
                Some(at_ms) => Ok(Some(at_ms)),
                None => refuse("PARAM_ERROR", &format!("{name} 格式应为 yyyyMMddHHmmss")),
            },
        };
        let (start_ms, expire_ms) = (read("time_start")?, read("time_expire")?);
        match (start_ms, expire_ms) {
            (Some(start_ms), Some(expire_ms)) if expire_ms - start_ms < 60_000 => {
                refuse("PARAM_ERROR", "time_expire 与 time_start 间隔至少 1 分钟")
            }
            (_, Some(expire_ms)) if expire_ms <= now_ms => {
                refuse("INVALID_REQUEST", "time_expire 已过期")
            }
            _ => Ok(expire_ms),
        }
    }

    /// The business content, for telling a repeat from another request under the same number.
    pub(super) fn content(&self) -> String {
        let mut fields = self.fields.clone();
        for name in ["sign", "nonce_str", "sign_type"] {
            fields.remove(name);
        }
        fields.retain(|_, value| !value.is_empty());
        format!("v2 {fields:?}")
    }
}

/// Serves one v2 call.
pub(super) async fn serve(
    inner: Arc<Inner>,
    verb: &'static str,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    work: Verb,
) -> Response {
    let request = Received {
        method,
        uri,
        headers,
        body,
    };
    conduct::serve(
        inner,
        Channel::Wechat,
        verb,
        request,
        move |request, book, conduct| {
            let body = answer(request, book, conduct, work)?;
            Ok(Answer {
                status: StatusCode::OK,
                headers: vec![("content-type", "text/xml; charset=utf-8".to_owned())],
                body,
            })
        },
    )
    .await
}

fn answer(
    request: &Received,
    book: &mut Book<'_>,
    conduct: &mut Conduct,
    work: Verb,
) -> Result<String, SandboxError> {
    let fields = match read(request) {
        Ok(fields) => fields,
        Err((code, text)) => return Ok(transport_failure(code, text)),
    };
    let api_v2_key = book.accounts.api_v2_key.clone();
    let sign_type = match fields.get("sign_type").map(String::as_str) {
        None | Some("" | "MD5") => "MD5",
        Some("HMAC-SHA256") => "HMAC-SHA256",
        Some(_) => return Ok(transport_failure("SIGNERROR", "sign_type 取值错误")),
    };
    if fields.get("mch_id").map(String::as_str) != Some(SP_MCHID) {
        return Ok(transport_failure("MCHID_NOT_EXIST", "mch_id 不存在"));
    }
    let sign = fields.get("sign").map_or("", String::as_str);
    if sign != sign_v2(&fields, &api_v2_key, sign_type) {
        return Ok(transport_failure("SIGNERROR", "签名错误"));
    }
    let asked = Asked {
        fields,
        sign_type: sign_type.to_owned(),
    };
    let done = parties(book, &asked).and_then(|()| work(book, &asked, conduct));
    let mut fields = match done {
        Ok(mut fields) => {
            fields.insert("result_code".into(), "SUCCESS".into());
            fields
        }
        Err(Stop::Refuse(code, text, mut fields)) => {
            fields.insert("result_code".into(), "FAIL".into());
            fields.insert("err_code".into(), code.into());
            fields.insert("err_code_des".into(), text);
            fields
        }
        Err(Stop::Broken(error)) => return Err(error),
    };
    for (name, value) in [
        ("return_code", "SUCCESS".to_owned()),
        ("return_msg", "OK".to_owned()),
        ("appid", SP_APPID.to_owned()),
        ("mch_id", SP_MCHID.to_owned()),
        ("nonce_str", random_hex(16)?),
    ] {
        fields.insert(name.to_owned(), value);
    }
    for echo in ["sub_mch_id", "sub_appid"] {
        if let Some(value) = asked.get(echo) {
            fields
                .entry(echo.to_owned())
                .or_insert_with(|| value.to_owned());
        }
    }
    let mut sign = sign_v2(&fields, &api_v2_key, sign_type);
    if conduct.wrong_signature {
        sign = sign_v2(&fields, "a key that is not the key", sign_type);
    }
    fields.insert("sign".into(), sign);
    Ok(write_xml("xml", &fields))
}

fn read(request: &Received) -> Result<Fields, (&'static str, &'static str)> {
    if request.method != Method::POST {
        return Err(("REQUIRE_POST_METHOD", "请使用 post 方法"));
    }
    if request.body.is_empty() {
        return Err(("POST_DATA_EMPTY", "post 数据为空"));
    }
    let text = std::str::from_utf8(&request.body).map_err(|_| ("NOT_UTF8", "编码格式错误"))?;
    read_xml(text).map_err(|_| ("XML_FORMAT_ERROR", "XML 格式错误"))
}

/// A failure of the transport: `return_code` FAIL carries no signature (channels.md 1.14).
fn transport_failure(code: &str, text: &str) -> String {
    let mut fields = Fields::new();
    fields.insert("return_code".into(), "FAIL".into());
    fields.insert("return_msg".into(), text.to_owned());
    fields.insert("err_code".into(), code.to_owned());
    write_xml("xml", &fields)
}

/// Who is asking for whom.
fn parties(book: &Book<'_>, asked: &Asked) -> Result<(), Stop> {
    asked.required("nonce_str", 32)?;
    if asked.required("appid", 32)? != SP_APPID {
        return refuse("APPID_NOT_EXIST", "appid 不存在或与 mch_id 不匹配");
    }
    let sub_mch_id = asked.required("sub_mch_id", 32)?;
    if book.seller(Channel::Wechat, sub_mch_id)?.is_none() {
        return refuse("NOAUTH", "sub_mch_id 与服务商没有受理关系");
    }
    if asked
        .get("sub_appid")
        .is_some_and(|app| !rules::is_app_id(app))
    {
        return refuse("APPID_NOT_EXIST", "sub_appid 不存在");
    }
    asked.one_of("fee_type", &["CNY"])
}
