//! How both surfaces begin to read a request, and how they hand it on: a form that names its signer
//! once. What is wrong before that can be asked about nobody's key.

use std::sync::Arc;

use heliu_ports::dialect::{Decoded, Echo, Signer, Undecoded};
use heliu_ports::wire::WireRequest;
use heliu_trade::command::Command;
use heliu_trade::error::{ErrorCode, TradeError};

use crate::form::{Decoding, Form};
use crate::kind::{self, Kind};
use crate::parameters::illegal;
use crate::signature::Presented;

/// The parameters of a request, and who signed it, whom `signer` finds in them.
pub(super) fn open<T>(
    request: &WireRequest,
    echo: &Echo,
    signer: fn(&Form) -> Result<T, TradeError>,
) -> Result<(Arc<Form>, T), Box<Undecoded>> {
    let form = Form::read(request, Decoding::Form)
        .map_err(|why| TradeError::new(ErrorCode::InvalidParameter, why.to_string()));
    let form = form.map_err(|error| refused(error, echo))?;
    match signer(&form) {
        Ok(signer) => Ok((Arc::new(form), signer)),
        // A body of another kind has no parameters at all.
        Err(error) => {
            let other = Kind::of(request).filter(|kind| *kind != Kind::Form);
            let error = other.map_or(error, |kind| kind.instead_of(kind::FORM));
            Err(refused(error, echo))
        }
    }
}

/// A request that goes no further.
pub(super) fn refused(error: TradeError, echo: &Echo) -> Box<Undecoded> {
    let echo = echo.clone();
    Box::new(Undecoded { error, echo })
}

/// Nobody may guess which of two signers was meant.
pub(super) fn check_once(form: &Form, name: &str) -> Result<(), TradeError> {
    if form.ambiguous().iter().any(|known| known == name) {
        let problem = format!("{name} stands twice with different values");
        return Err(illegal(name, problem));
    }
    Ok(())
}

/// A request on its way. Whose merchant an agent asks about, only the tree of agents says; nothing
/// says when it was made.
pub(super) fn handed_on(
    signer: Signer,
    presented: Presented,
    command: Result<Command, TradeError>,
    echo: Echo,
) -> Decoded {
    let app = match &signer {
        Signer::App(app) => Some(app.clone()),
        Signer::Agent(_) => None,
    };
    Decoded {
        signer,
        app,
        presented: presented.signature,
        readings: presented.readings,
        issued_at: None,
        command,
        echo,
        secrets: Vec::new(),
    }
}
