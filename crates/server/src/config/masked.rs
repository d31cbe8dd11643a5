//! Values without the secrets that may stand in them, whichever option they stand in: somebody may
//! have set the wrong one.

/// Stands for what is not shown.
const MASK: &str = "***";
/// Schemes of which the user is no secret: the password behind it is.
const DATABASES: [&str; 2] = ["postgres", "postgresql"];
/// What a query may say openly.
const OPEN: [&str; 3] = ["sslmode", "target_session_attrs", "application_name"];

/// The text with `***` in place of passwords: of an address its password, elsewhere than in a
/// database's also its user, and what its query says; of a text of `name=value` that names a
/// password all of it.
pub(super) fn masked(text: &str) -> String {
    match text.split_once("://") {
        Some((scheme, rest)) => address(scheme, rest),
        None if text.to_ascii_lowercase().contains("password") => MASK.to_owned(),
        None => text.to_owned(),
    }
}

fn address(scheme: &str, rest: &str) -> String {
    // A password may hold anything, a question mark or a slash too: it ends at the last @.
    let (user, rest) = match rest.rsplit_once('@') {
        Some((user, rest)) => (Some(user), rest),
        None => (None, rest),
    };
    let mut shown = format!("{scheme}://");
    if let Some(user) = user {
        let is_database = DATABASES.contains(&scheme);
        match user.split_once(':') {
            Some((name, _)) if is_database => shown.push_str(&format!("{name}:{MASK}@")),
            None if is_database => shown.push_str(&format!("{user}@")),
            _ => shown.push_str(&format!("{MASK}@")),
        }
    }
    let (place, query) = match rest.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (rest, None),
    };
    shown.push_str(place);
    if let Some(query) = query {
        let parts: Vec<String> = query.split('&').map(part).collect();
        shown.push('?');
        shown.push_str(&parts.join("&"));
    }
    shown
}

/// A part of a query.
fn part(part: &str) -> String {
    match part.split_once('=') {
        Some((name, _)) if OPEN.contains(&name) => part.to_owned(),
        Some((name, _)) => format!("{name}={MASK}"),
        None => MASK.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_wherever_an_address_or_a_text_can_have_one() {
        for (text, shown) in [
            (
                "postgres://heliu:s3cret@db:5432/h?sslmode=require",
                "postgres://heliu:***@db:5432/h?sslmode=require",
            ),
            (
                "postgresql://heliu:s3@cr:et/?@a:1,b:2/h",
                "postgresql://heliu:***@a:1,b:2/h",
            ),
            ("postgres://heliu@db/h", "postgres://heliu@db/h"),
            (
                "postgres://db/h?user=heliu&password=s3cret",
                "postgres://db/h?user=***&password=***",
            ),
            ("host=db user=heliu password=s3cret", "***"),
            ("host=db Password = 's3cret'", "***"),
            (
                "https://s3cret@sms.example.com/send",
                "https://***@sms.example.com/send",
            ),
            (
                "https://u:s3cret@sms.example.com/send",
                "https://***@sms.example.com/send",
            ),
            (
                "https://sms.example.com/send?key=s3cret",
                "https://sms.example.com/send?key=***",
            ),
            (
                "https://sms.example.com/send?s3cret",
                "https://sms.example.com/send?***",
            ),
            ("https://pay.example.com", "https://pay.example.com"),
            ("/etc/heliu/root.key", "/etc/heliu/root.key"),
        ] {
            assert_eq!(masked(text), shown, "{text}");
        }
    }
}
