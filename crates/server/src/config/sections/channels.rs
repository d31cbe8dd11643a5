//! What holds for all channels.

use std::path::PathBuf;

use heliu_trade::wallet::{CodePrefix, CodePrefixes};

use crate::config::option::section;

section! {
    /// Channels
    Channels from FileAndEnvironment {
        /// The address that channels are told as the terminal's, since some demand one.
        terminal_ip: String = "127.0.0.1".to_owned(),
        wants "an address in quotes, such as \"127.0.0.1\"";

        /// Authorities that are trusted for calls to channels, beside the public ones: a bank's
        /// own, or that of a proxy which inspects outgoing traffic. A file of certificates in PEM
        /// form.
        channel_ca_file: Option<PathBuf> = None,
        variable "HELIU_CHANNEL_CA_FILE",
        example "\"/etc/heliu/channel-ca.pem\"",
        wants "a file's name";

        /// Which payment codes belong to which wallet: first two digits and length. Absent: the
        /// built-in table, of which three rows follow. Wallets add prefixes without notice.
        code_prefixes: Option<Vec<CodePrefix>> = None,
        example r#"[
  { prefix = "10", length_min = 18, length_max = 18, wallet = "wechat" },
  { prefix = "28", length_min = 16, length_max = 24, wallet = "alipay" },
  { prefix = "62", length_min = 19, length_max = 19, wallet = "unionpay" },
]"#,
        wants "a list of { prefix = \"10\", length_min = 18, length_max = 18, wallet = \"wechat\" }";
    }
}

impl Channels {
    /// The table of payment codes.
    pub(crate) fn code_prefixes(&self) -> Result<CodePrefixes, String> {
        self.code_prefixes
            .clone()
            .map_or_else(|| Ok(CodePrefixes::default()), CodePrefixes::try_new)
    }
}
