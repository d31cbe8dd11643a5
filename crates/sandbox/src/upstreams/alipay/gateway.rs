//! `/alipay/gateway.do`: merge, verify, dispatch, sign the node (channels.md 2.1, 2.2, 2.4).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};

use super::ID;
use super::account::{APP_ID, Keys};
use super::asked::{Asked, Stop};
use super::wire::signed_text;
use super::{cancel, close, create, oauth, pay, precreate, query, refund, refund_query, transfer};
use crate::book::Book;
use crate::clock;
use crate::conduct::{self, Answer, Conduct, Received};
use crate::error::SandboxError;
use crate::state::Inner;

/// How far a request's `timestamp` may be from now, in ms. The real window is not published; public
/// SDKs write the time of whatever zone their machine is in (channels.md 9).
const WINDOW_MS: i64 = 86_400_000;

/// What a bad signature is called.
const SIGNATURE_FAULT: &str = "isv.invalid-signature";

type Verb = fn(&mut Book<'_>, &Asked, &mut Conduct) -> Result<Value, Stop>;

/// Each method, its verb for faults, its work.
const METHODS: [(&str, &str, Verb); 11] = [
    ("alipay.trade.pay", "pay", pay::work),
    ("alipay.trade.precreate", "prepay", precreate::work),
    ("alipay.trade.create", "prepay", create::work),
    ("alipay.trade.query", "query", query::work),
    ("alipay.trade.cancel", "reverse", cancel::work),
    ("alipay.trade.close", "close", close::work),
    ("alipay.trade.refund", "refund", refund::work),
    (
        "alipay.trade.fastpay.refund.query",
        "query",
        refund_query::work,
    ),
    (LOGIN, "any", oauth::token),
    (TRANSFER, "pay", transfer::work),
    (TRANSFER_QUERY, "query", transfer::query),
];

/// Who a browser is.
const LOGIN: &str = "alipay.system.oauth.token";
/// Pays from the vendor's account.
const TRANSFER: &str = "alipay.fund.trans.uni.transfer";
/// What became of that.
const TRANSFER_QUERY: &str = "alipay.fund.trans.common.query";

/// The name of each method.
pub(super) fn methods() -> impl Iterator<Item = &'static str> {
    METHODS.iter().map(|(name, ..)| *name)
}

/// The verb for faults and the work of a method.
fn verb_of(method: &str) -> Option<(&'static str, Verb)> {
    let mut methods = METHODS.iter();
    let found = methods.find(|(name, ..)| *name == method);
    found.map(|(_, verb, work)| (*verb, *work))
}

/// Serves one call; GET and POST alike.
pub(super) async fn handle(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let merged = merge(&uri, &body);
    let wanted = merged.as_ref().ok().and_then(|fields| fields.get("method"));
    let verb = wanted
        .and_then(|method| verb_of(method))
        .map_or("any", |(verb, _)| verb);
    let request = Received {
        method,
        uri,
        headers,
        body,
    };
    conduct::serve(inner, ID, verb, request, move |_, book, conduct| {
        Ok(Answer {
            status: StatusCode::OK,
            headers: vec![("content-type", "text/html;charset=utf-8".to_owned())],
            body: answer(merged, book, conduct)?,
        })
    })
    .await
}

/// Query and form together; a name that comes twice is refused, since it could be signed in one
/// reading only.
fn merge(uri: &Uri, body: &[u8]) -> Result<BTreeMap<String, String>, &'static str> {
    let mut fields = BTreeMap::new();
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .chain(form_urlencoded::parse(body));
    for (name, value) in pairs {
        if fields
            .insert(name.into_owned(), value.into_owned())
            .is_some()
        {
            return Err("a parameter is repeated");
        }
    }
    Ok(fields)
}

fn answer(
    merged: Result<BTreeMap<String, String>, &'static str>,
    book: &mut Book<'_>,
    conduct: &mut Conduct,
) -> Result<String, SandboxError> {
    let refused = |node: Value| Ok(format!("{{\"error_response\":{node}}}"));
    let fields = match merged {
        Ok(fields) => fields,
        Err(_) => return refused(fault_node("40002", "isv.invalid-parameter", "参数重复")),
    };
    let method = fields.get("method").cloned().unwrap_or_default();
    let mut name = format!("{}_response", method.replace('.', "_"));
    let keys: &Keys = book.accounts.of()?;
    match verify(keys, &fields) {
        Ok(()) => {}
        // A bad signature is told in the method's own node, signed, with the text that should have
        // been signed (channels.md 9).
        Err((code, SIGNATURE_FAULT, text)) if verb_of(&method).is_some() => {
            let signed = signed_text(&fields).replace('&', "&amp;");
            let text = format!("{text}，网关生成的验签字符串为：{signed}");
            let node = fault_node(code, SIGNATURE_FAULT, &text);
            return signed_answer(keys, &name, &node, *conduct);
        }
        // Whoever else is refused before the signature is looked at hears so unsigned, in
        // `error_response`.
        Err((code, sub_code, text)) => return refused(fault_node(code, sub_code, text)),
    }
    let node = match check(book, fields) {
        Ok((asked, work)) => match work(book, &asked, conduct) {
            Ok(node) => node,
            Err(Stop::Refuse(code, sub_code, text)) => fault_node(code, sub_code, &text),
            Err(Stop::Gateway(code, sub_code, text)) => {
                name = "error_response".to_owned();
                fault_node(code, sub_code, text)
            }
            Err(Stop::Broken(error)) => return Err(error),
        },
        Err(Stop::Refuse(code, sub_code, text)) => fault_node(code, sub_code, &text),
        Err(Stop::Gateway(code, sub_code, text)) => {
            name = "error_response".to_owned();
            fault_node(code, sub_code, text)
        }
        Err(Stop::Broken(error)) => return Err(error),
    };
    signed_answer(book.accounts.of()?, &name, &node, *conduct)
}

