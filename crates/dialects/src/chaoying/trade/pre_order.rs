//! What `WECHAT_PreOrder` and `ALIPAY_PreOrder`, 预下单, share: the payer scans a code, or pays
//! inside a wallet's page, a mini program or an app. Source: Chaoying v2.5.3, sections 4.8 and 4.9;
//! rulings 24 and 46.

use heliu_ports::dialect::EncodeContext;
use heliu_trade::attempt::{Attempt, Handoff};
use heliu_trade::command::{Command, NewOrder, PayerName, Prepay, PrepayScene, Reply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::goods::SaleTerms;
use heliu_trade::life::Life;
use heliu_trade::order::{Order, OrderState};
use heliu_trade::time::Timestamp;
use heliu_trade::wallet::{Scene, WalletKind};

use crate::invocation::page_text;
use crate::lexical::is_web_address;
use crate::object::Object;
use crate::parameters::{illegal, missing};

use super::super::codes::{self, Status};
use super::super::fields::{Fields, LABEL_MAX, WALLET_ID_MAX};
use super::super::interface::Call;
use super::super::members::Members;
use super::super::{NONCE_LENGTH, page};
use super::new_order;
use super::order::{provider_app_id, provider_numbers};

/// The field by which a wallet is named that cannot be served.
pub(super) const FIELDS: &[(ErrorCode, &str)] = &[(ErrorCode::UnsupportedWallet, "trade_type")];

/// Longest `notify_url`.
const ADDRESS_MAX: usize = 255;

/// `trade_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TradeType {
    Page,
    Native,
    App,
    BankApp,
}

impl TradeType {
    const ALL: [Self; 4] = [Self::Page, Self::Native, Self::App, Self::BankApp];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "JSPAY",
            Self::Native => "NATIVE",
            Self::App => "APP",
            Self::BankApp => "APP_BANK",
        }
    }
}

pub(super) fn read(fields: Fields<'_>, wallet: WalletKind) -> Result<Command, TradeError> {
    let trade_type = trade_type(fields)?;
    let order = new_order::read(fields, trade_type.as_str())?;
    let life = life(fields, wallet)?;
    let notify_url = notify_url(fields)?;
    let terms = SaleTerms {
        product_id: fields.text("product_id", LABEL_MAX)?.map(str::to_owned),
        refuses_credit: refuses_credit(fields)?,
        ..order.terms
    };
    let scene = scene(fields, wallet, trade_type)?;
    Ok(Command::Prepay(Prepay {
        order: NewOrder {
            notify_url,
            return_url: None,
            terms,
            ..order
        },
        scene,
        life,
    }))
}

fn trade_type(fields: Fields<'_>) -> Result<TradeType, TradeError> {
    let text = fields.required("trade_type", LABEL_MAX)?;
    let mut types = TradeType::ALL.into_iter();
    types
        .find(|known| known.as_str().eq_ignore_ascii_case(text))
        .ok_or_else(|| {
            illegal(
                "trade_type",
                "trade_type must be JSPAY, NATIVE, APP or APP_BANK",
            )
        })
}

fn scene(
    fields: Fields<'_>,
    wallet: WalletKind,
    trade_type: TradeType,
) -> Result<PrepayScene, TradeError> {
    let sub_app_id = match wallet {
        WalletKind::Wechat => fields
            .identifier("sub_appid", LABEL_MAX)?
            .map(str::to_owned),
        // Not in Alipay's table.
        _ => None,
    };
    let is_missing = wallet == WalletKind::Wechat && sub_app_id.is_none();
    if is_missing && trade_type != TradeType::Native {
        return Err(missing("sub_appid"));
    }
    match trade_type {
        TradeType::Native => Ok(PrepayScene::Native { wallet }),
        TradeType::Page => {
            let is_mini_program =
                wallet == WalletKind::Wechat && fields.any("is_minipg") == Some("1");
            Ok(match payer(fields, wallet)? {
                PayerName::Id(payer_id) if is_mini_program => PrepayScene::MiniProgram {
                    wallet,
                    payer_id,
                    sub_app_id,
                },
                payer => PrepayScene::Jsapi {
                    wallet,
                    payer,
                    sub_app_id,
                },
            })
        }
        TradeType::App if wallet == WalletKind::Wechat => {
            Ok(PrepayScene::App { wallet, sub_app_id })
        }
        TradeType::App | TradeType::BankApp => {
            let problem = "no channel serves this trade_type";
            Err(TradeError::field(
                ErrorCode::NoContract,
                "trade_type",
                problem,
            ))
        }
    }
}

/// `buyer_id`, or for Alipay at least `buyer_logon_id`, which goes upstream under its own name
/// (ruling 17).
fn payer(fields: Fields<'_>, wallet: WalletKind) -> Result<PayerName, TradeError> {
    if let Some(id) = fields.identifier("buyer_id", WALLET_ID_MAX)? {
        return Ok(PayerName::Id(id.to_owned()));
    }
    if wallet == WalletKind::Alipay
        && let Some(login) = fields.identifier("buyer_logon_id", WALLET_ID_MAX)?
    {
        return Ok(PayerName::Login(login.to_owned()));
    }
    Err(missing("buyer_id"))
}

