//! What a step worked on, in one word.

use sha2::{Digest, Sha256};

/// Digest of texts, in order; no text can be moved from one into the next.
#[must_use]
pub fn digest<T: AsRef<str>>(parts: impl IntoIterator<Item = T>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_texts_and_their_order_apart() {
        let all = [
            digest(["a", "b"]),
            digest(["ab"]),
            digest(["b", "a"]),
            digest(["", "ab"]),
        ];
        for (place, one) in all.iter().enumerate() {
            assert_eq!(one.len(), 64);
            assert_eq!(all.iter().position(|other| other == one), Some(place));
        }
    }
}
