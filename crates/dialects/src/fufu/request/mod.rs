//! Understanding a request: who signed, what may have been signed, what is asked.
//!
//! One file an interface. Order of checks: the body is one JSON object, `busi_id` is there (else
//! nobody can be asked for a key), everything else only after the signature held.

mod cancel;
mod close;
mod fields;
mod order;
mod pre_order;
mod query;
mod refund;
mod refund_query;

use heliu_ports::dialect::{Decoded, Echo, PageReference, Signer, Undecoded};
use heliu_ports::exchange::Secret;
use heliu_ports::wire::WireRequest;
use heliu_trade::command::Command;
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::AppId;
use heliu_trade::money::{parse_yuan, yuan_text};
use heliu_trade::wallet::Scene;

use crate::kind::Kind;
use crate::lexical::{is_path, only_value};

use self::fields::Fields;
use super::members::Members;
use super::{Interface, PAGE_PATH, attribute, sign};

/// Shorter texts under `auth_code` are no payment codes (a published sample says "111"); masking
/// them would blot out half the log.
const SECRET_LENGTH_MIN: usize = 6;

pub(super) fn decode(request: &WireRequest) -> Result<Decoded, Box<Undecoded>> {
    let Some(interface) = Interface::of(&request.path) else {
        let error = TradeError::new(ErrorCode::InvalidParameter, "this address is no interface");
        return Err(Box::new(Undecoded {
            error,
            echo: Echo::default(),
        }));
    };
    let mut echo = Echo {
        route: interface.path().to_owned(),
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
        command: command(interface, &fields),
        echo,
        secrets: secrets(&members),
    })
}

fn command(interface: Interface, fields: &Fields<'_>) -> Result<Command, TradeError> {
    match interface {
        Interface::Order => order::read(fields).map(Command::Pay),
        Interface::PreOrder => pre_order::read(fields).map(Command::Prepay),
        Interface::Refund => refund::read(fields).map(Command::Refund),
        Interface::Query => query::read(fields).map(Command::Query),
        Interface::Cancel => cancel::read(fields).map(Command::Cancel),
        Interface::Close => close::read(fields).map(Command::Close),
        Interface::RefundQuery => refund_query::read(fields).map(Command::QueryRefund),
    }
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

/// Reads the address behind `qr_code`: `/online/pay/?id=..&tradeNo=..&price=..`. The price must be
/// written as `qr_code` writes it and be the order's: on this wire nothing else keeps people from
/// counting through other people's orders (ruling 68). What is paid stands in the books.
pub(super) fn page(path: &str, query: &str) -> Option<PageReference> {
    if !is_path(path, PAGE_PATH) {
        return None;
    }
    let app = only_value(query, "id").filter(|id| id.chars().count() <= 32)?;
    let order_no = only_value(query, "tradeNo")?.parse().ok()?;
    let price = only_value(query, "price")?;
    let charge_fen = parse_yuan(&price).filter(|charge_fen| yuan_text(*charge_fen) == price)?;
    Some(PageReference {
        proof: None,
        app: AppId::from(app.as_str()),
        order_no,
        scene: Scene::Qr,
        charge_fen: Some(charge_fen),
    })
}