/// `time_expire`, which at Alipay counts only together with `time_start`. That it is still to come
/// the engine sees, which has a clock (ruling 24).
fn life(fields: Fields<'_>, wallet: WalletKind) -> Result<Life, TradeError> {
    let time = |name: &str| -> Result<Option<Timestamp>, TradeError> {
        let Some(text) = fields.any(name) else {
            return Ok(None);
        };
        let is_compact = text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit());
        let time = Timestamp::parse_beijing_compact(text).filter(|_| is_compact);
        let problem = format!("{name} must be yyyyMMddHHmmss, Beijing time");
        time.map(Some).ok_or_else(|| illegal(name, problem))
    };
    match (time("time_start")?, time("time_expire")?) {
        (Some(start), Some(expire)) if expire <= start => {
            let problem = "time_expire must be later than time_start";
            Err(illegal("time_expire", problem))
        }
        (Some(_), Some(expire)) => Ok(Life::Until(expire)),
        (None, Some(expire)) if wallet != WalletKind::Alipay => Ok(Life::Until(expire)),
        (_, _) => Ok(Life::Default),
    }
}

fn notify_url(fields: Fields<'_>) -> Result<Option<String>, TradeError> {
    let url = fields.text("notify_url", ADDRESS_MAX)?;
    if url.is_some_and(|url| !is_web_address(url)) {
        let problem = "notify_url must be an http or https address";
        return Err(illegal("notify_url", problem));
    }
    Ok(url.map(str::to_owned))
}

/// `limit_pay`: a limit that nobody understands is refused, since it would be dropped in silence.
fn refuses_credit(fields: Fields<'_>) -> Result<bool, TradeError> {
    match fields.text("limit_pay", LABEL_MAX)? {
        None => Ok(false),
        Some(limit) if limit.eq_ignore_ascii_case("no_credit") => Ok(true),
        Some(_) => Err(illegal("limit_pay", "limit_pay must be NO_CREDIT")),
    }
}

/// What the payer takes.
pub(super) fn told(call: Call<'_>, reply: &Reply) -> Option<Members> {
    let Reply::Prepaid {
        order,
        attempt,
        handoff,
    } = reply
    else {
        return None;
    };
    Some(match (order.state, handoff) {
        (OrderState::Open | OrderState::Paying, Some(handoff)) => {
            let mut done = Members::opened(&Status::done(true));
            handed(&mut done, order, attempt.as_deref(), handoff, call.context);
            done
        }
        // Paid meanwhile, ended, or nothing that the payer could use.
        _ => {
            let status = codes::unpaid(order, false);
            Members::opened(&status.unwrap_or_else(codes::paid_already))
        }
    })
}

fn handed(
    members: &mut Members,
    order: &Order,
    attempt: Option<&Attempt>,
    handoff: &Handoff,
    context: EncodeContext<'_>,
) {
    let is_wechat = order.wallet == Some(WalletKind::Wechat);
    let is_page = matches!(order.scene, Scene::Jsapi | Scene::MiniProgram);
    let url = context.public_url;
    members.text("mch_id", order.app_id.as_str());
    if is_wechat {
        members.mandatory("appid", provider_app_id(attempt));
        let payer_id = attempt.and_then(|attempt| attempt.route.payer_id.as_deref());
        members.mandatory("sub_openid", payer_id.filter(|_| is_page));
    }
    members.text("out_trade_no", &order.merchant_order_no);
    if is_wechat && is_page {
        // Leads nowhere: the sample has one, and clients of this wire invoke by `pay_info`.
        members.text("token_id", (context.nonce)(NONCE_LENGTH));
    }
    match handoff {
        Handoff::Invocation(given) if is_page => {
            members.text("pay_info", page_text(given, Some("")));
        }
        Handoff::Invocation(given) => {
            members.text("pay_info", app_text(given));
        }
        Handoff::TradeNo(number) => {
            let mut info = Object::new();
            info.text("tradeNO", number);
            let proof = (context.page_proof)(&order.app_id, order.order_no);
            members
                .text("pay_info", info.into_text())
                .text("pay_url", page::url(order, url, &proof));
        }
        Handoff::Redirect(url) => {
            members.text("pay_url", url);
        }
        Handoff::CodeUrl(code) => {
            let image = page::code_image_url(code, url);
            members.text("code_img_url", image).text("code_url", code);
        }
    }
    members.text("nonce_str", (context.nonce)(NONCE_LENGTH));
    provider_numbers(members, order, attempt);
}

/// What the wallet's kit inside an app takes, as the channel gave it.
fn app_text(given: &[(String, String)]) -> String {
    let mut info = Object::new();
    for (name, value) in given {
        info.text(name, value);
    }
    info.into_text()
}
