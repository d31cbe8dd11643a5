//! What can happen to an order, as values that shrink well: choices are resolved while playing.

use heliu_trade::fee::{Clamp, FeeTerms};
use heliu_trade::funds::{FundsMode, FundsTerms};
use heliu_trade::money::{ExchangeRate, RateDirection};
use heliu_trade::parties::LEVELS_MAX;
use heliu_trade::step::RefundRepeat;
use heliu_trade::verdict::DeclineKind;
use heliu_trade::wallet::{Funding, Scene, WalletKind};
use proptest::prelude::*;

/// How the order of a history is made.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) scene: Scene,
    pub(crate) amount_minor: i64,
    pub(crate) rate: Option<ExchangeRate>,
    pub(crate) has_notify_url: bool,
    pub(crate) notifies_refunds: bool,
    pub(crate) fee: FeeTerms,
    pub(crate) refund_count_max: u32,
    pub(crate) funds: FundsTerms,
    /// What agents above the merchant pay, the nearest to it first; not always what was compared.
    pub(crate) costs: Vec<FeeTerms>,
}

/// One thing that happens. A `u8` picks one of what is there; 255 picks what is not there.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    CreateAgain {
        with_other_amount: bool,
    },
    AddAttempt(WalletKind),
    Handoff(u8),
    Paid(u8, Payer),
    PaidWrong(u8, Wrong),
    Declined(u8, DeclineKind),
    Pending(u8),
    Waiting(u8),
    Unknown(u8),
    RefuseEvidence(u8),
    TillCancel,
    AnyCancel,
    Horizon,
    Reversal {
        attempt: u8,
        is_clear: bool,
    },
    Check(u8, Word),
    Close,
    AwaitClose,
    FinishClose,
    Expire,
    CloseAnswer(u8, Close),
    Refund {
        amount: Amount,
        reuses_number: bool,
        repeat: RefundRepeat,
    },
    RefundAnswer(u8, Answer),
    BeginDelivery(u8),
    EndDelivery {
        notification: u8,
        is_acknowledged: bool,
        is_last: bool,
    },
    Resend(u8),
    Clock {
        ms: i64,
    },
}

/// How a payer pays: hundredths of the price that each funder takes over.
#[derive(Debug, Clone)]
pub(crate) struct Payer {
    pub(crate) merchant_discount: i64,
    pub(crate) channel_discount: i64,
    pub(crate) funding: Funding,
    /// Whether the channel names another number than it did before.
    pub(crate) has_other_number: bool,
}

/// Evidence that must not be believed.
#[derive(Debug, Clone)]
pub(crate) enum Wrong {
    Amount(i64),
    PartsDoNotAddUp,
    NegativePart,
    HugeParts,
}

#[derive(Debug, Clone)]
pub(crate) enum Close {
    Closed,
    Paid,
    Unknown,
}

/// What a channel says of a payment that it had reversed.
#[derive(Debug, Clone)]
pub(crate) enum Word {
    Kept(Payer),
    NotPaid,
    NotThere,
    NoAnswer,
}

/// How much a merchant asks back.
#[derive(Debug, Clone)]
pub(crate) enum Amount {
    Exactly(i64),
    /// Hundredths of what is left.
    Share(i64),
    Rest,
    Over,
}

#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Succeeded {
        /// The cash part as the channel reports it, in hundredths of the refund.
        cash: Option<i64>,
    },
    Failed,
    Ended,
    Pending,
    Unknown,
}

fn rate() -> impl Strategy<Value = ExchangeRate> {
    let direction = prop_oneof![
        Just(RateDirection::CnyPerUnit),
        Just(RateDirection::UnitsPerCny)
    ];
    (500_000_i64..2_000_000_000, direction)
        .prop_map(|(scaled, direction)| ExchangeRate { scaled, direction })
}

