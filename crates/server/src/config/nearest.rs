//! What an unknown name may have meant.

use super::elsewhere::OURS;

/// Letters that may be wrong, at most.
const WRONG_MAX: usize = 2;
/// A name must have that many letters for each wrong one.
const LETTERS_FOR_EACH: usize = 3;

/// The one of `known` that `given` is a slip of the pen for, if there is one: a letter too many,
/// too few, another one, or two that are swapped.
pub(super) fn nearest<'k>(given: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let distance = |name| (strsim::damerau_levenshtein(bare(given), bare(name)), name);
    let (wrong, name) = known.map(distance).min_by_key(|(wrong, _)| *wrong)?;
    let letters = bare(given).chars().count();
    (wrong <= WRONG_MAX && wrong * LETTERS_FOR_EACH <= letters).then_some(name)
}

/// The name without what many variables begin with and some do not.
fn bare(name: &str) -> &str {
    name.strip_prefix(OURS).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised_and_nothing_else() {
        let known = [
            "sms_url",
            "node",
            "database_url",
            "HELIU_NODE",
            "DATABASE_URL",
        ];
        for (given, meant) in [
            ("databse_url", Some("database_url")),
            ("dtaabase_url", Some("database_url")),
            ("nodes", Some("node")),
            ("HELIU_NODDE", Some("HELIU_NODE")),
            ("HELIU_DATABASE_URL", Some("DATABASE_URL")),
            ("HELIU_PORT", None),
            ("sms", None),
            ("", None),
            ("postgres://heliu:s3cret@db/heliu", None),
        ] {
            assert_eq!(nearest(given, known.into_iter()), meant, "{given}");
        }
    }
}
