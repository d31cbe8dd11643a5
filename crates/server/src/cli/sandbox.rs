//! `heliu sandbox`: the channels' other side and the payer, for demonstrations of several nodes.

use crate::config::Config;
use crate::failure::Failure;

pub(super) async fn run(config: Config) -> Result<String, Failure> {
    crate::demo::run_sandbox(config).await
}
