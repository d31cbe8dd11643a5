//! Who sends text messages.

use std::path::PathBuf;

use crate::config::option::section;

section! {
    /// Text messages
    Messages from FileAndEnvironment {
        /// The provider that sends login codes to merchants. It gets a POST of {"mobile", "text"}
        /// as JSON with a bearer token; any 2xx means taken. Absent: merchants cannot ask for login
        /// codes, everything else works. `heliu demo` has its own provider.
        sms_url: Option<String> = None,
        variable "HELIU_SMS_URL",
        example "\"https://sms.example.com/send\"",
        wants "an address, such as \"https://sms.example.com/send\"";

        /// The bearer token, in a file of mode 0600, since others often see this file. Set both
        /// options or none.
        sms_token_file: Option<PathBuf> = None,
        variable "HELIU_SMS_TOKEN_FILE",
        example "\"/etc/heliu/sms.token\"",
        wants "a file's name";
    }
}

impl Messages {
    /// Whether what belongs together is there.
    pub(in crate::config) fn check(&self) -> Result<(), String> {
        if self.sms_url.is_some() == self.sms_token_file.is_some() {
            return Ok(());
        }
        Err("sms_url and sms_token_file belong together".to_owned())
    }
}
