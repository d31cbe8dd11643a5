//! What a card leads to that money is paid to: by two digits of a test card (back-half.md, section
//! 9), otherwise by nothing but its check digit.

/// What every test card begins with; two digits that steer and the Luhn digit follow.
const PREFIX: &str = "6200000000000000";
/// How a card number is refused.
const BAD_NUMBER: &str = "输入的卡号无效,请确认后输入[1000014]";

/// What happens to a transfer to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Pays,
    /// Paid, and this text with it.
    PaysWith(&'static str),
    Fails(&'static str),
    /// The first number that names the card fails with this text, all others pay.
    FailsFirst(&'static str),
    /// Paid, and the answer never leaves.
    SilentAndPaid,
    /// The first time that a number is sent nothing is taken up and no answer leaves; its repeat is
    /// paid.
    SilentAndLost,
    /// Processing until the next day begins, then failed with this text.
    FailsNextDay(&'static str),
    /// Paid, and back when the next day begins, with this text.
    ReturnsNextDay(&'static str),
}

/// What happens to a transfer to that card or account. Accounts of companies have no check digit.
pub(crate) fn fate(number: &str, is_company: bool) -> Fate {
    let steering = number.strip_prefix(PREFIX).filter(|rest| rest.len() == 3);
    let is_card = (13..=19).contains(&number.len()) && is_luhn(number);
    match steering.and_then(|rest| rest[..2].parse().ok()) {
        Some(digits) if is_card => of_digits(digits),
        _ if is_company || is_card => Fate::Pays,
        _ => Fate::Fails(BAD_NUMBER),
    }
}

/// The texts are those that banks give (docs/protocol, section 7.5).
fn of_digits(digits: u8) -> Fate {
    match digits {
        70 => Fate::Fails("持卡人身份信息验证失败"),
        71 => Fate::Fails(BAD_NUMBER),
        72 => Fate::Fails("持卡人身份信息、手机号或CVN2输入不正确,验证失败[1000005]"),
        73 => Fate::Fails("发卡行交易权限受限,详情请咨询您的发卡行[1000061]"),
        74 => Fate::Fails("银行卡未开通认证支付[1000057]"),
        75 => Fate::Fails("FPOS0000收付控制状态不允许交易"),
        76 => Fate::Fails("查无此交易[2600000]"),
        77 => Fate::Fails("无此交易权限"),
        78 => Fate::Fails("银联风险受限"),
        79 => Fate::Fails("非本行帐户"),
        80 => Fate::SilentAndPaid,
        81 => Fate::FailsNextDay("XF:修复"),
        82 => Fate::SilentAndLost,
        83 => Fate::ReturnsNextDay("账号户名不符,退票"),
        84 => Fate::PaysWith("有缺陷的成功"),
        85 => Fate::FailsFirst("交易失败(日间撤销)"),
        _ => Fate::Pays,
    }
}

/// Whether the last digit is the check digit of the others.
fn is_luhn(number: &str) -> bool {
    let mut sum = 0;
    for (at, byte) in number.bytes().rev().enumerate() {
        let Some(digit) = char::from(byte).to_digit(10) else {
            return false;
        };
        let weighed = if at % 2 == 1 { digit * 2 } else { digit };
        sum += weighed / 10 + weighed % 10;
    }
    sum % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_steer_a_test_card_and_the_last_one_checks_it() {
        for (number, is_company, expected) in [
            ("6200000000000000018", false, Fate::Pays),
            ("6200000000000000844", false, Fate::PaysWith("有缺陷的成功")),
            ("6200000000000000802", false, Fate::SilentAndPaid),
            ("6200000000000000802", true, Fate::SilentAndPaid),
            ("6200000000000000801", false, Fate::Fails(BAD_NUMBER)),
            ("6222021234567890128", false, Fate::Pays),
            ("6222021234567890123", false, Fate::Fails(BAD_NUMBER)),
            ("755912345610701", true, Fate::Pays),
            ("755912345610701", false, Fate::Fails(BAD_NUMBER)),
            ("", false, Fate::Fails(BAD_NUMBER)),
        ] {
            assert_eq!(fate(number, is_company), expected, "{number}");
        }
    }
}
