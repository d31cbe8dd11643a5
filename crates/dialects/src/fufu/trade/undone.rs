//! What became of an order that was to be undone: `/cancel` and `/close` name it, also when they
//! fail (ruling 35).

use heliu_trade::order::Order;

use super::super::codes;
use super::answer::Answer;
use super::facts;
use super::interface::{Refusal, word_alone};
use crate::object::Object;

/// The answer about an order; `word`: that of the refusal, if there was one.
pub(super) fn told(word: Option<&str>, order: &Order, call_zone: Option<&str>) -> Answer {
    let mut data = Object::new();
    match word {
        Some(word) => {
            data.text("return_code", codes::FAIL)
                .text("return_msg", word);
        }
        None => {
            data.text("return_code", codes::SUCCESS);
        }
    }
    facts::numbers(&mut data, order);
    data.optional("time_zone", facts::time_zone(order).or(call_zone));
    Answer::Data(data)
}

/// The answer to an operation that was refused.
pub(super) fn refused(refusal: Refusal<'_>) -> Answer {
    match refusal.order {
        Some(order) => told(Some(refusal.word), order, refusal.zone),
        None => word_alone(refusal),
    }
}
