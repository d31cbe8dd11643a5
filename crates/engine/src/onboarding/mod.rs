//! Onboarding: merchants come in, and sign in. No money moves here.

mod applications;
pub(crate) mod find_merchant;
mod passwords;
pub(crate) mod register_merchant;
mod registered;
pub(crate) mod send_login_code;

pub(crate) use passwords::Passwords;
pub(crate) use send_login_code::CodesSent;
