//! What the till was told, what the platform says in the end, and what the channel has: they must
//! be one.

use std::collections::HashMap;

use super::{Answer, Json, Sandbox, Till, eventually};

/// Whether a state of an answer means that the order was paid, and was not given back whole by a
/// reversal.
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

/// Waits until a refund is decided: whether it was given. One that an answer had taken must be.
pub(crate) async fn decided(till: &Till, refund: &str, was_told: bool) -> bool {
    let answer = eventually("the refund is decided", async || {
        let answer = till.try_refund_query(refund).await.ok()?;
        is_decided(&answer).then_some(answer)
    })
    .await;
    let was_given = answer.outcome() == "SUCCESS" && answer.str("trade_status") == "succ";
    assert!(
        was_given || !was_told,
        "refund {refund} was taken and is not given: {}",
        answer.text
    );
    was_given
}

/// Whether an answer says what became of a refund. A house that is busy says nothing of it.
pub(crate) fn is_decided(refund: &Answer) -> bool {
    match refund.outcome() {
        "SUCCESS" => refund.str("trade_status") != "refunding",
        outcome => outcome == "CHARGE_NONEXISTENT",
    }
}

/// The channels' orders that no order of ours has explained yet. What is left in the end is money
/// that was taken from somebody for nothing that we know.
pub(crate) struct Unclaimed(HashMap<String, Json>);

impl Unclaimed {
    /// All that the channels ever had. They know an order by channel, owner and number; ours are
    /// never the same.
    pub(crate) async fn of(sandbox: &Sandbox) -> Unclaimed {
        let mut orders = HashMap::new();
        for order in sandbox.all_orders().await {
            let number = order.str("out_trade_no").to_owned();
            let other = orders.insert(number, order);
            assert!(other.is_none(), "a number went upstream twice: {other:?}");
        }
        Unclaimed(orders)
    }

    /// Takes away what one of our orders came to, under the numbers of its attempts: together they
    /// hold of its payer's money what our order says.
    pub(crate) fn claim(&mut self, end: &Answer, attempts: &[String]) {
        let known = attempts.iter().filter_map(|number| self.0.remove(number));
        let known: Vec<Json> = known.collect();
        let charged_fen: i64 = known.iter().map(|order| order.int("charged_fen")).sum();
        let ours_fen = if is_paid(end) {
            end.data().unwrap().int("total_fee") - refunded_fen(end)
        } else {
            0
        };
        assert_eq!(
            charged_fen, ours_fen,
            "{}: the channels have {known:?}",
            end.text
        );
    }

    pub(crate) fn assert_none(self) {
        let left: Vec<&Json> = self.0.values().collect();
        assert!(
            left.is_empty(),
            "the channels have orders that nobody knows here: {left:?}"
        );
    }
}

/// The channels charged for these orders what they say, and have no others; `attempts_of` tells the
/// numbers under which one went upstream.
pub(crate) async fn assert_no_other_orders(
    sandbox: &Sandbox,
    ends: &[Answer],
    attempts_of: impl Fn(&Answer) -> Vec<String>,
) {
    let mut theirs = Unclaimed::of(sandbox).await;
    for end in ends {
        theirs.claim(end, &attempts_of(end));
    }
    theirs.assert_none();
}

/// What an answer says was given back in refunds.
pub(crate) fn refunded_fen(answer: &Answer) -> i64 {
    let refunded = answer.data().and_then(|data| data.get("refund_fee"));
    refunded.map_or(0, |fee| fee.number().unwrap())
}
