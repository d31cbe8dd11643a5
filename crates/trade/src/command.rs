//! The narrow waist: what a merchant can ask and what it is answered, in our own words.
//!
//! Written for an ideal merchant; no field name of a wire occurs. A dialect translates both ways.

use crate::attempt::{Attempt, Handoff};
use crate::directory::{MerchantState, PartnerNumber};
use crate::goods::SaleTerms;
use crate::id::{AppId, OrderNo, RefundNo};
use crate::life::Life;
use crate::money::Currency;
use crate::order::{Attributes, Order};
use crate::payout_view::{PayoutClass, PayoutPage, PayoutView, PayoutsAsked};
use crate::refund::Refund;
use crate::wallet::WalletKind;

/// What a merchant asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// 付款码支付: take the money now. A repeat of the number never has a second effect.
    Pay(Pay),
    /// 预下单: make an order that waits for its payer.
    Prepay(Prepay),
    /// 查询: never changes what was asked; may bring news from the channel.
    Query(Query),
    /// 撤销: make it as if not paid. A repeat finds it reversed.
    Cancel(Cancel),
    /// 关单: no further payment possible. A repeat finds it closed.
    Close(Close),
    /// 退款: give back all or part. A repeat of the number never has a second effect.
    Refund(RefundCommand),
    /// 退款查询
    QueryRefund(QueryRefund),
    /// 刷脸凭证: what a terminal's face-pay kit needs. Changes nothing.
    FaceCredential(FaceCredential),
    /// Who a payer is at a wallet, by a code that the payer gave. Changes nothing.
    FindPayer(PayerLookup),
    /// The merchant as it is registered. Changes nothing.
    DescribeMerchant,
    /// What an agent asks for itself.
    Agent(AgentCommand),
}

/// What an agent asks, about no merchant in particular.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentCommand {
    /// 进件: registers a merchant. A repeat with the same mobile number and name finds the same
    /// one.
    RegisterMerchant(RegisterMerchant),
    /// Sends a login code to a merchant's mobile number.
    SendLoginCode {
        /// The number.
        mobile: String,
    },
    /// Finds the newest enabled merchant of somebody who proves to be it.
    FindMerchant(Credentials),
    /// Exchanges a mini program's login code.
    OpenMiniProgramSession {
        /// Which mini program.
        app_id: String,
        /// The code, good once.
        code: String,
    },
    /// 打款单结果查询: one bill of a merchant below it. Changes nothing.
    FindPayout {
        /// The bill's number.
        bill_id: String,
        /// The classes that it may have; of another one there is no such bill.
        classes: Vec<PayoutClass>,
    },
    /// 打款情况: bills of merchants below it, by page. Changes nothing.
    ListPayouts(PayoutsAsked),
    /// 对账单: one of its statement files, by name. Changes nothing.
    FetchStatement {
        /// The file's name.
        file: String,
    },
}

impl AgentCommand {
    /// The verb, for logs and metrics.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::RegisterMerchant(_) => "register_merchant",
            Self::SendLoginCode { .. } => "send_login_code",
            Self::FindMerchant(_) => "find_merchant",
            Self::OpenMiniProgramSession { .. } => "mini_program_session",
            Self::FindPayout { .. } => "find_payout",
            Self::ListPayouts(_) => "list_payouts",
            Self::FetchStatement { .. } => "fetch_statement",
        }
    }
}

/// A merchant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterMerchant {
    /// Full name; `None`: its new number.
    pub full_name: Option<String>,
    /// Short name; `None`: the full one.
    pub short_name: Option<String>,
    /// Mobile number, to which login codes go.
    pub mobile: Option<String>,
    /// Login name.
    pub username: Option<String>,
    /// Password: a secret.
    pub password: Option<String>,
    /// Everything that came, in the wire's own names; stored encrypted.
    pub members: Vec<(String, String)>,
}

/// Proof that somebody is a merchant. All of it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A login code that was sent to a mobile number.
    LoginCode {
        /// The number.
        mobile: String,
        /// The code.
        code: String,
    },
    /// A login name and its password.
    Password {
        /// The name.
        username: String,
        /// The password.
        password: String,
    },
}

/// What a terminal's face-pay kit states about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaceCredential {
    /// Whose kit.
    pub wallet: WalletKind,
    /// 门店
    pub shop_id: String,
    /// Its name.
    pub shop_name: String,
    /// 终端
    pub terminal_id: String,
    /// What the kit says of itself, for the wallet only.
    pub raw_data: String,
}

