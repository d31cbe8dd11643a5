//! Users of the machine.

use rustix::process::getuid;

/// Where they are listed.
const LIST: &str = "/etc/passwd";

/// Who runs this process.
pub(crate) fn own() -> String {
    name_of(getuid().as_raw())
}

/// The name of a user, or `uid:NUMBER` of one that is not listed.
pub(crate) fn name_of(uid: u32) -> String {
    let list = std::fs::read_to_string(LIST).unwrap_or_default();
    listed(&list, uid).unwrap_or_else(|| format!("uid:{uid}"))
}

/// The name, which stands first, of the line whose third part is the number.
fn listed(list: &str, uid: u32) -> Option<String> {
    let number = uid.to_string();
    let mut lines = list.lines().map(|line| line.split(':'));
    lines.find_map(|mut parts| {
        let name = parts.next()?;
        (parts.nth(1)? == number).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_number() {
        let list = "root:x:0:0:root:/root:/bin/sh\n\nbroken\nheliu:x:10:10::/:/bin/false\n";
        assert_eq!(listed(list, 0).as_deref(), Some("root"));
        assert_eq!(listed(list, 10).as_deref(), Some("heliu"));
        assert_eq!(listed(list, 1), None);
    }
}
