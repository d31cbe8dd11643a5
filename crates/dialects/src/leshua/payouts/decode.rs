//! Understanding a request: which agent signed, what it may have signed, what it asks.
//!
//! Order of checks: the parameters can be read and `agentId` is there (else nobody can be asked for
//! a key); after the signature each interface's own fields. Source: Leshua, section 6.1.

use heliu_ports::dialect::{Decoded, Echo, Signer, Undecoded};
use heliu_ports::wire::WireRequest;
use heliu_trade::command::Command;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::AgentId;

use crate::form::{Extent, Form};
use crate::lexical::{is_no_identifier, trimmed};
use crate::parameters::{illegal, missing};

use super::super::opening::{check_once, handed_on, open, refused};
use super::interface::{AGENT_ID, Asked, Interface};
use super::{interface_of, sign};

/// Longest number of an agent that is looked for.
const AGENT_ID_MAX: usize = 64;

pub(super) fn decode(request: &WireRequest) -> Result<Decoded, Box<Undecoded>> {
    let Some(interface) = interface_of(&request.path) else {
        let error = TradeError::new(ErrorCode::InvalidParameter, "this address is no interface");
        return Err(refused(error, &Echo::default()));
    };
    let echo = Echo {
        route: interface.route.path.to_owned(),
        values: Vec::new(),
    };
    let (form, agent) = open(request, &echo, agent)?;
    // Not all of it is signed, so that nobody may guess which of two values was meant.
    form.check_plain().map_err(|error| refused(error, &echo))?;
    let presented = sign::presented(interface, request, &form);
    let command = command(interface, request, &form);
    Ok(handed_on(Signer::Agent(agent), presented, command, echo))
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
    check_once(form, AGENT_ID)?;
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