pub(crate) fn fee() -> impl Strategy<Value = FeeTerms> {
    let max = prop_oneof![Just(None), (0_i64..50).prop_map(Some)];
    let clamp = prop_oneof![Just(Clamp::Last), Just(Clamp::First)];
    (0_i64..30_000, 0_i64..10_000, 0_i64..4, 0_i64..8, max, clamp).prop_map(
        |(rate_ppm, credit_extra_ppm, fixed_fen, min_fen, max_fen, clamp)| FeeTerms {
            rate_ppm,
            credit_extra_ppm,
            fixed_fen,
            min_fen,
            max_fen,
            clamp,
        },
    )
}

pub(crate) fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 1_i64..20, 4 => 1_i64..200_000, 1 => 1_i64..9_999_999_999]
}

pub(crate) fn any_rate() -> impl Strategy<Value = Option<ExchangeRate>> {
    prop_oneof![2 => Just(None), 1 => rate().prop_map(Some)]
}

/// Whom the channel pays, and what it takes, if anything was said of that.
pub(crate) fn funds() -> impl Strategy<Value = FundsTerms> {
    let cost = prop_oneof![1 => Just(None), 2 => fee().prop_map(Some)];
    let terms = |(mode, cost)| FundsTerms { mode, cost };
    (prop::sample::select(&FundsMode::ALL[..]), cost).prop_map(terms)
}

/// No agents, or as many as a tree may have.
pub(crate) fn costs() -> impl Strategy<Value = Vec<FeeTerms>> {
    prop_oneof![
        1 => Just(Vec::new()),
        2 => prop::collection::vec(fee(), 1..=LEVELS_MAX),
    ]
}

pub(crate) fn setup() -> impl Strategy<Value = Setup> {
    let scene =
        prop_oneof![2 => Just(Scene::Barcode), 3 => Just(Scene::Qr), 1 => Just(Scene::Jsapi)];
    let count = prop_oneof![1 => 0_u32..4, 4 => Just(50)];
    (
        scene,
        amount(),
        any_rate(),
        any::<bool>(),
        any::<bool>(),
        fee(),
        count,
        funds(),
        costs(),
    )
        .prop_map(
            |(
                scene,
                amount_minor,
                rate,
                has_notify_url,
                notifies_refunds,
                fee,
                refund_count_max,
                funds,
                costs,
            )| {
                Setup {
                    scene,
                    amount_minor,
                    rate,
                    has_notify_url,
                    notifies_refunds,
                    fee,
                    refund_count_max,
                    funds,
                    costs,
                }
            },
        )
}

pub(crate) fn payer() -> impl Strategy<Value = Payer> {
    let funding = prop::sample::select(vec![
        Funding::Credit,
        Funding::WalletCredit,
        Funding::Debit,
        Funding::Balance,
        Funding::Unknown,
    ]);
    let discounts = prop_oneof![
        3 => Just((0, 0)),
        2 => (0_i64..=50, 0_i64..=50),
        1 => prop::sample::select(vec![(100, 0), (0, 100), (50, 50)]),
    ];
    (discounts, funding, prop::bool::weighted(0.1)).prop_map(
        |((merchant_discount, channel_discount), funding, has_other_number)| Payer {
            merchant_discount,
            channel_discount,
            funding,
            has_other_number,
        },
    )
}

fn wrong() -> impl Strategy<Value = Wrong> {
    prop_oneof![
        (1_i64..100).prop_map(Wrong::Amount),
        (-100_i64..0).prop_map(Wrong::Amount),
        Just(Wrong::PartsDoNotAddUp),
        Just(Wrong::NegativePart),
        Just(Wrong::HugeParts),
    ]
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        2 => payer().prop_map(Word::Kept),
        1 => Just(Word::NotPaid),
        1 => Just(Word::NotThere),
        1 => Just(Word::NoAnswer),
    ]
}

fn kind() -> impl Strategy<Value = DeclineKind> {
    prop::sample::select(vec![
        DeclineKind::Refused,
        DeclineKind::CodeInvalid,
        DeclineKind::Unreachable,
        DeclineKind::Closed,
    ])
}

