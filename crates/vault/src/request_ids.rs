//! What stands for an exchange's number where strangers see it.
//!
//! Exchanges take their numbers from the same sequence as orders, so a number in a header would
//! tell how many orders there were. One block of AES hides it: a permutation that only the root
//! key's owner can turn back, without a table. Half of the block is zero, so that a made-up text
//! leads to no exchange.

use aws_lc_rs::cipher::{
    AES_256, DecryptingKey, DecryptionContext, EncryptingKey, UnboundCipherKey,
};
use heliu_trade::id::PlatformNo;

use crate::hex::{lower_hex, parse_hex};

/// Bytes of a block.
const BLOCK: usize = 16;
/// Bytes of a number, at the block's beginning.
const NUMBER: usize = 8;

/// Hides numbers under one key.
pub(crate) struct RequestIds {
    hide: EncryptingKey,
    turn_back: DecryptingKey,
}

impl RequestIds {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let key = || UnboundCipherKey::new(&AES_256, key).expect("AES-256 takes 32 bytes");
        Self {
            hide: EncryptingKey::ecb(key()).expect("AES has this mode"),
            turn_back: DecryptingKey::ecb(key()).expect("AES has this mode"),
        }
    }

    /// 32 hexadecimal digits.
    pub(crate) fn hidden(&self, number: PlatformNo) -> String {
        let mut block = [0; BLOCK];
        for (byte, of) in block.iter_mut().zip(number.as_u64().to_be_bytes()) {
            *byte = of;
        }
        let hidden = self.hide.encrypt(&mut block);
        hidden.expect("a whole block is encrypted");
        lower_hex(&block)
    }

    /// The number behind an id of this key.
    pub(crate) fn number(&self, id: &str) -> Option<PlatformNo> {
        let mut block: [u8; BLOCK] = parse_hex(id)?.try_into().ok()?;
        let context = DecryptionContext::None;
        let plain = self.turn_back.decrypt(&mut block, context).ok()?;
        let (number, zeros) = plain.split_first_chunk::<NUMBER>()?;
        zeros
            .iter()
            .all(|byte| *byte == 0)
            .then(|| PlatformNo::from_u64(u64::from_be_bytes(*number)))
    }
}
