//! `heliu demo`: platform and sandbox in one process, with demo merchants.

use crate::config::Config;
use crate::failure::Failure;

pub(super) async fn run(config: Config) -> Result<String, Failure> {
    crate::demo::run(config).await
}
