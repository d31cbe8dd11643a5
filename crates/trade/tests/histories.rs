//! Random histories of an order against the reference book: after every step all invariants hold,
//! the model agrees, and the same step once more does nothing to money.

mod book;
mod history;

use heliu_trade::error::ErrorCode;
use heliu_trade::step::RefundRepeat;
use heliu_trade::wallet::Scene;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use history::op::{self, Amount, Answer, Payer, Setup};
use history::play::{History, ORDER};

/// `PROPTEST_CASES` wins; failing cases are kept beside this file.
fn config(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    let persistence = FileFailurePersistence::WithSource("regressions");
    config.failure_persistence = Some(Box::new(persistence));
    config
}

/// A paid order: how it was made and how it was paid.
fn paid() -> impl Strategy<Value = (Setup, Payer)> {
    let amount_minor = prop_oneof![2 => 1_i64..40, 1 => 1_i64..100_000];
    (
        amount_minor,
        op::any_rate(),
        op::fee(),
        op::payer(),
        op::funds(),
        op::costs(),
    )
        .prop_map(|(amount_minor, rate, fee, payer, funds, costs)| {
            let setup = Setup {
                scene: Scene::Barcode,
                amount_minor,
                rate,
                has_notify_url: true,
                notifies_refunds: true,
                fee,
                refund_count_max: 1_000,
                funds,
                costs,
            };
            (setup, payer)
        })
}

fn begin_paid((setup, payer): (Setup, Payer)) -> Option<History> {
    let mut history = History::begin(setup)?;
    let attempt_no = history.attempts()[0].attempt_no;
    history.paid(attempt_no, &payer);
    Some(history)
}

/// Refunds the next of `cuts`, else all that is left; what is less than a fen is refunded with the
/// rest.
fn refund_next(history: &mut History, cut: Option<i64>) -> bool {
    let left = history.order().refundable_minor();
    let amount_minor = cut.unwrap_or(left).min(left);
    match history.refund(amount_minor, false, RefundRepeat::Refuse) {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(error.code, ErrorCode::InvalidAmount, "{error}");
            cut.is_some() && refund_next(history, None)
        }
    }
}

fn assert_all_is_back(history: &History) {
    let order = history.order();
    let payment = order.payment.as_ref().expect("paid");
    assert_eq!(order.refunded.payable_fen, order.charge_fen);
    assert_eq!(order.refunded.cash_fen, payment.evidence.cash_fen);
    assert_eq!(
        order.refunded.receivable_fen,
        payment.evidence.receivable_fen()
    );
    assert_eq!(order.fee_returned_fen, payment.fee_fen);
    assert!(
        history
            .book
            .balances()
            .values()
            .all(|balance| *balance == 0)
    );
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn whatever_happens_to_an_order_every_invariant_holds(
        setup in op::setup(),
        ops in prop::collection::vec(op::op(), 1..80),
    ) {
        if let Some(mut history) = History::begin(setup) {
            ops.iter().for_each(|op| history.play(op));
            history.settle();
        }
    }

    #[test]
    fn any_partition_in_any_order_with_any_failures_gives_all_back(
        paid in paid(),
        cuts in prop::collection::vec(1_i64..20_000, 0..12),
        answers in prop::collection::vec((any::<prop::sample::Index>(), op::answer()), 0..20),
    ) {
        if let Some(mut history) = begin_paid(paid) {
            for cut in cuts {
                let amount = Amount::Exactly(cut.min(history.order().refundable_minor()));
                let repeat = RefundRepeat::Refuse;
                history.play(&op::Op::Refund { amount, reuses_number: false, repeat });
            }
            for (index, answer) in answers {
                let numbers: Vec<_> = history.book.refunds.keys().copied().collect();
                if !numbers.is_empty() {
                    history.refund_answer(*index.get(&numbers), &answer);
                }
            }
            refund_next(&mut history, None);
            history.settle();
            assert_all_is_back(&history);
        }
    }

    #[test]
    fn refunds_of_one_give_all_back(paid in paid(), cash in prop::option::of(0_i64..=100)) {
        let (setup, payer) = paid;
        let setup = Setup { amount_minor: setup.amount_minor % 60 + 1, ..setup };
        if let Some(mut history) = begin_paid((setup, payer)) {
            while history.order().refundable_minor() > 0 {
                prop_assert!(refund_next(&mut history, Some(1)));
                let newest = *history.book.refunds.keys().next_back().expect("just made");
                history.refund_answer(newest, &Answer::Succeeded { cash });
            }
            assert_all_is_back(&history);
            prop_assert!(history.book.orders[&ORDER].refunding == Default::default());
        }
    }
}
