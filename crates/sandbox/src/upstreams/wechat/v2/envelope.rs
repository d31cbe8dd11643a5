//! What every v2 call has around it: method, XML, signature, the parties; and the signed answer.

use std::sync::Arc;

use axum::response::Response;
use http::{Method, StatusCode};

use super::asked::{Asked, Stop, refuse};
use crate::book::Book;
use crate::conduct::{self, Answer, Conduct, Received};
use crate::crypto::random_hex;
use crate::error::SandboxError;
use crate::state::Inner;
use crate::upstreams::wechat::ID;
use crate::upstreams::wechat::account::{Keys, SP_APPID, SP_MCHID};
use crate::upstreams::wechat::rules;
use crate::upstreams::wechat::wire::{Fields, read_xml, sign_v2, write_xml};

/// One verb: verified fields in, business fields out.
pub(super) type Verb = fn(&mut Book<'_>, &Asked, &mut Conduct) -> Result<Fields, Stop>;

/// What stands around the business fields.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// `return_code` for the transport, `result_code` for the business; refusals are signed.
    Trade,
    /// `return_code` only (channels.md 1.21): a refusal is a failure of the transport, and
    /// unsigned.
    Credential,
}

/// One path of the interface.
#[derive(Clone, Copy)]
pub(super) struct Interface {
    /// The verb that faults know it by.
    pub(super) verb: &'static str,
    pub(super) frame: Frame,
    pub(super) work: Verb,
}

/// Serves one v2 call.
pub(super) async fn serve(inner: Arc<Inner>, request: Received, interface: Interface) -> Response {
    conduct::serve(
        inner,
        ID,
        interface.verb,
        request,
        move |request, book, conduct| {
            let body = answer(request, book, conduct, interface)?;
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
    interface: Interface,
) -> Result<String, SandboxError> {
    let keys: &Keys = book.accounts.of()?;
    let asked = match read(request).and_then(|fields| verify(keys, fields)) {
        Ok(asked) => asked,
        Err((code, text)) => return Ok(transport_failure(code, text)),
    };
    let done = parties(book, &asked, interface.frame)
        .and_then(|()| (interface.work)(book, &asked, conduct));
    let mut fields = match (done, interface.frame) {
        (Ok(mut fields), Frame::Trade) => {
            fields.insert("result_code".into(), "SUCCESS".into());
            fields
        }
        (Ok(fields), Frame::Credential) => fields,
        (Err(Stop::Refuse(code, text, mut fields)), Frame::Trade) => {
            fields.insert("result_code".into(), "FAIL".into());
            fields.insert("err_code".into(), code.into());
            fields.insert("err_code_des".into(), text);
            fields
        }
        (Err(Stop::Refuse(code, text, _)), Frame::Credential) => {
            return Ok(transport_failure(code, &text));
        }
        (Err(Stop::Broken(error)), _) => return Err(error),
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
    let key = if conduct.wrong_signature {
        "a key that is not the key"
    } else {
        &keys.api_v2
    };
    let sign = sign_v2(&fields, key, &asked.sign_type);
    fields.insert("sign".into(), sign);
    Ok(write_xml("xml", &fields))
}

/// A failure of the transport: what it is called and what is said.
type Failure = (&'static str, &'static str);

fn read(request: &Received) -> Result<Fields, Failure> {
    if request.method != Method::POST {
        return Err(("REQUIRE_POST_METHOD", "请使用 post 方法"));
    }
    if request.body.is_empty() {
        return Err(("POST_DATA_EMPTY", "post 数据为空"));
    }
    let text = std::str::from_utf8(&request.body).map_err(|_| ("NOT_UTF8", "编码格式错误"))?;
    read_xml(text).map_err(|_| ("XML_FORMAT_ERROR", "XML 格式错误"))
}

/// Whose key signed it, and whether it did.
fn verify(keys: &Keys, fields: Fields) -> Result<Asked, Failure> {
    let sign_type = match fields.get("sign_type").map(String::as_str) {
        None | Some("" | "MD5") => "MD5",
        Some("HMAC-SHA256") => "HMAC-SHA256",
        Some(_) => return Err(("SIGNERROR", "sign_type 取值错误")),
    };
    if fields.get("mch_id").map(String::as_str) != Some(SP_MCHID) {
        return Err(("MCHID_NOT_EXIST", "mch_id 不存在"));
    }
    let sign = fields.get("sign").map_or("", String::as_str);
    if sign != sign_v2(&fields, &keys.api_v2, sign_type) {
        return Err(("SIGNERROR", "签名错误"));
    }
    Ok(Asked::new(fields, sign_type))
}

/// A failure of the transport: `return_code` FAIL carries no signature (channels.md 1.14).
fn transport_failure(code: &str, text: &str) -> String {
    let mut fields = Fields::new();
    fields.insert("return_code".into(), "FAIL".into());
    fields.insert("return_msg".into(), text.to_owned());
    fields.insert("err_code".into(), code.to_owned());
    write_xml("xml", &fields)
}

/// Who is asking for whom. Credentials may be asked for without a sub-merchant (channels.md 1.21).
fn parties(book: &Book<'_>, asked: &Asked, frame: Frame) -> Result<(), Stop> {
    asked.required("nonce_str", 32)?;
    if asked.required("appid", 32)? != SP_APPID {
        return refuse("APPID_NOT_EXIST", "appid 不存在或与 mch_id 不匹配");
    }
    let sub_mch_id = match frame {
        Frame::Trade => Some(asked.required("sub_mch_id", 32)?),
        Frame::Credential => asked.optional("sub_mch_id", 32)?,
    };
    if let Some(sub_mch_id) = sub_mch_id
        && book.seller(ID, sub_mch_id)?.is_none()
    {
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
