//! Understanding a request: who signed, what may have been signed, what is asked.
//!
//! Order of checks: the parameters can be read, `agent_id` is there (else nobody can be asked for a
//! key); after the signature `version` and `pid`, then `method`, then each interface's own
//! (Chaoying v2.5.3, section 3.2).

use std::sync::Arc;

use heliu_ports::dialect::{Decoded, Echo, Signer, Undecoded};
use heliu_ports::exchange::Secret;
use heliu_ports::wire::WireRequest;
use heliu_trade::command::Command;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AgentId, AppId};

use crate::form::{self, Decoding, Form};
use crate::kind::{self, Kind};
use crate::lexical::trimmed;
use crate::parameters::illegal;

use super::attribute::{self, AGENT_ID};
use super::fields::{Fields, LABEL_MAX, is_common};
use super::interface::{Interface, Interfaces};
use super::sign;

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

/// Reads a request to one of these interfaces.
pub(super) fn decode(
    interfaces: Interfaces,
    request: &WireRequest,
) -> Result<Decoded, Box<Undecoded>> {
    let refuse = |error, echo| Err(Box::new(Undecoded { error, echo }));
    let Some(route) = interfaces.route(&request.path) else {
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
    let interface = interfaces.of(&echo);
    let presented = sign::presented(request, &form);
    let app = match fields.identifier(attribute::MCH_ID, LABEL_MAX) {
        Ok(Some(mch_id)) if interfaces.are_merchants => Some(AppId::from(mch_id)),
        _ => None,
    };
    Ok(Decoded {
        signer: Signer::Agent(agent),
        app,
        presented: presented.signature,
        readings: presented.readings,
        issued_at: None,
        command: command(interfaces, interface, &form),
        echo,
        secrets: secrets(interface, request, &form),
    })
}

/// What is asked if a reading held that reads the request in another way.
pub(super) fn command_of_reading(
    interfaces: Interfaces,
    request: &WireRequest,
    reading: &str,
) -> Option<Result<Command, TradeError>> {
    let (decoding, extent) = sign::reads_otherwise(reading)?;
    let form = Form::read_of(request, decoding, extent).ok()?;
    let interface = interfaces.find(&request.path, Fields(&form).any(attribute::METHOD));
    Some(command(interfaces, interface, &form))
}

fn agent(form: &Form) -> Result<AgentId, TradeError> {
    let name = AGENT_ID;
    if form.ambiguous().iter().any(|ambiguous| ambiguous == name) {
        return Err(illegal(name, "agent_id stands twice with different values"));
    }
    let agent = Fields(form).required_identifier(name, LABEL_MAX)?;
    Ok(AgentId::from(agent))
}

fn command(
    interfaces: Interfaces,
    interface: Option<&Interface>,
    form: &Form,
) -> Result<Command, TradeError> {
    let fields = Fields(form);
    form.check_plain()?;
    fields.required("version", VERSION_MAX)?;
    fields.required("pid", LABEL_MAX)?;
    let Some(interface) = interface else {
        fields.required(attribute::METHOD, LABEL_MAX)?;
        return Err(illegal(attribute::METHOD, "method is none of this address"));
    };
    if interfaces.are_merchants {
        fields.required_identifier(attribute::MCH_ID, LABEL_MAX)?;
    }
    (interface.read)(fields)
}

/// Secrets as they stand in the request and as they read, the longest first. Payers' codes and
/// telephone numbers keep their ends in the log; of passwords, login codes and what registers a
/// merchant (ruling 53) nothing is left.
fn secrets(interface: Option<&Interface>, request: &WireRequest, form: &Form) -> Vec<Secret> {
    let is_private = interface.is_some_and(|interface| interface.is_private);
    let registered = form
        .pairs()
        .map(|(name, _)| name)
        .filter(|name| is_private && !is_common(name));
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
