//! Understanding a request: who signed, what may have been signed, what is asked.
//!
//! One file an interface. Order of checks: the parameters can be read, `agent_id` is there (else
//! nobody can be asked for a key); after the signature `version` and `pid`, then `method`, then
//! each interface's own (Chaoying v2.5.3, section 3.2).

mod cancel;
mod code_session;
mod face_auth;
mod face_pay;
mod fields;
mod find_merchant;
mod goods;
mod order_query;
mod pay;
mod pre_order;
mod refund;
mod refund_query;
mod register;

use std::sync::Arc;

use heliu_ports::dialect::{Decoded, Echo, PageReference, Signer, Undecoded};
use heliu_ports::exchange::Secret;
use heliu_ports::wire::WireRequest;
use heliu_trade::command::{AgentCommand, Command};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AgentId, AppId};
use heliu_trade::wallet::{Scene, WalletKind};

use crate::form::{self, Decoding, Form};
use crate::kind::{self, Kind};
use crate::lexical::{is_path_in_any_case as is_path, only_value, trimmed};
use crate::parameters::illegal;

use self::fields::{Fields, LABEL_MAX};
use super::attribute::AGENT_ID;
use super::sign::{self, SIGN};
use super::{CODE_IMAGE_PATH, Interface, PAGE_PATH, attribute, route};

/// Secrets of any request, and whether nothing of them may stay.
const SECRETS: [(&str, bool); 8] = [
    ("auth_code", false),
    ("face_code", false),
    ("password", true),
    ("valid", true),
    ("js_code", false),
    ("rawdata", true),
    ("mobile", false),
    ("username", false),
];
/// Longest `version`, in characters.
const VERSION_MAX: usize = 16;

pub(super) fn decode(request: &WireRequest) -> Result<Decoded, Box<Undecoded>> {
    let refuse = |error, echo| Err(Box::new(Undecoded { error, echo }));
    let Some(route) = route(&request.path) else {
        let error = TradeError::new(ErrorCode::InvalidParameter, "this address is no interface");
        return refuse(error, Echo::default());
    };
    let mut echo = Echo {
        route: route.to_owned(),
        values: Vec::new(),
    };
    let form = match Form::read(request, Decoding::Form) {
        Ok(form) => Arc::new(form),
        Err(why) => {
            let error = TradeError::new(ErrorCode::InvalidParameter, why.to_string());
            return refuse(error, echo);
        }
    };
    let fields = Fields(&form);
    let agent = match agent(&form) {
        Ok(agent) => agent,
        // A body of another kind has no parameters at all.
        Err(error) => {
            let other = Kind::of(request).filter(|kind| *kind != Kind::Form);
            let error = other.map_or(error, |kind| kind.instead_of(kind::FORM));
            return refuse(error, echo);
        }
    };
    for name in [attribute::METHOD, attribute::MCH_ID] {
        if let Ok(Some(value)) = fields.text(name, LABEL_MAX) {
            echo.values.push((name.to_owned(), value.to_owned()));
        }
    }
    let interface = Interface::of(route, echo.get(attribute::METHOD));
    let presented = sign::presented(request, &form);
    let is_merchants = interface.is_none_or(is_merchants);
    let app = match fields.identifier(attribute::MCH_ID, LABEL_MAX) {
        Ok(Some(mch_id)) if is_merchants => Some(AppId::from(mch_id)),
        _ => None,
    };
    Ok(Decoded {
        signer: Signer::Agent(agent),
        app,
        presented: presented.signature,
        readings: presented.readings,
        issued_at: None,
        command: command(interface, &form),
        echo,
        secrets: secrets(interface, request, &form),
    })
}

/// What is asked if a reading held that reads the request in another way.
pub(super) fn command_of_reading(
    request: &WireRequest,
    reading: &str,
) -> Option<Result<Command, TradeError>> {
    let (decoding, extent) = sign::reads_otherwise(reading)?;
    let form = Form::read_of(request, decoding, extent).ok()?;
    let interface = Interface::of(&request.path, Fields(&form).any(attribute::METHOD));
    Some(command(interface, &form))
}

fn agent(form: &Form) -> Result<AgentId, TradeError> {
    let name = AGENT_ID;
    if form.ambiguous().iter().any(|ambiguous| ambiguous == name) {
        return Err(illegal(name, "agent_id stands twice with different values"));
    }
    let agent = Fields(form).required_identifier(name, LABEL_MAX)?;
    Ok(AgentId::from(agent))
}

