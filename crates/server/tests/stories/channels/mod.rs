//! The channels, and the sandbox that plays them.

mod contract_tokens;
mod sdks;
mod unionpay_sandbox;
mod wechat_keys;
