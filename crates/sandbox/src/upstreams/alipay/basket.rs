//! Members of the paying methods that are checked and not used: the basket, and what may be paid
//! with.

use serde_json::Value;

use super::asked::{Asked, Stop, refuse};
use crate::book::parse_yuan;

/// `goods_detail`, `promo_params`, `enable_pay_channels` and `disable_pay_channels` (channels.md
/// 2.5).
pub(super) fn check(asked: &Asked) -> Result<(), Stop> {
    let wrong = |name: &str| refuse("ACQ.INVALID_PARAMETER", &format!("参数有误 {name}"));
    let sound = match asked.member("goods_detail") {
        None => true,
        Some(Value::Array(lines)) => lines.iter().all(is_line),
        Some(_) => false,
    };
    if !sound {
        return wrong("goods_detail");
    }
    if asked
        .member("promo_params")
        .is_some_and(|params| !params.is_object())
    {
        return wrong("promo_params");
    }
    let enabled = asked.optional("enable_pay_channels", 128)?;
    let disabled = asked.optional("disable_pay_channels", 128)?;
    if enabled.is_some() && disabled.is_some() {
        return wrong("enable_pay_channels 与 disable_pay_channels 互斥");
    }
    let is_list = |text: &str| {
        text.split(',').all(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
    };
    if enabled.is_some_and(|text| !is_list(text)) {
        return wrong("enable_pay_channels");
    }
    if disabled.is_some_and(|text| !is_list(text)) {
        return wrong("disable_pay_channels");
    }
    Ok(())
}

/// goods_id (≤64), goods_name (≤256), quantity and price in yuan; clients send numbers as numbers
/// or as texts.
fn is_line(line: &Value) -> bool {
    let text = |name: &str, longest: usize| {
        line.get(name)
            .and_then(Value::as_str)
            .is_some_and(|text| (1..=longest).contains(&text.chars().count()))
    };
    let number = |name: &str| match line.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    text("goods_id", 64)
        && text("goods_name", 256)
        && number("quantity").is_some_and(|text| text.parse::<u32>().is_ok_and(|count| count >= 1))
        && number("price").is_some_and(|text| parse_yuan(&text).is_some())
}