/// Whose code a merchant has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerLookup {
    /// Which wallet.
    pub wallet: WalletKind,
    /// The payer's code: a payment code, or what the wallet's page gave. A secret.
    pub code: String,
    /// Under which of the merchant's own apps the payer is to be known.
    pub app_id: Option<String>,
    /// What the payer's browser says of itself, whole or the wallet's part of it.
    pub user_agent: Option<String>,
}

impl Command {
    /// The verb, for logs and metrics.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Pay(_) => "pay",
            Self::Prepay(_) => "prepay",
            Self::Query(_) => "query",
            Self::Cancel(_) => "cancel",
            Self::Close(_) => "close",
            Self::Refund(_) => "refund",
            Self::QueryRefund(_) => "query_refund",
            Self::FaceCredential(_) => "face_credential",
            Self::FindPayer(_) => "find_payer",
            Self::DescribeMerchant => "describe_merchant",
            Self::Agent(command) => command.verb(),
        }
    }
}

/// Members that every new order has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// 商户订单号
    pub merchant_order_no: String,
    /// In minor units of `currency`; above zero.
    pub amount_minor: i64,
    /// The merchant's currency.
    pub currency: Currency,
    /// What is sold.
    pub subject: String,
    /// Where to notify.
    pub notify_url: Option<String>,
    /// Where the payer's browser goes from our page once the order is paid.
    pub return_url: Option<String>,
    /// The dialect's own texts, stored and echoed.
    pub attributes: Attributes,
    /// Basket, promotion mark, shop, terminal.
    pub terms: SaleTerms,
    /// Whether the merchant asks for its money on the same day, which its terms must allow.
    pub is_same_day: bool,
}

/// A payment whose payer has consented already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pay {
    /// The order.
    pub order: NewOrder,
    /// The wallet that the merchant states; `None`: tell it from the code.
    pub wallet: Option<WalletKind>,
    /// How the payer consented.
    pub consent: Consent,
    /// The payer's code, or what the recognised face gave: a secret.
    pub auth_code: String,
}

/// How a payer consented before the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// By showing a payment code.
    Barcode,
    /// By showing the face to a terminal.
    Face {
        /// The payer's id at the wallet, if the terminal told it.
        payer_id: Option<String>,
    },
}

/// An order that waits for its payer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepay {
    /// The order.
    pub order: NewOrder,
    /// How the payer will meet it.
    pub scene: PrepayScene,
    /// Until when the payer may pay.
    pub life: Life,
}

/// How the payer of a prepay order meets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrepayScene {
    /// By scanning an address that leads to our cashier page; `None`: any wallet.
    Qr {
        /// The only wallet that may pay.
        wallet: Option<WalletKind>,
    },
    /// By scanning a code of the wallet itself.
    Native {
        /// Which wallet.
        wallet: WalletKind,
    },
    /// In the merchant's own app.
    App {
        /// Which wallet.
        wallet: WalletKind,
        /// The app's id at the wallet.
        sub_app_id: Option<String>,
    },
    /// Inside a mini program.
    MiniProgram {
        /// Which wallet.
        wallet: WalletKind,
        /// The payer's id at that wallet.
        payer_id: String,
        /// The mini program's app id, if it is the merchant's own.
        sub_app_id: Option<String>,
    },
    /// Inside a wallet's page.
    Jsapi {
        /// Which wallet.
        wallet: WalletKind,
        /// Who pays.
        payer: PayerName,
        /// The app id under which that payer is known, if it is the merchant's own.
        sub_app_id: Option<String>,
    },
}

/// How a merchant names a payer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayerName {
    /// By the id that the wallet gave.
    Id(String),
    /// By the name with which the payer signs in at the wallet: a telephone number or an e-mail
    /// address.
    Login(String),
}

/// Which order is meant: the first present reference decides (ruling 23).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderReference {
    /// References, strongest first.
    pub candidates: Vec<Reference>,
    /// Whether an unknown first reference falls back to the next one.
    pub falls_back: bool,
}

/// One reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// Our number; `None` if the text has not its form, so that it is simply not found.
    Platform(Option<OrderNo>),
    /// The merchant's number.
    Merchant(String),
}

/// 查询
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Which order.
    pub order: OrderReference,
    /// Whether the references may be a refund's, where no order has them (ruling 55). The answer is
    /// then [`Reply::Refund`].
    pub finds_refunds: bool,
}

/// 撤销
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancel {
    /// Which order.
    pub order: OrderReference,
}

/// 关单
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// Which order.
    pub order: OrderReference,
}

