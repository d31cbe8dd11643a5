//! What mark, log and shared memory say together.

use std::fmt;

use heliu_trade::time::Timestamp;
use sha2::{Digest, Sha256};

use super::frames::Frames;
use super::index::Index;
use super::mark::Mark;

/// Something that was acknowledged cannot be read any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Damage {
    /// What is wrong with the log.
    pub(super) what: What,
    /// What is lost by it.
    pub(crate) lost: Lost,
    /// Bytes at the beginning of the log that SQLite may have; `None` if it may have nothing of it.
    pub(super) kept_bytes: Option<u64>,
    /// Everything up to this instant stands in the file, as far as it can be read without its log.
    pub(crate) sound_until: Option<Timestamp>,
    code: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Gone,
    Headless,
    OfAnotherRun,
    Broken { at_byte: u64 },
    CutShort { missing_frames: u32 },
}

/// How much of what was acknowledged is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Nothing: all of the log had been copied into the file.
    Nothing,
    /// At most so many commits; each may hold the requests of many tills.
    Commits(u32),
    /// Nobody can tell.
    Unknown,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("their log is gone"),
            Self::Headless => f.write_str("the head of their log is damaged"),
            Self::OfAnotherRun => f.write_str("their log was replaced by an older one"),
            Self::Broken { at_byte } => write!(f, "their log is damaged at byte {at_byte}"),
            Self::CutShort { missing_frames } => {
                write!(f, "their log was cut short by {missing_frames} frames")
            }
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        match self.lost {
            Lost::Nothing => {
                return f.write_str(
                    "; all of it had been copied into the file already, so that nothing is lost",
                );
            }
            Lost::Commits(count) => write!(
                f,
                ", and at most the last {count} commits are lost, each with the requests of one or many tills"
            )?,
            Lost::Unknown => f.write_str(", and whatever stood in it is lost")?,
        }
        match self.sound_until {
            Some(at) => write!(f, ": nothing from before {at}"),
            None => Ok(()),
        }
    }
}

impl Damage {
    /// Names this damage and no other, so that whoever accepts it accepts nothing that comes later.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }
}

/// Whether something is missing, as far as anything proves it.
pub(super) fn judge(mark: &Mark, frames: Option<&Frames>, index: Option<&Index>) -> Option<Damage> {
    let (what, kept_bytes, index, ends) = match frames {
        None => {
            // A log that has just begun anew is empty, and so is one whose books were closed.
            let is_empty = index.is_some_and(|index| index.frames == 0);
            if !mark.is_open || is_empty {
                return None;
            }
            (What::Gone, None, index, index.map(|index| index.frames))
        }
        Some(frames) => inspect(mark, frames, index)?,
    };
    let is_copied = index.is_some_and(|index| index.copied >= index.frames);
    let lost = match ends {
        // After a power cut the shared memory may be older than the log was.
        _ if is_copied && mark.is_of_this_boot => Lost::Nothing,
        Some(ends) => Lost::Commits(ends.max(1)),
        None => Lost::Unknown,
    };
    Some(Damage {
        what,
        lost,
        kept_bytes,
        sound_until: None,
        code: code(what, frames, index),
    })
}

type Inspected<'i> = (What, Option<u64>, Option<&'i Index>, Option<u32>);

fn inspect<'i>(mark: &Mark, frames: &Frames, index: Option<&'i Index>) -> Option<Inspected<'i>> {
    let Some(salts) = frames.salts else {
        return Some((What::Headless, None, index, index.map(|index| index.frames)));
    };
    let counted = index.filter(|index| index.salts == salts);
    if let Some(other) = index.filter(|index| index.salts != salts && index.frames > 0) {
        let runs_behind = other.salts.run().wrapping_sub(salts.run());
        // A machine that lost its power may bring back shared memory that is older than the log.
        let is_older = runs_behind.cast_signed() > 0;
        if is_older || mark.is_of_this_boot {
            let ends = Some(other.frames);
            return Some((What::OfAnotherRun, None, Some(other), ends));
        }
    }
    let known = counted.map_or(0, |index| index.frames);
    if frames.kept >= frames.proven.max(known) {
        return None;
    }
    let missing_frames = known.saturating_sub(frames.there());
    let what = if frames.broken > frames.there() {
        What::CutShort { missing_frames }
    } else {
        What::Broken {
            at_byte: frames.bytes_of(frames.broken - 1),
        }
    };
    let ends = frames.ends_behind.saturating_add(missing_frames);
    // What is in the file already must not be hidden by the older pages of the log's beginning.
    let is_overtaken = counted.is_some_and(|index| index.copied > frames.kept);
    let kept_bytes = (!is_overtaken).then(|| frames.bytes_of(frames.kept));
    Some((what, kept_bytes, counted, Some(ends)))
}

