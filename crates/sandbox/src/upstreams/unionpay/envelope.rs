//! What every call has around it: POST, JSON, the provider, the signature, the merchant; and the
//! signed answer.

use std::sync::Arc;

use axum::response::Response;
use http::{Method, StatusCode, header};

use super::ID;
use super::account::{Keys, SER_PROV_ID};
use super::asked::{Asked, Stop};
use super::wire::{Fields, put, read, signed_text, write};
use crate::book::{self, Book};
use crate::conduct::{self, Answer, Conduct, Received};
use crate::error::SandboxError;
use crate::state::Inner;

/// One call: verified members in, business members out; without a `respCode` of its own it went
/// well.
pub(super) type Verb = fn(&mut Book<'_>, &Asked, &mut Conduct) -> Result<Fields, Stop>;

/// Serves one call. Whatever happens is HTTP 200 and told in `respCode`.
pub(super) async fn serve(
    inner: Arc<Inner>,
    request: Received,
    verb: book::Verb,
    work: Verb,
) -> Response {
    conduct::serve(inner, ID, verb, request, move |request, book, conduct| {
        Ok(Answer {
            status: StatusCode::OK,
            headers: vec![("content-type", "application/json;charset=UTF-8".to_owned())],
            body: answer(request, book, conduct, work)?,
        })
    })
    .await
}

fn answer(
    request: &Received,
    book: &mut Book<'_>,
    conduct: &mut Conduct,
    work: Verb,
) -> Result<String, SandboxError> {
    // Before the signature verifies nothing is signed, and nothing of the request is repeated.
    let keys: &Keys = book.accounts.of()?;
    let members = match verify(request, keys) {
        Ok(members) => members,
        Err((code, text)) => return write(&told(Fields::new(), code, text)),
    };
    let asked = Asked::new(members);
    let done = merchant(book, &asked).and_then(|()| work(book, &asked, conduct));
    let mut fields = match done {
        Ok(fields) if fields.contains_key("respCode") => fields,
        Ok(fields) => told(fields, "00", "成功"),
        Err(Stop::Refuse(code, text)) => told(Fields::new(), code, &text),
        Err(Stop::Broken(error)) => return Err(error),
    };
    // Whose answer this is, so that one cannot be taken for another's.
    for name in ["serProvId", "merId", "orderNo", "origOrderNo"] {
        if let Some(value) = asked.text(name) {
            fields
                .entry(name.to_owned())
                .or_insert_with(|| value.to_owned());
        }
    }
    let mut text = signed_text(&fields);
    if conduct.wrong_signature {
        text.push('x');
    }
    let signature = keys.own.sign(text.as_bytes())?;
    put(&mut fields, "signature", signature);
    write(&fields)
}

/// Adds the two members that every answer has.
pub(super) fn told(mut fields: Fields, code: &str, text: &str) -> Fields {
    put(&mut fields, "respCode", code);
    put(&mut fields, "respMsg", text);
    fields
}

fn verify(request: &Received, keys: &Keys) -> Result<Fields, (&'static str, &'static str)> {
    if request.method != Method::POST {
        return Err(("10", "请使用 POST"));
    }
    let is_json = request
        .header(header::CONTENT_TYPE.as_str())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if !is_json {
        return Err(("10", "Content-Type 应为 application/json"));
    }
    let Some(members) = read(&request.body) else {
        return Err(("10", "报文应为一层 JSON 对象，值为字符串或整数，名称不重复"));
    };
    let member = |name: &str| members.get(name).map_or("", String::as_str);
    match member("serProvId") {
        SER_PROV_ID => {}
        "" => return Err(("13", "serProvId 缺失")),
        _ => return Err(("10", "服务商不存在")),
    }
    match member("signature") {
        "" => Err(("11", "signature 缺失")),
        signature
            if keys
                .provider
                .verify(signed_text(&members).as_bytes(), signature) =>
        {
            Ok(members)
        }
        _ => Err(("11", "验签失败")),
    }
}

/// The provider acts for merchants that are enrolled under it only.
fn merchant(book: &Book<'_>, asked: &Asked) -> Result<(), Stop> {
    let mer_id = asked.required("merId", 15)?;
    match book.seller(ID, mer_id)? {
        Some(_) => Ok(()),
        None => Err(Stop::Refuse("10", "商户不存在或未授权该服务商".to_owned())),
    }
}
