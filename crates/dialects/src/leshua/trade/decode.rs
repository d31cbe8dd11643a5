//! Understanding a request: who signed, what may have been signed, what is asked.
//!
//! Order of checks (ruling 18): the parameters can be read, `merchant_id` is there (else nobody can
//! be asked for a key); after the signature `service`, then each service's own fields.

use heliu_ports::dialect::{Decoded, Echo, Signer, Undecoded};
use heliu_ports::exchange::Secret;
use heliu_ports::wire::WireRequest;
use heliu_trade::command::Command;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::AppId;

use crate::form::{self, Form};
use crate::lexical::{is_no_identifier, is_path};
use crate::parameters::{illegal, missing};

use super::super::attribute::{self, MERCHANT_ID, SERVICE};
use super::super::opening::{check_once, handed_on, open, refused};
use super::super::{codes, sign};
use super::fields::{Fields, LABEL_MAX, is_number};
use super::{GATEWAY_PATH, interface_of};

/// Payers' codes.
const SECRETS: [&str; 2] = ["auth_code", "user_auth_code"];

pub(super) fn decode(request: &WireRequest) -> Result<Decoded, Box<Undecoded>> {
    if !is_path(&request.path, GATEWAY_PATH) {
        let error = TradeError::new(ErrorCode::InvalidParameter, "this address is no service");
        return Err(refused(error, &Echo::default()));
    }
    let mut echo = Echo {
        route: GATEWAY_PATH.to_owned(),
        values: Vec::new(),
    };
    let (form, app) = open(request, &echo, merchant)?;
    echo.values = echoed(&app, Fields(&form));
    let presented = sign::presented(request, &form);
    Ok(Decoded {
        secrets: secrets(request, &form),
        ..handed_on(Signer::App(app), presented, command(&form), echo)
    })
}

/// What is asked if a reading held that reads the request in another way.
pub(super) fn command_of_reading(
    request: &WireRequest,
    reading: &str,
) -> Option<Result<Command, TradeError>> {
    let (decoding, extent) = sign::reads_otherwise(reading)?;
    let form = Form::read_of(request, decoding, extent).ok()?;
    Some(command(&form))
}

fn merchant(form: &Form) -> Result<AppId, TradeError> {
    check_once(form, MERCHANT_ID)?;
    let merchant = Fields(form)
        .any(MERCHANT_ID)
        .ok_or_else(|| missing(MERCHANT_ID))?;
    if merchant.len() > LABEL_MAX || is_no_identifier(merchant) {
        let problem = "no merchant has a number of this form";
        return Err(TradeError::field(
            ErrorCode::UnknownMerchant,
            MERCHANT_ID,
            problem,
        ));
    }
    Ok(AppId::from(merchant))
}

/// What an answer repeats: only values that could be ours.
fn echoed(app: &AppId, fields: Fields<'_>) -> Vec<(String, String)> {
    let mut values = vec![(MERCHANT_ID.to_owned(), app.as_str().to_owned())];
    let mut add = |name: &str, value: &str| values.push((name.to_owned(), value.to_owned()));
    if let Some(service) = fields.any(SERVICE).and_then(interface_of) {
        add(SERVICE, service.name);
    }
    if let Some(wallet) = fields.any(attribute::PAY_WAY).and_then(codes::wallet)
        && let Some(pay_way) = codes::pay_way(wallet)
    {
        add(attribute::PAY_WAY, pay_way);
    }
    for name in [attribute::THIRD_ORDER_ID, attribute::MERCHANT_REFUND_ID] {
        if let Some(number) = fields.any(name).filter(|number| is_number(number)) {
            add(name, number);
        }
    }
    if let Ok(amount) = fields.amount(attribute::REFUND_AMOUNT) {
        add(attribute::REFUND_AMOUNT, &amount.to_string());
    }
    values
}

fn command(form: &Form) -> Result<Command, TradeError> {
    let fields = Fields(form);
    let name = fields.any(SERVICE).ok_or_else(|| missing(SERVICE))?;
    let service =
        interface_of(name).ok_or_else(|| illegal(SERVICE, "service is none of this gateway"))?;
    // Present, never compared: clients are known that use one for all requests of a second.
    fields
        .any("nonce_str")
        .ok_or_else(|| missing("nonce_str"))?;
    form.check_plain()?;
    (service.read)(fields)
}

/// Payers' codes as they stand in the request and as they read.
fn secrets(request: &WireRequest, form: &Form) -> Vec<Secret> {
    let mut secrets: Vec<&str> = SECRETS
        .iter()
        .flat_map(|name| {
            let read = form.get(name).into_iter();
            read.chain(form::raw_values(request, name))
        })
        .filter(|secret| secret.len() >= form::SECRET_LENGTH_MIN)
        .collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.dedup();
    secrets.into_iter().map(Secret::code).collect()
}
