//! What is wrong with something that was entered.

use std::fmt;

/// What is wrong, and so what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It is missing; what it is.
    Missing(String),
    /// It does not look as it must; what it must be.
    Malformed(String),
    /// It is none of those that there are.
    NotOneOf(Vec<String>),
    /// It was given before.
    Twice,
    /// Something of this name stands already, and is not changed by this; what changes it.
    Stands(String),
    /// It does not go with the rest: why, and what does.
    Unfit {
        /// Why.
        why: String,
        /// What to do; empty if the reason says it.
        cure: String,
    },
}

impl Problem {
    /// One that does not go with the rest.
    pub fn unfit(why: impl Into<String>, cure: impl Into<String>) -> Self {
        let (why, cure) = (why.into(), cure.into());
        Self::Unfit { why, cure }
    }

    /// What to do about it, if the problem does not say so itself.
    #[must_use]
    pub fn cure(&self) -> Option<&str> {
        match self {
            Self::Stands(cure) | Self::Unfit { cure, .. } => Some(cure)
                .filter(|cure| !cure.is_empty())
                .map(String::as_str),
            Self::Missing(_) | Self::Malformed(_) | Self::NotOneOf(_) | Self::Twice => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(form) => write!(f, "is missing: {form}"),
            Self::Malformed(form) => write!(f, "must be {form}"),
            Self::NotOneOf(known) => write!(f, "is none of {}", known.join(", ")),
            Self::Twice => f.write_str("is given twice"),
            Self::Stands(_) => f.write_str("stands already; nothing was changed"),
            Self::Unfit { why, .. } => f.write_str(why),
        }
    }
}

/// A field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which field, as people call it: `merchant id`, `setting base_url`.
    pub field: String,
    /// What is wrong with it.
    pub problem: Problem,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.problem)?;
        match self.problem.cure() {
            Some(cure) => write!(f, "\n  cure  {cure}"),
            None => Ok(()),
        }
    }
}

/// All faults of something that was entered.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// None so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    pub fn add(&mut self, field: impl Into<String>, problem: Problem) {
        let field = field.into();
        self.0.push(Fault { field, problem });
    }

    /// One more, if something was found.
    pub fn note(&mut self, field: &str, found: Result<(), Problem>) {
        if let Err(problem) = found {
            self.add(field, problem);
        }
    }

    /// All of others.
    pub fn extend(&mut self, others: Faults) {
        self.0.extend(others.0);
    }

    /// Each.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// Whether something is wrong.
    ///
    /// # Errors
    /// All that is.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(Fault::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}
