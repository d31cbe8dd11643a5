//! Understanding a request: which agent signed, what it may have signed, what it asks.
//!
//! Order of checks: the parameters can be read and `agentId` is there (else nobody can be asked for
//! a key); after the signature each interface's own fields. Source: Leshua, section 6.1.

use std::sync::Arc;

use heliu_ports::dialect::{Decoded, Echo, Signer, Undecoded};
use heliu_ports::wire::WireRequest;
use heliu_trade::command::Command;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::AgentId;

use crate::form::{Decoding, Extent, Form};
use crate::kind::{self, Kind};
use crate::lexical::{is_no_identifier, trimmed};
use crate::parameters::{illegal, missing};

use super::interface::{AGENT_ID, Asked, Interface};
use super::{interface_of, sign};

/// Longest number of an agent that is looked for.
const AGENT_ID_MAX: usize = 64;

pub(super) fn decode(request: &WireRequest) -> Result<Decoded, Box<Undecoded>> {
    let refuse = |error, echo| Err(Box::new(Undecoded { error, echo }));
    let Some(interface) = interface_of(&request.path) else {
        let error = TradeError::new(ErrorCode::InvalidParameter, "this address is no interface");
        return refuse(error, Echo::default());
    };
    let echo = Echo {
        route: interface.route.path.to_owned(),
        values: Vec::new(),
    };
    let form = match Form::read(request, Decoding::Form) {
        Ok(form) => Arc::new(form),
        Err(why) => {
            let error = TradeError::new(ErrorCode::InvalidParameter, why.to_string());
            return refuse(error, echo);
        }
    };
    let agent = match agent(&form) {
        Ok(agent) => agent,
        // A body of another kind has no parameters at all.
        Err(error) => {
            let other = Kind::of(request).filter(|kind| *kind != Kind::Form);
            let error = other.map_or(error, |kind| kind.instead_of(kind::FORM));
            return refuse(error, echo);
        }
    };
    // Not all of it is signed, so that nobody may guess which of two values was meant.
    if let Err(error) = form.check_plain() {
        return refuse(error, echo);
    }
    let presented = sign::presented(interface, request, &form);
    Ok(Decoded {
        signer: Signer::Agent(agent),
        // Whose merchant it is, only the tree of agents says.
        app: None,
        presented: presented.signature,
        readings: presented.readings,
        issued_at: None,
        command: command(interface, request, &form),
        echo,
        secrets: Vec::new(),
    })
}

/// What is asked if a reading held that reads the request in another way.
pub(super) fn command_of_reading(
    request: &WireRequest,
    reading: &str,
) -> Option<Result<Command, TradeError>> {
    let decoding = sign::reads_otherwise(reading)?;
    let interface = interface_of(&request.path)?;
    let form = Form::read_of(request, decoding, Extent::Whole).ok()?;
    Some(command(interface, request, &form))
}

fn command(
    interface: &Interface,
    request: &WireRequest,
    form: &Form,
) -> Result<Command, TradeError> {
    form.check_plain()?;
    let asked = Asked {
        form,
        path: &request.path,
    };
    (interface.read)(asked).map(Command::Agent)
}

fn agent(form: &Form) -> Result<AgentId, TradeError> {
    if form.ambiguous().iter().any(|name| name == AGENT_ID) {
        let problem = "agentId stands twice with different values";
        return Err(illegal(AGENT_ID, problem));
    }
    let agent = trimmed(form.get(AGENT_ID).unwrap_or_default());
    if agent.is_empty() {
        return Err(missing(AGENT_ID));
    }
    if agent.len() > AGENT_ID_MAX || is_no_identifier(agent) {
        let problem = "agentId has not the form of an agent's number";
        return Err(illegal(AGENT_ID, problem));
    }
    Ok(AgentId::from(agent))
}
