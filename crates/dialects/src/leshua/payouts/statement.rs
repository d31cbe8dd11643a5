//! A statement file. Source: ruling 72; Leshua, section 9.1.

use heliu_ports::dialect::Route;
use heliu_trade::command::{AgentCommand, Reply};
use heliu_trade::error::TradeError;

use crate::parameters::illegal;

use super::interface::{AGENT_ID, Asked, FILE, Interface, Signed, file_of};

pub(super) const INTERFACE: Interface = Interface {
    route: Route::get("/statement/{file}"),
    signed: Signed::Parameters(&[AGENT_ID, FILE]),
    read,
    told,
};

/// Longest name of a file that is looked for.
const NAME_MAX: usize = 64;

fn read(asked: Asked<'_>) -> Result<AgentCommand, TradeError> {
    let name = file_of(asked.path).unwrap_or_default();
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if name.len() > NAME_MAX || !name.bytes().all(is_ours) {
        let problem = "the file's name must have letters, digits, _, - and . only";
        return Err(illegal(FILE, problem));
    }
    Ok(AgentCommand::FetchStatement {
        file: name.to_owned(),
    })
}

/// What the log keeps: the gateway sends the file in its place.
fn told(reply: &Reply) -> Option<Vec<u8>> {
    let Reply::Statement(file) = reply else {
        return None;
    };
    let told = format!(
        "the file {}, {} bytes, SHA-256 {}",
        file.name, file.bytes, file.sha256
    );
    Some(told.into_bytes())
}