fn refund_amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        4 => (1_i64..100).prop_map(Amount::Share),
        3 => (-1_i64..5).prop_map(Amount::Exactly),
        2 => Just(Amount::Rest),
        1 => Just(Amount::Over),
    ]
}

pub(crate) fn answer() -> impl Strategy<Value = Answer> {
    let cash = prop_oneof![2 => Just(None), 1 => (-10_i64..=110).prop_map(Some)];
    prop_oneof![
        4 => cash.prop_map(|cash| Answer::Succeeded { cash }),
        1 => Just(Answer::Failed),
        1 => Just(Answer::Ended),
        1 => Just(Answer::Pending),
        1 => Just(Answer::Unknown),
    ]
}

fn clock_ms() -> impl Strategy<Value = i64> {
    prop_oneof![
        5 => 0_i64..20_000,
        2 => 20_000_i64..600_000,
        1 => 600_000_i64..100_000_000,
        1 => -4_000_000_i64..0,
    ]
}

fn happens_to_payments() -> impl Strategy<Value = Op> {
    let pick = any::<u8>;
    let close = prop_oneof![Just(Close::Closed), Just(Close::Paid), Just(Close::Unknown)];
    prop_oneof![
        1 => any::<bool>().prop_map(|with_other_amount| Op::CreateAgain { with_other_amount }),
        4 => prop::sample::select(vec![WalletKind::Wechat, WalletKind::Alipay])
            .prop_map(Op::AddAttempt),
        2 => pick().prop_map(Op::Handoff),
        8 => (pick(), payer()).prop_map(|(attempt, payer)| Op::Paid(attempt, payer)),
        2 => (pick(), wrong()).prop_map(|(attempt, wrong)| Op::PaidWrong(attempt, wrong)),
        3 => (pick(), kind()).prop_map(|(attempt, kind)| Op::Declined(attempt, kind)),
        3 => pick().prop_map(Op::Pending),
        1 => pick().prop_map(Op::Waiting),
        3 => pick().prop_map(Op::Unknown),
        1 => pick().prop_map(Op::RefuseEvidence),
        1 => Just(Op::TillCancel),
        1 => Just(Op::AnyCancel),
        1 => Just(Op::Horizon),
        4 => (pick(), any::<bool>())
            .prop_map(|(attempt, is_clear)| Op::Reversal { attempt, is_clear }),
        2 => (pick(), word()).prop_map(|(attempt, word)| Op::Check(attempt, word)),
        1 => Just(Op::Close),
        1 => Just(Op::AwaitClose),
        1 => Just(Op::FinishClose),
        1 => Just(Op::Expire),
        3 => (pick(), close).prop_map(|(attempt, close)| Op::CloseAnswer(attempt, close)),
    ]
}

fn repeat() -> impl Strategy<Value = RefundRepeat> {
    prop_oneof![
        Just(RefundRepeat::Refuse),
        Just(RefundRepeat::ReturnPresent),
        Just(RefundRepeat::RetryFailed),
    ]
}

fn happens_afterwards() -> impl Strategy<Value = Op> {
    let pick = any::<u8>;
    prop_oneof![
        8 => (refund_amount(), prop::bool::weighted(0.2), repeat()).prop_map(
            |(amount, reuses_number, repeat)| Op::Refund { amount, reuses_number, repeat }
        ),
        8 => (pick(), answer()).prop_map(|(refund, answer)| Op::RefundAnswer(refund, answer)),
        3 => pick().prop_map(Op::BeginDelivery),
        4 => (pick(), any::<bool>(), any::<bool>()).prop_map(
            |(notification, is_acknowledged, is_last)| Op::EndDelivery {
                notification, is_acknowledged, is_last,
            }
        ),
        1 => pick().prop_map(Op::Resend),
        4 => clock_ms().prop_map(|ms| Op::Clock { ms }),
    ]
}

/// One thing that happens, of any kind.
pub(crate) fn op() -> impl Strategy<Value = Op> {
    prop_oneof![happens_to_payments(), happens_afterwards()]
}
