//! Every option: its name, the variable that wins over the file, and what it wants.

use super::Config;

/// An option.
pub(super) struct Choice {
    /// As it stands in the file.
    pub(super) name: &'static str,
    /// Its variable; empty if it has none.
    pub(super) variable: &'static str,
    /// What it wants, for whoever gave something else.
    pub(super) wants: &'static str,
    /// Takes a value if it has the right form; whether it has.
    pub(super) set: fn(&mut Config, toml::Value) -> bool,
}

macro_rules! choices {
    ($($name:ident $variable:literal $wants:literal;)*) => {
        &[$(Choice {
            name: stringify!($name),
            variable: $variable,
            wants: $wants,
            set: |config, value| match value.try_into() {
                Ok(value) => {
                    config.$name = value;
                    true
                }
                Err(_) => false,
            },
        },)*]
    };
}

/// All of them.
pub(super) const ALL: &[Choice] = choices! {
    data "HELIU_DATA" "a folder";
    listen "HELIU_LISTEN" "an address with its port, such as \"127.0.0.1:8080\"";
    admin_listen "HELIU_ADMIN_LISTEN" "an address with its port, such as \"127.0.0.1:8081\"";
    sandbox_listen "HELIU_SANDBOX_LISTEN" "an address with its port, such as \"127.0.0.1:8090\"";
    sandbox_url "HELIU_SANDBOX_URL" "an address, such as \"http://127.0.0.1:8090\"";
    public_url "HELIU_PUBLIC_URL" "an address, such as \"https://pay.example.com\"";
    root_key_file "HELIU_ROOT_KEY_FILE" "a file's name";
    database_url "DATABASE_URL" "an address, such as \"postgres://heliu@db.example.com/heliu\"";
    database_url_file "DATABASE_URL_FILE" "a file's name";
    database_ca_file "HELIU_DATABASE_CA_FILE" "a file's name";
    node "HELIU_NODE" "a whole number, 0 to 63";
    terminal_ip "" "an address in quotes, such as \"127.0.0.1\"";
    connections_max "" "a whole number, such as 10000";
    connections_per_address "" "a whole number; 0 is no limit";
    trusted_proxies "" "a list of addresses and networks, such as [\"10.0.0.0/24\"]";
    requests_per_address_per_s "" "a whole number; 0 is no limit";
    requests_per_app_per_s "" "a whole number; 0 is no limit";
    dangerous_allow_private_notify "" "true or false";
    code_prefixes "" "a list of { prefix = \"10\", length_min = 18, length_max = 18, wallet = \"wechat\" }";
    sms_url "HELIU_SMS_URL" "an address, such as \"https://sms.example.com/send\"";
    sms_token_file "HELIU_SMS_TOKEN_FILE" "a file's name";
    channel_ca_file "HELIU_CHANNEL_CA_FILE" "a file's name";
};
