//! Logins of mini programs.

use futures::future::BoxFuture;
use heliu_trade::command::MiniProgramSession;
use heliu_trade::directory::ChannelAccount;

use super::lookup::LookupRefused;
use super::upstream::Upstream;

/// Logins of mini programs. A channel may have them.
pub trait MiniPrograms: Send + Sync {
    /// Exchanges a mini program's login code; the account is the mini program's.
    fn mini_program_session<'a>(
        &'a self,
        upstream: &'a dyn Upstream,
        account: &'a ChannelAccount,
        app_id: &'a str,
        code: &'a str,
    ) -> BoxFuture<'a, Result<MiniProgramSession, LookupRefused>>;
}
