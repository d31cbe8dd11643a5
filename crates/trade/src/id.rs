//! Numbers and names: typed, so that an order's cannot be passed as a refund's.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Instant from which platform numbers count their seconds: 2020-01-01T00:00:00Z, in seconds.
const EPOCH_S: i64 = 1_577_836_800;
const SEQUENCE_BITS: u32 = 17;
const NODE_BITS: u32 = 6;
/// Highest node number that fits (6 bits).
pub const NODE_MAX: u8 = 63;
const SEQUENCE_MAX: u64 = (1 << SEQUENCE_BITS) - 1;

/// A number that the platform gives: 16 zero-padded decimal digits, time-ordered, unique over the
/// whole platform, exact in JavaScript (53 bits).
///
/// Seconds since 2020-01-01 UTC (30 bits), node (6), sequence (17). Source: ruling 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlatformNo(u64);

impl PlatformNo {
    /// From its integer form, as the books keep it.
    #[must_use]
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }

    /// Its integer form.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The instant at which a second, counted from 2020-01-01 UTC, begins.
    #[must_use]
    pub const fn instant_of(second: u64) -> Timestamp {
        Timestamp::from_ms(EPOCH_S.saturating_add_unsigned(second).saturating_mul(1000))
    }

    /// The first number of a second, counted from 2020-01-01 UTC.
    #[must_use]
    pub const fn first_of(second: u64) -> Self {
        Self(second << (SEQUENCE_BITS + NODE_BITS))
    }

    /// The second it was minted in, counted from 2020-01-01 UTC.
    #[must_use]
    pub const fn second(self) -> u64 {
        self.0 >> (SEQUENCE_BITS + NODE_BITS)
    }

    /// The node that minted it.
    #[must_use]
    pub const fn node(self) -> u8 {
        ((self.0 >> SEQUENCE_BITS) & ((1 << NODE_BITS) - 1)) as u8
    }
}

impl fmt::Display for PlatformNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016}", self.0)
    }
}

impl fmt::Debug for PlatformNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016}", self.0)
    }
}

/// The text is not 16 decimal digits; such a number is simply not one of ours (ruling 23).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a platform number is 16 decimal digits")]
pub struct NotAPlatformNo;

impl FromStr for PlatformNo {
    type Err = NotAPlatformNo;

    fn from_str(text: &str) -> Result<Self, NotAPlatformNo> {
        if text.len() != 16 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAPlatformNo);
        }
        text.parse().map(Self).map_err(|_| NotAPlatformNo)
    }
}

macro_rules! platform_number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub PlatformNo);

        impl $name {
            /// From its integer form, as the books keep it.
            #[must_use]
            pub const fn from_u64(number: u64) -> Self {
                Self(PlatformNo::from_u64(number))
            }

            /// Its integer form.
            #[must_use]
            pub const fn as_u64(self) -> u64 {
                self.0.as_u64()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAPlatformNo;

            fn from_str(text: &str) -> Result<Self, NotAPlatformNo> {
                text.parse().map(Self)
            }
        }
    };
}

platform_number!(
    /// 平台订单号: our number of an order.
    OrderNo
);
platform_number!(
    /// Our number of one try at one channel, sent upstream as the order number there. The first
    /// attempt's equals its order's (ruling 2).
    AttemptNo
);
platform_number!(
    /// 平台退款单号: our number of a refund, sent upstream as the refund number there.
    RefundNo
);
platform_number!(
    /// Our number of a notification; it never changes over its deliveries.
    NotificationNo
);

/// Mints platform numbers; never goes back when the clock does, and waits for nobody: when a
/// second's sequence is used up, or the clock stands behind, it counts on in the seconds after.
#[derive(Debug, Clone)]
pub struct NumberMint {
    node: u64,
    second: u64,
    sequence: u64,
}

impl NumberMint {
    /// A mint for `node` (0 to [`NODE_MAX`]) that starts above `high_water_s`, the highest second
    /// the books have seen from this node (counted from 2020-01-01 UTC).
    #[must_use]
    pub fn new(node: u8, high_water_s: u64) -> Self {
        assert!(node <= NODE_MAX, "node numbers are 0 to {NODE_MAX}");
        Self {
            node: u64::from(node),
            second: high_water_s,
            sequence: SEQUENCE_MAX,
        }
    }

    /// The next number.
    pub fn mint(&mut self, now: Timestamp) -> PlatformNo {
        let now_s = u64::try_from(now.as_ms() / 1000 - EPOCH_S).unwrap_or(0);
        if now_s > self.second {
            self.second = now_s;
            self.sequence = 0;
        } else if self.sequence == SEQUENCE_MAX {
            self.second += 1;
            self.sequence = 0;
        } else {
            self.sequence += 1;
        }
        let head = (self.second << NODE_BITS) | self.node;
        PlatformNo((head << SEQUENCE_BITS) | self.sequence)
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

name!(
    /// 商户: the contract party. The first member of every large table's primary key.
    MerchantId
);
name!(
    /// 商户应用: what holds credentials, one dialect and the notification settings. It is the
    /// number under which a merchant is known on its wire.
    AppId
);
name!(
    /// 代理商: who brought merchants. It is the number under which a wire knows the agent.
    AgentId
);
name!(
    /// Our own name of an agent as a party; a wire knows it by an [`AgentId`].
    PartyId
);
name!(
    /// The id of a dialect, as its descriptor states it.
    DialectId
);
name!(
    /// The id of a channel, as its descriptor states it.
    ChannelId
);
name!(
    /// One contract of the operator with a channel: whose keys sign the calls.
    ChannelAccountId
);

#[cfg(test)]
mod tests {
    use super::*;

    fn at_s(seconds_since_2020: i64) -> Timestamp {
        Timestamp::from_ms((EPOCH_S + seconds_since_2020) * 1000)
    }

    #[test]
    fn numbers_have_sixteen_digits_and_survive_their_text_form() {
        let number = NumberMint::new(5, 0).mint(at_s(190_000_000));
        assert_eq!(number.to_string().len(), 16);
        assert_eq!(number.to_string().parse(), Ok(number));
        assert_eq!(number.second(), 190_000_000);
    }

    #[test]
    fn numbers_rise_even_when_the_clock_goes_back() {
        let mut mint = NumberMint::new(0, 0);
        let first = mint.mint(at_s(1000));
        assert!(mint.mint(at_s(10)) > first);
    }

    #[test]
    fn a_full_second_spills_into_the_next() {
        let mut mint = NumberMint::new(0, 0);
        let mut last = mint.mint(at_s(7));
        for _ in 0..=SEQUENCE_MAX {
            let next = mint.mint(at_s(7));
            assert!(next > last);
            last = next;
        }
        assert_eq!(last.second(), 8);
    }

    #[test]
    fn a_restarted_node_starts_above_its_high_water() {
        assert!(NumberMint::new(0, 500).mint(at_s(400)).second() > 500);
    }

    #[test]
    fn foreign_shapes_are_not_ours() {
        for text in [
            "",
            "1",
            "20260115100000000001",
            "00000000000000a1",
            " 000000000000001",
        ] {
            assert_eq!(text.parse::<OrderNo>(), Err(NotAPlatformNo), "{text}");
        }
    }
}
