//! What the till was told, what the platform says in the end, and what the channel has: they must be one.

use super::{Answer, Sandbox, Till, eventually};

/// Whether a state of an answer means that the order was paid, and was not given back whole by a reversal.
pub(crate) fn is_paid(answer: &Answer) -> bool {
    matches!(answer.state(), Some(1 | 4 | 5 | 9))
}

/// Waits until an order has come to its end; nothing if the platform never heard of it.
pub(crate) async fn end_of(till: &Till, number: &str) -> Option<Answer> {
    eventually(&format!("{number} is final"), async || {
        let answer = till.try_query(number).await.ok()?;
        if answer.outcome() == "CHARGE_NONEXISTENT" {
            return Some(None);
        }
        let is_final = is_paid(&answer) || matches!(answer.state(), Some(2 | 6));
        is_final.then_some(Some(answer))
    })
    .await
}

/// Compares one order that has ended with the channel's book; whether it is paid.
pub(crate) async fn assert_agreed(
    till: &Till,
    sandbox: &Sandbox,
    number: &str,
    fen: i64,
    was_told: bool,
) -> bool {
    let Some(end) = end_of(till, number).await else {
        assert!(!was_told, "{number} was acknowledged and is lost");
        return false;
    };
    let belief = sandbox.belief(end.str("trade_no")).await;
    let paid = is_paid(&end);
    let channel_has_it = belief.as_ref().is_some_and(|belief| belief.is_paid);
    assert_eq!(
        paid, channel_has_it,
        "{}: the channel has {belief:?}",
        end.text
    );
    assert_eq!(end.data().unwrap().int("total_fee"), fen, "{}", end.text);
    if let Some(belief) = belief.filter(|_| paid) {
        assert_eq!(
            (belief.total_fen, belief.refunded_fen),
            (fen, refunded_fen(&end)),
            "{}",
            end.text
        );
    }
    paid
}

/// What an answer says was given back in refunds.
pub(crate) fn refunded_fen(answer: &Answer) -> i64 {
    let refunded = answer.data().and_then(|data| data.get("refund_fee"));
    refunded.map_or(0, |fee| fee.number().unwrap())
}