/// The node's text is signed exactly as it leaves.
fn signed_answer(
    keys: &Keys,
    name: &str,
    node: &Value,
    conduct: Conduct,
) -> Result<String, SandboxError> {
    let node = node.to_string();
    let mut signed = node.clone();
    if conduct.wrong_signature {
        signed.push(' ');
    }
    let sign = keys.own.sign(signed.as_bytes())?;
    Ok(format!("{{\"{name}\":{node},\"sign\":\"{sign}\"}}"))
}

/// A refusal in Alipay's shape.
fn fault_node(code: &str, sub_code: &str, text: &str) -> Value {
    let msg = match code {
        "20000" => "Service Currently Unavailable",
        "20001" => "Insufficient Token Permissions",
        "40001" => "Missing Required Arguments",
        "40002" => "Invalid Arguments",
        "40006" => "Insufficient Permissions",
        _ => "Business Failed",
    };
    json!({"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": text})
}

type Fault = (&'static str, &'static str, &'static str);

fn verify(keys: &Keys, fields: &BTreeMap<String, String>) -> Result<(), Fault> {
    let member = |name: &str| fields.get(name).map_or("", String::as_str);
    if member("app_id") != APP_ID {
        return Err(("40002", "isv.invalid-app-id", "无效的AppID参数"));
    }
    match member("sign_type") {
        "RSA2" => {}
        "" => return Err(("40001", "isv.missing-signature-type", "缺少签名类型参数")),
        _ => return Err(("40002", "isv.invalid-signature-type", "签名类型只支持 RSA2")),
    }
    match member("sign") {
        "" => return Err(("40001", "isv.missing-signature", "缺少签名参数")),
        sign if keys.app.verify(signed_text(fields).as_bytes(), sign) => {}
        _ => {
            return Err((
                "40002",
                SIGNATURE_FAULT,
                "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配",
            ));
        }
    }
    Ok(())
}

fn check(book: &Book<'_>, fields: BTreeMap<String, String>) -> Result<(Asked, Verb), Stop> {
    let member = |name: &str| fields.get(name).map_or("", String::as_str);
    let fault = |code, sub_code, text| Err(Stop::Gateway(code, sub_code, text));
    if member("method").is_empty() {
        return fault("40001", "isv.missing-method", "缺少方法名参数");
    }
    let Some((_, work)) = verb_of(member("method")) else {
        return fault("40002", "isv.invalid-method", "不存在的方法名");
    };
    if !member("charset").eq_ignore_ascii_case("utf-8") {
        return fault("40002", "isv.invalid-charset", "字符集只支持 utf-8");
    }
    if member("version") != "1.0" {
        return fault("40002", "isv.invalid-version", "版本应为 1.0");
    }
    if !["", "JSON", "json"].contains(&member("format")) {
        return fault("40002", "isv.invalid-format", "无效的数据格式");
    }
    if !member("encrypt_type").is_empty() {
        return fault("40002", "isv.invalid-encrypt-type", "沙箱不支持加密");
    }
    match clock::parse_spaced(member("timestamp")) {
        Some(at_ms) if (at_ms - book.now_ms).abs() <= WINDOW_MS => {}
        _ => return fault("40002", "isv.invalid-timestamp", "非法的时间戳参数"),
    }
    let is_login = member("method") == LOGIN;
    let for_itself = is_login || [TRANSFER, TRANSFER_QUERY].contains(&member("method"));
    let seller = match member("app_auth_token") {
        "" if for_itself => String::new(),
        "" => {
            return fault(
                "40006",
                "isv.insufficient-isv-permissions",
                "缺少 app_auth_token",
            );
        }
        token => match book.seller(ID, token)? {
            Some(seller) => seller,
            None => return fault("20001", "aop.invalid-app-auth-token", "无效的应用授权令牌"),
        },
    };
    let content = match member("biz_content") {
        "" if is_login => Value::Object(serde_json::Map::new()),
        "" => return fault("40001", "isv.missing-biz-content", "缺少 biz_content"),
        text => match serde_json::from_str::<Value>(text) {
            Ok(content) if content.is_object() => content,
            _ => {
                return fault(
                    "40002",
                    "isv.invalid-biz-content",
                    "biz_content 不是 JSON 对象",
                );
            }
        },
    };
    let notify_url = match member("notify_url") {
        "" => None,
        url if url.len() <= 256 && url.parse::<Uri>().is_ok_and(|uri| uri.host().is_some()) => {
            Some(url.to_owned())
        }
        _ => return fault("40002", "isv.invalid-parameter", "notify_url 格式错误"),
    };
    Ok((Asked::new(fields, content, seller, notify_url), work))
}
