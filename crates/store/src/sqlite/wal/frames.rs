//! The log, frame by frame.
//!
//! Form (SQLite's "WAL-mode file format"): a head of 32 bytes with two salts, which are others each
//! time that the log begins anew; then frames, each a head of 24 bytes and a page. A frame repeats
//! the salts. Its checksum goes on from the one of the frame before, so whether a frame adds up
//! shows from the checksum that stands in the frame before it, also if that one itself is broken.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

use crate::sqlite::fault::Fault;

/// Bytes before the first frame.
pub(super) const HEAD_BYTES: u64 = 32;
/// Bytes of a frame before its page.
const FRAME_HEAD_BYTES: u64 = 24;
/// The first four bytes; the last bit says in which order checksums read.
const MAGIC: u32 = 0x377f_0682;
const PAGE_BYTES_MIN: u32 = 512;
const PAGE_BYTES_MAX: u32 = 65_536;
/// Bytes that are read at once.
const READ_BYTES: usize = 1 << 20;

/// SQLite's checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum(pub(super) u32, pub(super) u32);

impl Sum {
    pub(super) const START: Self = Self(0, 0);

    /// Goes on over `bytes`, whose number eight divides.
    pub(super) fn over(self, bytes: &[u8], is_big_endian: bool) -> Self {
        let mut sum = self;
        let (pairs, _) = bytes.as_chunks::<8>();
        for [a, b, c, d, e, f, g, h] in pairs {
            let (first, second) = ([*a, *b, *c, *d], [*e, *f, *g, *h]);
            let (first, second) = if is_big_endian {
                (u32::from_be_bytes(first), u32::from_be_bytes(second))
            } else {
                (u32::from_le_bytes(first), u32::from_le_bytes(second))
            };
            sum.0 = sum.0.wrapping_add(first).wrapping_add(sum.1);
            sum.1 = sum.1.wrapping_add(second).wrapping_add(sum.0);
        }
        sum
    }
}

/// What tells a run of the log from those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Salts(pub(super) [u8; 8]);

impl Salts {
    /// How often the log had begun anew, from some number on.
    pub(super) fn run(self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }
}

/// The head of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    page_bytes: u32,
    is_big_endian: bool,
    salts: Salts,
    sum: Sum,
}

impl Head {
    /// `None` if SQLite would not take it either.
    fn parse(bytes: &[u8; 32]) -> Option<Self> {
        let [magic, _version, page_bytes, _, _, _, first, second] = words(bytes)?;
        let is_big_endian = magic & 1 == 1;
        let sum = Sum(first, second);
        let is_whole = magic & !1 == MAGIC
            && page_bytes.is_power_of_two()
            && (PAGE_BYTES_MIN..=PAGE_BYTES_MAX).contains(&page_bytes)
            && Sum::START.over(bytes.get(..24)?, is_big_endian) == sum;
        is_whole.then_some(Self {
            page_bytes,
            is_big_endian,
            salts: Salts(bytes.get(16..24)?.try_into().ok()?),
            sum,
        })
    }
}

/// The head of a frame.
struct FrameHead {
    page: u32,
    /// The pages of the books once this is committed; 0 if it does not end a transaction.
    pages_after: u32,
    salts: Salts,
    sum: Sum,
}

impl FrameHead {
    fn parse(bytes: &[u8; 24]) -> Option<Self> {
        let [page, pages_after, _, _, first, second] = words(bytes)?;
        Some(Self {
            page,
            pages_after,
            salts: Salts(bytes.get(8..16)?.try_into().ok()?),
            sum: Sum(first, second),
        })
    }
}

/// Big-endian words.
fn words<const COUNT: usize>(bytes: &[u8]) -> Option<[u32; COUNT]> {
    let (words, _) = bytes.as_chunks::<4>();
    let words = words.first_chunk::<COUNT>()?;
    Some(words.map(u32::from_be_bytes))
}

/// What a log holds. Frames are counted from 1, as SQLite does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frames {
    /// Of which run; `None` if the head does not add up, so that SQLite takes the log for an empty
    /// one.
    pub(super) salts: Option<Salts>,
    /// Bytes of the log.
    pub(super) bytes: u64,
    /// Bytes of a frame.
    pub(super) frame_bytes: u64,
    /// Frames that SQLite would take: whole transactions before the first frame that is broken.
    pub(super) kept: u32,
    /// The first frame that does not add up, or the one behind the last.
    pub(super) broken: u32,
    /// The last transaction of this run on which a sound frame stands, so that it had been
    /// synchronised.
    pub(super) proven: u32,
    /// Frames behind `kept` that end a transaction of this run, or may have.
    pub(super) ends_behind: u32,
}