/// Whether an interface is about one merchant, whom `mch_id` names.
const fn is_merchants(interface: Interface) -> bool {
    !matches!(
        interface,
        Interface::Register
            | Interface::LoginCode
            | Interface::FindMerchant
            | Interface::MiniProgramSession
    )
}

fn command(interface: Option<Interface>, form: &Form) -> Result<Command, TradeError> {
    let fields = Fields(form);
    form.check_plain()?;
    fields.required("version", VERSION_MAX)?;
    fields.required("pid", LABEL_MAX)?;
    let Some(interface) = interface else {
        fields.required(attribute::METHOD, LABEL_MAX)?;
        return Err(illegal(attribute::METHOD, "method is none of this address"));
    };
    if is_merchants(interface) {
        fields.required_identifier(attribute::MCH_ID, LABEL_MAX)?;
    }
    match interface {
        Interface::FaceAuth => face_auth::read(fields).map(Command::FaceCredential),
        Interface::FacePay => face_pay::read(fields).map(Command::Pay),
        Interface::Pay => pay::read(fields).map(Command::Pay),
        Interface::OrderQuery => order_query::read(fields).map(Command::Query),
        Interface::Refund => refund::read(fields).map(Command::Refund),
        Interface::RefundQuery => refund_query::read(fields).map(Command::QueryRefund),
        Interface::Cancel => cancel::read(fields).map(Command::Cancel),
        Interface::WechatPreOrder => {
            pre_order::read(fields, WalletKind::Wechat).map(Command::Prepay)
        }
        Interface::AlipayPreOrder => {
            pre_order::read(fields, WalletKind::Alipay).map(Command::Prepay)
        }
        Interface::Register => register::read(form).map(Command::Agent),
        Interface::LoginCode => {
            let mobile = fields.required("mobile", LABEL_MAX)?.to_owned();
            Ok(Command::Agent(AgentCommand::SendLoginCode { mobile }))
        }
        Interface::FindMerchant => find_merchant::read(fields).map(Command::Agent),
        Interface::PartnerNumbers | Interface::MerchantInfo => Ok(Command::DescribeMerchant),
        Interface::MiniProgramSession => code_session::read(fields).map(Command::Agent),
    }
}

/// Secrets as they stand in the request and as they read, the longest first. Payers' codes and
/// telephone numbers keep their ends in the log; of passwords, login codes and what registers a
/// merchant (ruling 53) nothing is left.
fn secrets(interface: Option<Interface>, request: &WireRequest, form: &Form) -> Vec<Secret> {
    let is_registration = interface == Some(Interface::Register);
    let registered = form
        .pairs()
        .map(|(name, _)| name)
        .filter(|name| is_registration && !is_common(name));
    let mut secrets: Vec<(&str, bool)> = registered
        .map(|name| (name, true))
        .chain(SECRETS)
        .flat_map(|(name, is_whole)| {
            let read = form.get(name).into_iter();
            let texts = read.chain(form::raw_values(request, name)).map(trimmed);
            texts.map(move |text| (text, is_whole))
        })
        .filter(|(text, _)| text.len() >= form::SECRET_LENGTH_MIN)
        .collect();
    // What is named twice is masked whole if one of its names says so.
    secrets.sort_by(|a, b| {
        b.0.len()
            .cmp(&a.0.len())
            .then(a.0.cmp(b.0))
            .then(b.1.cmp(&a.1))
    });
    secrets.dedup_by_key(|(text, _)| *text);
    let secret = |(text, is_whole)| {
        if is_whole {
            Secret::whole(text)
        } else {
            Secret::code(text)
        }
    };
    secrets.into_iter().map(secret).collect()
}

/// Parameters that every request has.
fn is_common(name: &str) -> bool {
    matches!(name, AGENT_ID | "version" | "pid" | "nonce_str" | SIGN)
}

/// Reads the address behind `pay_url`.
pub(super) fn page(path: &str, query: &str) -> Option<PageReference> {
    let token = only_value(query, "token").filter(|_| is_path(path, PAGE_PATH))?;
    crate::page_token::read(&token, Scene::Jsapi, LABEL_MAX)
}

/// Reads the address behind `code_img_url`: `uuid` is the code itself.
pub(super) fn code_image(path: &str, query: &str) -> Option<String> {
    /// Longest code, in bytes: what a picture of ours holds.
    const CODE_MAX: usize = 512;
    only_value(query, "uuid")
        .filter(|code| is_path(path, CODE_IMAGE_PATH) && code.len() <= CODE_MAX)
}