/// 退款
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundCommand {
    /// Of which order.
    pub order: OrderReference,
    /// 商户退款单号
    pub merchant_refund_no: String,
    /// In minor units of the order's currency; above zero.
    pub amount_minor: i64,
    /// The order's amount as the merchant has it; another one than ours is refused. `None`: not
    /// stated.
    pub order_amount_minor: Option<i64>,
    /// The merchant's reason.
    pub reason: String,
    /// Where to tell how it ended.
    pub notify_url: Option<String>,
    /// The dialect's own texts.
    pub attributes: Attributes,
}

/// 退款查询
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryRefund {
    /// Which refund.
    pub refund: RefundReference,
    /// Of which order it must be, where the wire names both; another order's is not found.
    pub order: Option<OrderReference>,
}

/// Which refund is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundReference {
    /// Our number; `None` if the text has not its form.
    Platform(Option<RefundNo>),
    /// The merchant's number.
    Merchant(String),
    /// Every refund of an order.
    OfOrder(OrderReference),
    /// The newest refund of an order.
    NewestOf(OrderReference),
}

/// What a merchant is answered when its call worked. A declined payment is an order too: the
/// dialect reads its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// An order as it stands, after pay, query, cancel or close.
    Order {
        /// The order.
        order: Box<Order>,
        /// Its attempts, oldest first.
        attempts: Vec<Attempt>,
        /// The payer's code, opened for wires that echo it.
        auth_code: Option<String>,
    },
    /// A prepay order, with what its payer's wallet takes.
    Prepaid {
        /// The order.
        order: Box<Order>,
        /// Its attempt; `None` for an order whose payer comes to our page.
        attempt: Option<Box<Attempt>>,
        /// What the channel gave; `None` for an order whose payer comes to our page.
        handoff: Option<Handoff>,
    },
    /// A refund as it stands.
    Refund {
        /// Its order.
        order: Box<Order>,
        /// The refund.
        refund: Box<Refund>,
        /// The order's attempts, oldest first.
        attempts: Vec<Attempt>,
    },
    /// All refunds of an order, oldest first.
    Refunds {
        /// The order.
        order: Box<Order>,
        /// Its refunds.
        refunds: Vec<Refund>,
        /// The order's attempts, oldest first.
        attempts: Vec<Attempt>,
    },
    /// What a terminal's face-pay kit needs.
    FaceCredential(Box<FaceCredentialReply>),
    /// Who a payer is.
    Payer {
        /// The payer's id at the wallet, under the app that was asked about.
        payer_id: String,
    },
    /// A merchant as it is registered.
    Merchant(Box<MerchantReply>),
    /// A login code is on its way.
    LoginCodeSent {
        /// How long it holds, in ms.
        life_ms: i64,
    },
    /// A mini program's session.
    MiniProgramSession(Box<MiniProgramSession>),
    /// A bill.
    Payout(Box<PayoutView>),
    /// A page of bills.
    Payouts(PayoutPage),
    /// A statement file.
    Statement(Box<StatementReply>),
}

/// A statement file, where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementReply {
    /// Its name, as the agent asked for it.
    pub name: String,
    /// Where it lies here.
    pub path: std::path::PathBuf,
    /// Its size, in bytes.
    pub bytes: u64,
    /// SHA-256 of it, in lower-case hexadecimal.
    pub sha256: String,
}

/// What a terminal's face-pay kit needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaceCredentialReply {
    /// The service provider's app id.
    pub app_id: String,
    /// The merchant's own app id.
    pub sub_app_id: Option<String>,
    /// The service provider's merchant number.
    pub provider_merchant_no: String,
    /// 子商户号
    pub sub_merchant_id: String,
    /// The credential: a secret of the terminal's.
    pub credential: String,
    /// How long it holds, in s.
    pub expires_in_s: i64,
}

/// A payer who was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerFound {
    /// The payer's id at the wallet.
    pub payer_id: String,
}

/// A merchant as it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerchantReply {
    /// The number under which the wire knows it.
    pub app_id: AppId,
    /// Full name.
    pub full_name: String,
    /// Short name.
    pub short_name: String,
    /// Where it stands.
    pub state: MerchantState,
    /// A text that its software shows when it trades; told to whoever proved to be the merchant.
    pub trade_code: String,
    /// Its numbers at institutions.
    pub partners: Vec<PartnerNumber>,
}

/// A mini program's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MiniProgramSession {
    /// The payer's id under the mini program.
    pub payer_id: String,
    /// The session's key: a secret of the mini program's.
    pub session_key: String,
    /// The payer's id over all apps of one owner, if there is one.
    pub union_id: Option<String>,
    /// How long the session holds, in s.
    pub expires_in_s: i64,
}
