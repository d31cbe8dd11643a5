//! The name that an account is in, in clear. It is shown masked, and printed nowhere.

use std::fmt;

/// A holder's name. It is in memory only as long as it is needed, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct HolderName(String);

impl HolderName {
    /// A name, whatever it is.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name, to be sealed or sent.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The name without its first character, as wires show it.
    #[must_use]
    pub fn masked(&self) -> String {
        let rest = self.0.chars().skip(1);
        std::iter::once('*').chain(rest).collect()
    }
}

impl fmt::Debug for HolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HolderName(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_without_its_first_character_and_printed_nowhere() {
        for (name, masked) in [("张三", "*三"), ("测试法人", "*试法人"), ("", "*")] {
            let holder = HolderName::new(name);
            assert_eq!((holder.masked().as_str(), holder.name()), (masked, name));
            assert_eq!(format!("{holder:?}"), "HolderName(***)");
        }
    }
}
