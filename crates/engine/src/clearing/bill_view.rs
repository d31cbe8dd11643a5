//! How agents see a bill: now, and as it stood at an instant.

use heliu_trade::followup::event::{Event, EventKind};
use heliu_trade::id::AppId;
use heliu_trade::payout::{Payout, PayoutState};
use heliu_trade::payout_view::{PayoutClass, PayoutStanding, PayoutView};
use heliu_trade::settlement::Cycle;
use heliu_trade::time::Timestamp;

/// The standing of a state; `None`: agents do not hear of such a bill.
pub(crate) const fn standing_of(state: PayoutState) -> Option<PayoutStanding> {
    match state {
        PayoutState::Drafted
        | PayoutState::Approved
        | PayoutState::Sending
        | PayoutState::Unknown => Some(PayoutStanding::InProgress),
        PayoutState::Paid => Some(PayoutStanding::Paid),
        PayoutState::Failed => Some(PayoutStanding::Failed),
        PayoutState::Returned => Some(PayoutStanding::Returned),
        PayoutState::Frozen => Some(PayoutStanding::Frozen),
        PayoutState::Voided => None,
    }
}

const fn class_of(cycle: Cycle) -> PayoutClass {
    match cycle {
        Cycle::D0 => PayoutClass::SameDay,
        Cycle::D1 | Cycle::T1 => PayoutClass::NextDay,
        Cycle::Manual => PayoutClass::Withdrawal,
    }
}

/// A bill as agents see it; `None`: they do not.
pub(crate) fn view(payout: &Payout, app_id: &AppId) -> Option<PayoutView> {
    let standing = standing_of(payout.state)?;
    let is_final = match standing {
        PayoutStanding::Paid | PayoutStanding::Frozen => true,
        // Another bill stands in for it; without one it is sent again.
        PayoutStanding::Returned => payout.replaced_by.is_some(),
        PayoutStanding::InProgress | PayoutStanding::Failed => false,
    };
    let has_reason = matches!(standing, PayoutStanding::Failed | PayoutStanding::Returned);
    Some(PayoutView {
        bill_id: payout.bill_id().to_string(),
        app_id: app_id.clone(),
        class: class_of(payout.cycle),
        standing,
        is_final,
        created_at: payout.created_at,
        answered_at: payout.answered_at,
        trade_date: payout.settle_date,
        plan_fen: payout.amounts.plan_fen,
        suspend_fen: payout.amounts.suspend_fen,
        real_fen: payout.amounts.real_fen,
        fail_reason: if has_reason {
            payout.reason.clone()
        } else {
            String::new()
        },
        previous_bill_id: (!payout.remark.is_empty()).then(|| payout.remark.clone()),
        card_masked: payout.card.mask.clone(),
        holder_masked: payout.card.holder_mask.clone(),
        branch: payout.card.branch.clone(),
    })
}

/// The same as it stood at an instant, by what had happened to it until then.
pub(crate) fn view_then(
    payout: &Payout,
    app_id: &AppId,
    events: &[Event],
    then: Timestamp,
) -> Option<PayoutView> {
    // What is frozen stays so from the beginning on, and nothing happens to it.
    let mut stood = Payout {
        state: match payout.state {
            PayoutState::Frozen => PayoutState::Frozen,
            _ => PayoutState::Drafted,
        },
        reason: String::new(),
        answered_at: None,
        ..payout.clone()
    };
    for event in events.iter().filter(|event| event.at <= then) {
        let state = match event.kind {
            EventKind::Sent => PayoutState::Sending,
            EventKind::Paid => PayoutState::Paid,
            EventKind::PayoutFailed => PayoutState::Failed,
            EventKind::PayoutReturned => PayoutState::Returned,
            EventKind::Repaired => PayoutState::Drafted,
            EventKind::Voided => PayoutState::Voided,
            _ => continue,
        };
        stood.state = state;
        if state.has_ended() {
            stood.answered_at = Some(event.at);
            stood.reason.clone_from(&event.detail);
        }
    }
    view(&stood, app_id)
}

#[cfg(test)]
mod tests {
    use heliu_trade::calendar::BusinessDate;
    use heliu_trade::followup::subject::Owner;
    use heliu_trade::id::{MerchantId, PlatformNo};
    use heliu_trade::payout::{Amounts, PayoutCard};
    use heliu_trade::time::DAY_MS;