impl Frames {
    /// Whole frames in the log, of whatever run.
    pub(super) fn there(&self) -> u32 {
        let bytes = self.bytes.saturating_sub(HEAD_BYTES);
        u32::try_from(bytes / self.frame_bytes).unwrap_or(u32::MAX)
    }

    /// Bytes up to the end of so many frames.
    pub(super) fn bytes_of(&self, frames: u32) -> u64 {
        HEAD_BYTES + u64::from(frames) * self.frame_bytes
    }

    /// `None` if there is no log, or an empty one.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Fault> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(cause.into()),
        };
        let bytes = file.metadata()?.len();
        Self::of(BufReader::with_capacity(READ_BYTES, file), bytes).map_err(Fault::Unreadable)
    }

    fn of(mut log: impl Read, bytes: u64) -> std::io::Result<Option<Self>> {
        let mut head = [0; 32];
        match log.read_exact(&mut head) {
            Ok(()) => {}
            Err(cause) if cause.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(cause) => return Err(cause),
        }
        let Some(head) = Head::parse(&head) else {
            return Ok(Some(Self::without_head(bytes)));
        };
        let mut frames = Self {
            salts: Some(head.salts),
            bytes,
            frame_bytes: FRAME_HEAD_BYTES + u64::from(head.page_bytes),
            kept: 0,
            broken: 0,
            proven: 0,
            ends_behind: 0,
        };
        frames.count(head, log)?;
        Ok(Some(frames))
    }

    fn without_head(bytes: u64) -> Self {
        let frame_bytes = FRAME_HEAD_BYTES + u64::from(PAGE_BYTES_MIN);
        Self {
            salts: None,
            bytes,
            frame_bytes,
            kept: 0,
            broken: 1,
            proven: 0,
            ends_behind: u32::MAX,
        }
    }

    fn count(&mut self, head: Head, mut log: impl Read) -> std::io::Result<()> {
        let mut page = vec![0; usize::try_from(head.page_bytes).unwrap_or_default()];
        let mut before = head.sum;
        let mut is_end_before = false;
        // Frames behind the broken one whose end is not known to belong to this run.
        let mut unread = 0;
        for number in 1_u32.. {
            let mut frame_head = [0; 24];
            let read = log
                .read_exact(&mut frame_head)
                .and_then(|()| log.read_exact(&mut page));
            match read {
                Ok(()) => {}
                Err(cause) if cause.kind() == ErrorKind::UnexpectedEof => {
                    if self.broken == 0 {
                        self.broken = number;
                    }
                    break;
                }
                Err(cause) => return Err(cause),
            }
            let Some(frame) = FrameHead::parse(&frame_head) else {
                break;
            };
            let is_ours = frame.salts == head.salts;
            let summed = frame_head.get(..8).unwrap_or_default();
            let sum = before
                .over(summed, head.is_big_endian)
                .over(&page, head.is_big_endian);
            let is_sound = is_ours && frame.page != 0 && sum == frame.sum;
            let is_end = frame.pages_after != 0;
            if is_sound && is_end_before {
                self.proven = number - 1;
            }
            if self.broken == 0 && !is_sound {
                self.broken = number;
            }
            if self.broken == 0 {
                self.kept = if is_end { number } else { self.kept };
            } else if is_ours {
                self.ends_behind += unread + u32::from(is_end);
                unread = 0;
            } else {
                unread += 1;
            }
            before = frame.sum;
            is_end_before = is_end;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 512;
    const SALTS: [u8; 8] = *b"saltsalt";

    /// A log of transactions of so many frames each, computed by the format's own words.
    fn log(transactions: &[usize], salts: [u8; 8], big_endian: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend((MAGIC | u32::from(big_endian)).to_be_bytes());
        bytes.extend(3_007_000_u32.to_be_bytes());
        bytes.extend(512_u32.to_be_bytes());
        bytes.extend(0_u32.to_be_bytes());
        bytes.extend(salts);
        let mut sum = plain_sum((0, 0), &bytes, big_endian);
        bytes.extend(sum.0.to_be_bytes());
        bytes.extend(sum.1.to_be_bytes());
        let mut number = 0_u32;
        for frames in transactions {
            for index in 1..=*frames {
                number += 1;
                let pages_after = if index == *frames { 9_u32 } else { 0 };
                let mut head = Vec::new();
                head.extend(number.to_be_bytes());
                head.extend(pages_after.to_be_bytes());
                let page = [u8::try_from(number).expect("few"); PAGE];
                sum = plain_sum(sum, &head, big_endian);
                sum = plain_sum(sum, &page, big_endian);
                head.extend(salts);
                head.extend(sum.0.to_be_bytes());
                head.extend(sum.1.to_be_bytes());
                bytes.extend(head);
                bytes.extend(page);
            }
        }
        bytes
    }

    fn plain_sum(mut sum: (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
        for pair in bytes.chunks(8) {
            let word = |at: usize| {
                let word: [u8; 4] = pair[at..at + 4].try_into().expect("four");
                if big_endian {
                    u32::from_be_bytes(word)
                } else {
                    u32::from_le_bytes(word)
                }
            };
            sum.0 = sum.0.wrapping_add(word(0)).wrapping_add(sum.1);
            sum.1 = sum.1.wrapping_add(word(4)).wrapping_add(sum.0);
        }
        sum
    }

    fn read(bytes: &[u8]) -> Frames {
        let length = bytes.len() as u64;
        Frames::of(bytes, length).expect("read").expect("a log")
    }

    fn frame_at(number: usize) -> usize {
        32 + (number - 1) * (24 + PAGE)
    }

    #[test]
    fn a_sound_log_is_kept_whole_in_both_orders() {
        for big_endian in [false, true] {
            let frames = read(&log(&[1, 3, 2], SALTS, big_endian));
            assert_eq!((frames.kept, frames.broken, frames.proven), (6, 7, 4));
            assert_eq!((frames.ends_behind, frames.salts), (0, Some(Salts(SALTS))));
        }
        assert_eq!(Frames::of(&[][..], 0).expect("read"), None);
        assert_eq!(Frames::of(&[0; 31][..], 31).expect("read"), None);
    }

    #[test]
    fn whatever_byte_is_changed_the_frames_before_it_are_kept_and_those_behind_it_are_counted() {
        let whole = log(&[1, 3, 2, 2], SALTS, false);
        // Of each frame: what is kept before it, and how many ends of transactions stand in it or
        // behind it.
        let expected = [
            (0, 4),
            (1, 3),
            (1, 3),
            (1, 3),
            (4, 2),
            (4, 2),
            (6, 1),
            (6, 1),
        ];
        for number in 1..=8 {
            let from = frame_at(number);
            for at in from..from + 24 + PAGE {
                let mut changed = whole.clone();
                changed[at] ^= 0x40;
                let frames = read(&changed);
                let (kept, ends) = expected[number - 1];
                assert_eq!(frames.kept, kept, "byte {at}");
                assert_eq!(
                    frames.broken,
                    u32::try_from(number).expect("few"),
                    "byte {at}"
                );
                assert!(frames.ends_behind <= ends + 1, "byte {at}: {frames:?}");
                // Nothing stands on the last transaction; and what the one before it ends with
                // shows only as long as the checksum can be read from which the last one goes on.
                let is_shown = number < 6 || number == 6 && !(16..24).contains(&(at - from));
                if is_shown {
                    assert!(frames.proven > frames.kept, "byte {at}: {frames:?}");
                }
            }
        }
        for at in 0..32 {
            let mut changed = whole.clone();
            changed[at] ^= 0x40;
            let frames = read(&changed);
            assert_eq!((frames.kept, frames.salts), (0, None), "byte {at}");
        }
    }

    #[test]
    fn frames_of_an_earlier_run_behind_the_end_are_nothing() {
        let mut reused = log(&[2, 1], SALTS, false);
        let old = log(&[1, 1, 1, 1, 1], *b"oldsalts", false);
        reused.extend(&old[reused.len()..]);
        let frames = read(&reused);
        assert_eq!((frames.kept, frames.broken, frames.proven), (3, 4, 2));
        assert_eq!(frames.ends_behind, 0);
    }

    #[test]
    fn a_tail_that_was_not_synchronised_may_be_torn_anywhere() {
        let whole = log(&[1, 1, 4], SALTS, false);
        for number in 3..=6 {
            let mut torn = whole.clone();
            let from = frame_at(number);
            torn[from..from + 24 + PAGE].fill(0);
            let frames = read(&torn);
            assert_eq!(frames.kept, 2, "frame {number}");
            assert!(frames.proven <= 2, "frame {number}");
        }
        for length in frame_at(3)..whole.len() {
            let frames = read(&whole[..length]);
            assert_eq!(frames.kept, 2, "{length} bytes");
            assert!(frames.proven <= 2, "{length} bytes");
        }
    }
}