fn code(what: What, frames: Option<&Frames>, index: Option<&Index>) -> String {
    let digest = Sha256::digest(format!("{what:?}{frames:?}{index:?}"));
    digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::frames::Salts;
    use super::*;

    const OPEN: Mark = Mark {
        is_open: true,
        is_of_this_boot: true,
    };
    const OPEN_BEFORE: Mark = Mark {
        is_open: true,
        is_of_this_boot: false,
    };
    const CLOSED: Mark = Mark {
        is_open: false,
        is_of_this_boot: false,
    };

    fn salts(run: u32) -> Salts {
        let [a, b, c, d] = run.to_be_bytes();
        Salts([a, b, c, d, 1, 2, 3, 4])
    }

    fn sound(kept: u32) -> Frames {
        Frames {
            salts: Some(salts(7)),
            bytes: 32 + u64::from(kept) * 536,
            frame_bytes: 536,
            kept,
            broken: kept + 1,
            proven: kept.saturating_sub(1),
            ends_behind: 0,
        }
    }

    const fn index(run_salts: Salts, frames: u32, copied: u32) -> Option<Index> {
        Some(Index {
            salts: run_salts,
            frames,
            copied,
        })
    }

    fn lost(mark: Mark, frames: Option<Frames>, index: Option<Index>) -> Option<Lost> {
        judge(&mark, frames.as_ref(), index.as_ref()).map(|damage| damage.lost)
    }

    #[test]
    fn books_that_were_closed_need_no_log_and_books_that_were_not_do() {
        assert_eq!(lost(CLOSED, None, None), None);
        assert_eq!(lost(OPEN, None, None), Some(Lost::Unknown));
        assert_eq!(lost(OPEN_BEFORE, None, None), Some(Lost::Unknown));
        assert_eq!(
            lost(OPEN, None, index(salts(7), 5, 0)),
            Some(Lost::Commits(5))
        );
        assert_eq!(lost(OPEN, None, index(salts(7), 5, 5)), Some(Lost::Nothing));
        let after_a_power_cut = lost(OPEN_BEFORE, None, index(salts(7), 5, 5));
        assert_eq!(after_a_power_cut, Some(Lost::Commits(5)));
        let began_anew = lost(OPEN, None, index(salts(7), 0, 0));
        assert_eq!(began_anew, None);
    }

    #[test]
    fn a_sound_log_is_taken_whatever_the_shared_memory_counts_up_to_its_end() {
        for mark in [OPEN, OPEN_BEFORE, CLOSED] {
            assert_eq!(lost(mark, Some(sound(9)), None), None);
            for counted in 0..=9 {
                assert_eq!(
                    lost(mark, Some(sound(9)), index(salts(7), counted, 0)),
                    None
                );
            }
            // The log has begun anew in memory, and not yet on the disk.
            assert_eq!(lost(mark, Some(sound(9)), index(salts(8), 0, 0)), None);
        }
        // Memory that a power cut brought back.
        assert_eq!(
            lost(OPEN_BEFORE, Some(sound(9)), index(salts(6), 50, 50)),
            None
        );
    }

    #[test]
    fn what_the_shared_memory_counts_and_the_log_has_not_is_lost() {
        let cut = lost(OPEN, Some(sound(9)), index(salts(7), 12, 0));
        assert_eq!(cut, Some(Lost::Commits(3)));
        let replaced = lost(OPEN, Some(sound(9)), index(salts(8), 4, 0));
        assert_eq!(replaced, Some(Lost::Commits(4)));
        let replaced_later = lost(OPEN_BEFORE, Some(sound(9)), index(salts(8), 4, 0));
        assert_eq!(replaced_later, Some(Lost::Commits(4)));
    }

    #[test]
    fn a_transaction_on_which_another_stands_was_acknowledged() {
        let broken = Frames {
            broken: 5,
            kept: 4,
            proven: 6,
            ends_behind: 3,
            ..sound(9)
        };
        for mark in [OPEN, OPEN_BEFORE, CLOSED] {
            assert_eq!(lost(mark, Some(broken), None), Some(Lost::Commits(3)));
        }
        let torn = Frames {
            proven: 4,
            ..broken
        };
        assert_eq!(
            lost(OPEN, Some(torn), None),
            None,
            "nothing proves that it was finished"
        );
        assert_eq!(lost(OPEN, Some(torn), index(salts(7), 4, 0)), None);
        assert_eq!(
            lost(OPEN, Some(torn), index(salts(7), 9, 0)),
            Some(Lost::Commits(3))
        );
    }

    #[test]
    fn each_damage_has_a_code_of_its_own() {
        let code = |kept, broken| {
            let frames = Frames {
                kept,
                broken,
                proven: 8,
                ..sound(9)
            };
            let damage = judge(&OPEN, Some(&frames), None);
            damage.expect("damaged").code
        };
        assert_eq!(code(4, 5), code(4, 5));
        assert_ne!(code(4, 5), code(4, 6));
        assert_ne!(code(4, 6), code(5, 6));
    }
}