    use super::*;

    const MADE: Timestamp = Timestamp::from_ms(1_767_297_600_000);

    fn bill(state: PayoutState) -> Payout {
        Payout {
            payout_no: PlatformNo::from_u64(1),
            owner: Owner::Merchant(MerchantId::from("M1")),
            cycle: Cycle::T1,
            settle_date: BusinessDate::of(MADE).previous(),
            channel_account_id: "bank".into(),
            amounts: Amounts {
                plan_fen: 8_877,
                suspend_fen: 500,
                real_fen: 8_377,
                fee_fen: 100,
                reserve_fen: 0,
            },
            card: PayoutCard {
                card_no: PlatformNo::from_u64(2),
                digest: "digest".to_owned(),
                mask: "620000*********0018".to_owned(),
                holder_mask: "*试法人".to_owned(),
                branch: "演示银行深圳支行".to_owned(),
            },
            settlements: Vec::new(),
            fills: Vec::new(),
            reserve_until: None,
            state,
            batch_no: None,
            requests: Vec::new(),
            previous: None,
            replaced_by: None,
            remark: String::new(),
            reason: "the bank's words".to_owned(),
            created_at: MADE,
            answered_at: Some(MADE),
            told: None,
        }
    }

    #[test]
    fn agents_hear_of_five_standings_and_of_no_voided_bill() {
        let mut replaced = bill(PayoutState::Returned);
        replaced.replaced_by = Some(PlatformNo::from_u64(3));
        for (bill, standing, is_final, reason) in [
            (
                bill(PayoutState::Drafted),
                PayoutStanding::InProgress,
                false,
                "",
            ),
            (
                bill(PayoutState::Unknown),
                PayoutStanding::InProgress,
                false,
                "",
            ),
            (bill(PayoutState::Paid), PayoutStanding::Paid, true, ""),
            (
                bill(PayoutState::Failed),
                PayoutStanding::Failed,
                false,
                "the bank's words",
            ),
            (
                bill(PayoutState::Returned),
                PayoutStanding::Returned,
                false,
                "the bank's words",
            ),
            (replaced, PayoutStanding::Returned, true, "the bank's words"),
            (bill(PayoutState::Frozen), PayoutStanding::Frozen, true, ""),
        ] {
            let view = view(&bill, &"9605000011".into()).expect("told");
            assert_eq!((view.standing, view.is_final), (standing, is_final));
            assert_eq!(
                (&*view.fail_reason, view.class),
                (reason, PayoutClass::NextDay)
            );
            assert_eq!(view.plan_fen - view.suspend_fen, view.real_fen);
        }
        assert_eq!(view(&bill(PayoutState::Voided), &"1".into()), None);
    }

    #[test]
    fn a_bill_is_seen_as_it_stood_then() {
        let event = |index: u32, kind, detail: &str| Event {
            index,
            at: MADE.plus_ms(i64::from(index) * DAY_MS),
            kind,
            detail: detail.to_owned(),
        };
        let events = [
            event(0, EventKind::Created, ""),
            event(1, EventKind::PayoutFailed, "no such card"),
            event(2, EventKind::Repaired, ""),
            event(3, EventKind::Paid, ""),
            event(4, EventKind::PayoutReturned, "taken back"),
        ];
        let now = bill(PayoutState::Returned);
        for (day, standing, reason) in [
            (0, PayoutStanding::InProgress, ""),
            (1, PayoutStanding::Failed, "no such card"),
            (2, PayoutStanding::InProgress, ""),
            (3, PayoutStanding::Paid, ""),
            (9, PayoutStanding::Returned, "taken back"),
        ] {
            let then = MADE.plus_ms(day * DAY_MS);
            let view = view_then(&now, &"1".into(), &events, then).expect("told");
            assert_eq!((view.standing, &*view.fail_reason), (standing, reason));
        }
        let frozen = bill(PayoutState::Frozen);
        let view = view_then(&frozen, &"1".into(), &events[..1], MADE).expect("told");
        assert_eq!(
            (view.standing, view.answered_at),
            (PayoutStanding::Frozen, None)
        );
    }
}
