//! A small reader of `Cargo.toml`: which dependencies are named where.

/// A dependency named by a manifest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dependency<'a> {
    pub(crate) section: &'a str,
    pub(crate) name: &'a str,
    pub(crate) line: usize,
}

/// All lines `name = ...` and `name.workspace = ...` of sections that end in `dependencies`, and
/// all sections `[dependencies.name]`.
pub(crate) fn dependencies(text: &str) -> Vec<Dependency<'_>> {
    let mut found = Vec::new();
    let mut section = "";
    for (index, raw) in text.lines().enumerate() {
        let line = raw.trim();
        if let Some(header) = line
            .strip_prefix('[')
            .and_then(|rest| rest.split(']').next())
        {
            section = header;
            if let Some((table, name)) = header.rsplit_once('.')
                && table.ends_with("dependencies")
            {
                found.push(Dependency {
                    section: table,
                    name,
                    line: index + 1,
                });
            }
        } else if section.ends_with("dependencies") && !line.starts_with('#') && line.contains('=')
        {
            let name = line
                .split(['.', '=', ' '])
                .next()
                .unwrap_or_default()
                .trim_matches('"');
            found.push(Dependency {
                section,
                name,
                line: index + 1,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_found_in_every_spelling() {
        let text = "[package]\nname = \"x\"\n[dependencies]\n# a = 1\na.workspace = true\n\"b\" = \"1\"\n\
                    [dev-dependencies.c]\nversion = \"1\"\n[features]\nd = []\n";
        let found: Vec<(&str, &str, usize)> = dependencies(text)
            .iter()
            .map(|found| (found.section, found.name, found.line))
            .collect();
        let expected = [
            ("dependencies", "a", 5),
            ("dependencies", "b", 6),
            ("dev-dependencies", "c", 7),
        ];
        assert_eq!(found, expected);
    }
}
