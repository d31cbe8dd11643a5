//! What answers tell beside the money, in the shapes that every channel fills.

use heliu_trade::promotion::PaymentNotes;

/// The notes, or nothing if nothing was told.
pub(crate) fn told(notes: PaymentNotes) -> Option<Box<PaymentNotes>> {
    (notes != PaymentNotes::default()).then(|| Box::new(notes))
}

/// Who pays how much of one promotion, in fen; the parts add up and none is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shares {
    pub(crate) merchant_fen: i64,
    pub(crate) wallet_fen: i64,
    pub(crate) other_fen: i64,
}

/// Divides `amount_fen`. The merchant's share is believed first, as far as it fits; the wallet's
/// next; what nobody accounts for is others'.
pub(crate) fn shares(amount_fen: i64, merchant_fen: i64, wallet_fen: i64) -> Shares {
    let merchant_fen = merchant_fen.clamp(0, amount_fen.max(0));
    let wallet_fen = wallet_fen.clamp(0, amount_fen.max(0) - merchant_fen);
    Shares {
        merchant_fen,
        wallet_fen,
        other_fen: amount_fen.max(0) - merchant_fen - wallet_fen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_always_add_up() {
        for (amount, merchant, wallet, expected) in [
            (888, 500, 388, (500, 388, 0)),
            (888, 0, 0, (0, 0, 888)),
            (888, 900, 100, (888, 0, 0)),
            (888, 800, 100, (800, 88, 0)),
            (888, -1, -1, (0, 0, 888)),
            (-5, 1, 1, (0, 0, 0)),
        ] {
            let found = shares(amount, merchant, wallet);
            let found = (found.merchant_fen, found.wallet_fen, found.other_fen);
            assert_eq!(found, expected, "{amount} {merchant} {wallet}");
        }
    }

    #[test]
    fn nothing_told_is_nothing_kept() {
        assert_eq!(told(PaymentNotes::default()), None);
        let notes = PaymentNotes {
            bank: Some("CFT".to_owned()),
            ..PaymentNotes::default()
        };
        assert_eq!(told(notes.clone()), Some(Box::new(notes)));
    }
}
