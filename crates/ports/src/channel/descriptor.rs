//! What a channel states about itself.

use crate::setting::Setting;

/// What a channel states about itself.
#[derive(Debug)]
pub struct ChannelDescriptor {
    /// Its id: the name of its protocol and mode.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Settings that an account has or may have. There are no others.
    pub settings: &'static [Setting],
    /// Key roles that an account needs, each with its form.
    pub keys: &'static [(&'static str, &'static str)],
    /// Key roles that an account may have, each with its form and what is missing without it.
    pub optional_keys: &'static [(&'static str, &'static str)],
    /// Key roles of which an account may have several, each with its form; entered by
    /// [`named_role`] with the serial by which the channel names the key.
    ///
    /// [`named_role`]: crate::keys::named_role
    pub named_keys: &'static [(&'static str, &'static str)],
    /// Key roles that each contract needs, each with its form: secrets by which merchants let us
    /// act for them.
    pub contract_keys: &'static [(&'static str, &'static str)],
    /// Looks whether a text may be a merchant's number in a contract; the error says what one looks
    /// like. It keeps a secret from being entered as a number, which everybody is told (ruling 56).
    pub check_sub_merchant_id: fn(&str) -> Result<(), &'static str>,
    /// The document that it follows.
    pub source: &'static str,
}

impl ChannelDescriptor {
    /// The setting of that name.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// Whether an account may have a key of that role; behind a slash stands the serial of one that
    /// is told apart.
    #[must_use]
    pub fn knows_key(&self, role: &str) -> bool {
        let is_in =
            |roles: &[(&str, &str)], role: &str| roles.iter().any(|(name, _)| *name == role);
        match role.split_once('/') {
            Some((role, _serial)) => is_in(self.named_keys, role),
            None => is_in(self.keys, role) || is_in(self.optional_keys, role),
        }
    }
}
