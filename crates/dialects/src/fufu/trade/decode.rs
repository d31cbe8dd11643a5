//! Understanding a request: who signed, what may have been signed, what is asked.
//!
//! Order of checks: the body is one JSON object, `busi_id` is there (else nobody can be asked for a
//! key), everything else only after the signature held.

use heliu_ports::dialect::{Decoded, Echo, Signer, Undecoded};
use heliu_ports::exchange::Secret;
use heliu_ports::wire::WireRequest;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::AppId;

use crate::kind::Kind;

use super::super::members::Members;
use super::super::{attribute, sign};
use super::fields::Fields;
use super::interface::Interface;

/// Shorter texts under `auth_code` are no payment codes (a published sample says "111"); masking
/// them would blot out half the log.
const SECRET_LENGTH_MIN: usize = 6;

/// Reads a request of an interface; `None`: the address is none.
pub(super) fn decode(
    interface: Option<&Interface>,
    request: &WireRequest,
) -> Result<Decoded, Box<Undecoded>> {
    let Some(interface) = interface else {
        let error = TradeError::new(ErrorCode::InvalidParameter, "this address is no interface");
        return Err(Box::new(Undecoded {
            error,
            echo: Echo::default(),
        }));
    };
    let mut echo = Echo {
        route: interface.path.to_owned(),
        values: Vec::new(),
    };
    let body = sign::without_mark(&request.body);
    let members = match Members::read(&body) {
        Ok(members) => members,
        Err(why) => {
            let other = Kind::of(request).filter(|kind| *kind != Kind::Json);
            let error = other.map_or_else(
                || TradeError::new(ErrorCode::InvalidParameter, why.to_string()),
                |kind| kind.instead_of("one JSON object"),
            );
            return Err(Box::new(Undecoded { error, echo }));
        }
    };
    let fields = Fields(&members);
    let app = match fields.required_identifier("busi_id", 32) {
        Ok(busi_id) => AppId::from(busi_id.as_ref()),
        Err(error) => return Err(Box::new(Undecoded { error, echo })),
    };
    if let Ok(Some(time_zone)) = fields.time_zone() {
        echo.values
            .push((attribute::TIME_ZONE.to_owned(), time_zone.into_owned()));
    }
    let presented = sign::presented(&request.query, &body);
    Ok(Decoded {
        signer: Signer::App(app.clone()),
        app: Some(app),
        presented: presented.signature,
        readings: presented.readings,
        issued_at: presented.issued_at,
        command: (interface.read)(&fields),
        echo,
        secrets: secrets(&members),
    })
}

/// The payer's code as it stands in the body, and as it reads if that differs.
fn secrets(members: &Members<'_>) -> Vec<Secret> {
    let Some(raw) = members.raw("auth_code") else {
        return Vec::new();
    };
    let inner = raw
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let mut secrets = vec![inner.unwrap_or(raw).to_owned()];
    if let Ok(Some(text)) = members.text("auth_code")
        && secrets.iter().all(|secret| *secret != text)
    {
        secrets.push(text.into_owned());
    }
    secrets.retain(|secret| secret.len() >= SECRET_LENGTH_MIN);
    secrets.into_iter().map(Secret::code).collect()
}
