//! The promotion that WeChat runs here: 2 fen off, for whoever's order carries its tag
//! (ruling 15).

use crate::book::{DiscountedGoods, Goods, Order, Promotion};

/// The `goods_tag` of orders that take part.
const TAG: &str = "CY_PROMOTION_001";
/// What it takes off; an order that would cost nothing afterwards takes no part.
const OFF_FEN: i64 = 2;

/// Takes the promotion off an order that has its tag and no other discount.
pub(crate) fn apply(order: &mut Order) {
    let takes_part = order.goods_tag.as_deref() == Some(TAG)
        && order.discount_fen == 0
        && order.total_fen > OFF_FEN;
    if !takes_part {
        return;
    }
    order.discount_fen = OFF_FEN;
    order.promotion = Some(Promotion {
        id: "6348960001".to_owned(),
        name: "满4减2分".to_owned(),
        activity_id: "9447001".to_owned(),
        goods: spread(&order.goods, OFF_FEN)
            .into_iter()
            .map(|(goods, off_each_fen)| DiscountedGoods {
                goods,
                off_each_fen,
                remark: "单品券活动No.002".to_owned(),
            })
            .collect(),
    });
}

/// Spreads an amount over goods so that quantity times discount adds up to exactly it, no piece
/// costing less than nothing; empty where that cannot be. Many goods are preferred, the first ones
/// first.
fn spread(basket: &[Goods], off_fen: i64) -> Vec<(Goods, i64)> {
    (0..basket.len())
        .find_map(|first| spread_from(&basket[first..], off_fen))
        .unwrap_or_default()
}

/// Takes a fen off each piece of one line after the other, round by round.
fn spread_from(basket: &[Goods], off_fen: i64) -> Option<Vec<(Goods, i64)>> {
    let mut lines: Vec<(Goods, i64)> = basket.iter().map(|goods| (goods.clone(), 0)).collect();
    let mut left_fen = off_fen;
    while left_fen > 0 {
        let before_fen = left_fen;
        for (goods, off_each_fen) in &mut lines {
            if goods.quantity <= left_fen && *off_each_fen < goods.price_fen {
                *off_each_fen += 1;
                left_fen -= goods.quantity;
            }
        }
        if left_fen == before_fen {
            return None;
        }
    }
    lines.retain(|(_, off_each_fen)| *off_each_fen > 0);
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_exact_or_there_is_none() {
        for (basket, expected) in [
            (vec![(1, 2), (1, 2)], vec![1, 1]),
            (vec![(1, 2), (1, 2), (1, 2)], vec![1, 1]),
            (vec![(2, 2)], vec![1]),
            (vec![(1, 4)], vec![2]),
            (vec![(1, 1), (2, 2)], vec![1]),
            (vec![(1, 3), (3, 1)], vec![2]),
            (vec![(1, 1)], vec![]),
            (vec![(3, 1)], vec![]),
            (vec![(2, 0)], vec![]),
            (vec![], vec![]),
        ] {
            let goods: Vec<Goods> = basket
                .iter()
                .map(|(quantity, price_fen)| Goods {
                    id: "A".to_owned(),
                    quantity: *quantity,
                    price_fen: *price_fen,
                })
                .collect();
            let lines = spread(&goods, OFF_FEN);
            let off: Vec<i64> = lines.iter().map(|(_, off)| *off).collect();
            assert_eq!(off, expected, "{basket:?}");
            let sum: i64 = lines.iter().map(|(goods, off)| goods.quantity * off).sum();
            assert!(sum == OFF_FEN || lines.is_empty());
        }
    }
}
