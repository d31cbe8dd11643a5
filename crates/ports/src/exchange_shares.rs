//! How much the exchange log keeps, and whose lines go when it is too much (rulings 31, 62).
//!
//! The log is capped in lines and in bytes. When it is over, lines go of those who hold most,
//! oldest first, until all fits: nobody who holds less than an equal part loses anything, so no app
//! can drive out another one's evidence. Strangers, whoever they are, share one small part. Every
//! store that keeps a log asks here.

/// Of all that the log holds, the part that strangers may have.
const STRANGERS_PART: i64 = 20;
/// Of all bytes, the part that an app may hold before its bodies are kept no longer whole.
const WHOLE_PART: i64 = 16;
/// How far the log is cut below its caps, so that it is not cut again at once.
const SPARED_PART: i64 = 16;
/// How far it may be over them before it is cut with the running batch.
const EXCESS_PART: i64 = 10;
/// What a line takes beside its texts, in bytes.
pub const LINE_BYTES: i64 = 256;

/// Lines and what they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Requests, with their answers.
    pub rows: i64,
    /// Their texts and [`LINE_BYTES`] for each half, in bytes.
    pub bytes: i64,
}

impl std::ops::AddAssign for Held {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.bytes += other.bytes;
    }
}

impl std::ops::SubAssign for Held {
    fn sub_assign(&mut self, other: Self) {
        self.rows -= other.rows;
        self.bytes -= other.bytes;
    }
}

impl Held {
    const ALL: Self = Self {
        rows: i64::MAX,
        bytes: i64::MAX,
    };

    fn part(self, divisor: i64) -> Self {
        Self {
            rows: self.rows / divisor,
            bytes: self.bytes / divisor,
        }
    }

    /// Whether it is more than `most` in either respect.
    #[must_use]
    pub const fn exceeds(self, most: Self) -> bool {
        self.rows > most.rows || self.bytes > most.bytes
    }
}

/// What may be kept by whom; what is more goes, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// By each app.
    pub of_an_app: Held,
    /// By all strangers together.
    pub of_strangers: Held,
}

/// How much a log keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLimits(pub Held);

impl LogLimits {
    /// Whether lines must go.
    #[must_use]
    pub fn are_exceeded(self, all: Held, strangers: Held) -> bool {
        all.exceeds(self.0) || strangers.exceeds(self.0.part(STRANGERS_PART))
    }

    /// Whether that is so urgent that nobody waits for a pause.
    #[must_use]
    pub fn are_far_exceeded(self, all: Held, strangers: Held) -> bool {
        let mut far = self.0;
        far += self.0.part(EXCESS_PART);
        all.exceeds(far) || strangers.exceeds(far.part(STRANGERS_PART))
    }

    /// Whether a body of an app that holds so many bytes is kept whole.
    #[must_use]
    pub const fn keep_whole(self, held_bytes: i64) -> bool {
        held_bytes <= self.0.bytes / WHOLE_PART
    }

    /// How much may be added before somebody looks whether the log is over.
    #[must_use]
    pub fn looked_at_after(self) -> Held {
        self.0.part(SPARED_PART)
    }

    /// What everybody may keep, given what the apps and the strangers hold.
    #[must_use]
    pub fn shares(self, apps: &[Held], strangers: Held) -> Shares {
        let mut all = strangers;
        for app in apps {
            all += *app;
        }
        let mut room = self.0;
        room -= self.0.part(SPARED_PART);
        let strangers_room = room.part(STRANGERS_PART);
        let of_strangers = if strangers.exceeds(self.0.part(STRANGERS_PART)) || all.exceeds(self.0)
        {
            strangers_room
        } else {
            Held::ALL
        };
        let left = |room: i64, strangers: i64, most: i64| room - strangers.min(most);
        let mut of_an_app = Held::ALL;
        if all.rows > self.0.rows {
            let room = left(room.rows, strangers.rows, of_strangers.rows);
            of_an_app.rows = level(apps.iter().map(|app| app.rows).collect(), room);
        }
        if all.bytes > self.0.bytes {
            let room = left(room.bytes, strangers.bytes, of_strangers.bytes);
            of_an_app.bytes = level(apps.iter().map(|app| app.bytes).collect(), room);
        }
        Shares {
            of_an_app,
            of_strangers,
        }
    }
}

/// The highest amount up to which everybody may have, so that all fits into `room`.
fn level(mut amounts: Vec<i64>, room: i64) -> i64 {
    amounts.sort_unstable();
    let mut room = room.max(0);
    let mut sharers = i64::try_from(amounts.len()).unwrap_or(i64::MAX);
    for amount in amounts {
        if amount > room / sharers {
            return room / sharers;
        }
        room -= amount;
        sharers -= 1;
    }
    i64::MAX
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: LogLimits = LogLimits(Held {
        rows: 1_600,
        bytes: 1_600_000,
    });

    const fn held(rows: i64, bytes: i64) -> Held {
        Held { rows, bytes }
    }

    #[test]
    fn who_holds_less_than_an_equal_part_loses_nothing() {
        let apps = [held(100, 1_000), held(5_000, 1_000), held(600, 1_000)];
        let shares = LIMITS.shares(&apps, held(0, 0));
        // 1500 rows remain: 100 and 600 fit, and the loud one has what they leave.
        assert_eq!(shares.of_an_app, held(800, i64::MAX));
        let apps = [held(1, 1_000), held(1, 9_000_000), held(1, 8_000_000)];
        let shares = LIMITS.shares(&apps, held(0, 0));
        assert_eq!(shares.of_an_app, held(i64::MAX, (1_500_000 - 1_000) / 2));
    }

    #[test]
    fn strangers_share_one_small_part_whatever_else_is_free() {
        assert!(!LIMITS.are_exceeded(held(80, 0), held(80, 0)));
        assert!(LIMITS.are_exceeded(held(81, 0), held(81, 0)));
        let shares = LIMITS.shares(&[], held(5_000, 0));
        assert_eq!(shares.of_strangers.rows, 75);
        let shares = LIMITS.shares(&[held(100, 100)], held(80, 100));
        assert_eq!(
            (shares.of_strangers, shares.of_an_app),
            (Held::ALL, Held::ALL)
        );
    }

    #[test]
    fn bodies_are_whole_up_to_a_share() {
        assert!(LIMITS.keep_whole(100_000));
        assert!(!LIMITS.keep_whole(100_001));
    }

    proptest! {
        #[test]
        fn what_is_kept_fits_and_nobody_small_is_cut(
            apps in prop::collection::vec((0..3_000_i64, 0..3_000_000_i64), 0..12),
            strangers in (0..3_000_i64, 0..3_000_000_i64),
        ) {
            let apps: Vec<Held> = apps.into_iter().map(|(rows, bytes)| held(rows, bytes)).collect();
            let strangers = held(strangers.0, strangers.1);
            let shares = LIMITS.shares(&apps, strangers);
            let kept = |amount: Held, share: Held| {
                held(amount.rows.min(share.rows), amount.bytes.min(share.bytes))
            };
            let mut all = kept(strangers, shares.of_strangers);
            let strangers = all;
            for app in &apps {
                all += kept(*app, shares.of_an_app);
            }
            prop_assert!(!LIMITS.are_exceeded(all, strangers), "{all:?} {strangers:?}");
            let count = i64::try_from(apps.len().max(1)).expect("few");
            // An equal part of what strangers leave in any case.
            prop_assert!(shares.of_an_app.rows >= (1_500 - 75) / count);
            prop_assert!(shares.of_an_app.bytes >= (1_500_000 - 75_000) / count);
        }
    }
}
