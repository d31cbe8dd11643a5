//! The shared memory of those who have the books open (`-shm`): how many frames SQLite counted, and
//! how many of them it has copied into the file. A process that is killed leaves it as it was;
//! after a power cut it may be older, or gone.
//!
//! Form: two copies of a head of 48 bytes, then what checkpoints have done; all in the machine's
//! own order.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::frames::{Salts, Sum};
use crate::sqlite::fault::Fault;

const HEAD_BYTES: usize = 48;
/// Bytes of the head that its checksum is over.
const SUMMED_BYTES: usize = 40;
/// Both copies, and behind them the frames that are copied, five marks of readers, eight locks.
const READ_BYTES: usize = 2 * HEAD_BYTES + 4;

/// What it counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Index {
    /// Of which run of the log.
    pub(super) salts: Salts,
    /// Frames of whole transactions.
    pub(super) frames: u32,
    /// Frames that are in the file.
    pub(super) copied: u32,
}

impl Index {
    /// `None` if there is none, or none that adds up.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Fault> {
        let mut bytes = [0; READ_BYTES];
        match File::open(path).and_then(|mut file| file.read_exact(&mut bytes)) {
            Ok(()) => Ok(Self::parse(&bytes)),
            Err(cause)
                if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) =>
            {
                Ok(None)
            }
            Err(cause) => Err(cause.into()),
        }
    }

    fn parse(bytes: &[u8; READ_BYTES]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<HEAD_BYTES>()?;
        let (second, rest) = rest.split_first_chunk::<HEAD_BYTES>()?;
        let number = |at: usize| {
            let bytes = head.get(at..at + 4)?;
            Some(u32::from_ne_bytes(bytes.try_into().ok()?))
        };
        let is_set = head.get(12) == Some(&1);
        let sum = Sum::START.over(head.get(..SUMMED_BYTES)?, cfg!(target_endian = "big"));
        let told = Sum(number(40)?, number(44)?);
        if head != second || !is_set || sum != told {
            return None;
        }
        Some(Self {
            salts: Salts(head.get(32..40)?.try_into().ok()?),
            frames: number(16)?,
            copied: u32::from_ne_bytes(rest.first_chunk().copied()?),
        })
    }
}
