//! What is wrong with a calendar, or with a table for it.

/// Why the calendar does not say what is asked, or does not take what is given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFault {
    /// There is no table for the year.
    #[error(
        "there is no table of holidays for {0}; import one that has this year: heliu calendar import FILE"
    )]
    NoTable(i16),
    /// A line of a table is not understood.
    #[error(
        "line {line} of the table of holidays: {what}; a line is such as \
         2027 off 0101-0103 0501 work 0104"
    )]
    Malformed {
        /// Which, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}
