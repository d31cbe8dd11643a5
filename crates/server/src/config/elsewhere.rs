//! Variables of ours that are no options: the command line reads them, or the reader of the root
//! key.

/// What our variables begin with. Those of the database have names of their own.
pub(super) const OURS: &str = "HELIU_";

/// The configuration file.
pub(crate) const CONFIG: &str = "HELIU_CONFIG";
/// The person who does something.
pub(crate) const OPERATOR: &str = "HELIU_OPERATOR";
/// The root key itself.
pub(crate) const ROOT_KEY: &str = "HELIU_ROOT_KEY";

/// All of them, each with what it means.
pub(crate) const ELSEWHERE: [(&str, &str); 3] = [
    (CONFIG, "A file such as this one; --config wins over it."),
    (
        OPERATOR,
        "The person of `heliu people list` who does something; --as wins over it.",
    ),
    (
        ROOT_KEY,
        "The root key itself, in place of a file. Others may see an environment; a file is safer.",
    ),
];
