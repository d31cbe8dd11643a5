//! The verb by which faults know a call.

/// What a call does, in the words of `/control/faults`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    /// The other verb of a call that does the work of two; else the same one.
    pub(crate) other: &'static str,
}

impl Verb {
    /// A call that is known by one verb.
    pub(crate) const fn of(name: &'static str) -> Self {
        Self { name, other: name }
    }

    /// A call that does the work of two verbs: what is set for either meets it.
    pub(crate) const fn either(name: &'static str, other: &'static str) -> Self {
        Self { name, other }
    }
}

impl From<&'static str> for Verb {
    fn from(name: &'static str) -> Self {
        Self::of(name)
    }
}
