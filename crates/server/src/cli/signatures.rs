//! `heliu sign` and `heliu verify`

use std::io::Read;

use clap::Args;

use super::arguments::secret_of;
use super::desk::Desk;
use crate::admin::{PastedRequest, Request};
use crate::failure::Failure;
use crate::secret_file::STANDARD_INPUT;
use crate::terminal::Output;

#[derive(Debug, Args)]
pub(super) struct Pasted {
    /// Path and query of the request, with or without scheme and host
    url: String,
    /// The body exactly as sent; `-` reads standard input, `@FILE` a file
    #[arg(long, default_value = "-")]
    body: String,
    /// The key as @FILE, or - for standard input; without it the app's own is taken from the books
    #[arg(long)]
    key: Option<String>,
    /// The key's role, if the protocol has several
    #[arg(long)]
    role: Option<String>,
}

impl Pasted {
    fn read(self) -> Result<PastedRequest, Failure> {
        let key = self.key.as_deref().map(|key| secret_of("the key", key));
        let key = key.transpose()?;
        let body = if self.body == STANDARD_INPUT {
            if self.key.as_deref() == Some(STANDARD_INPUT) {
                return Err(Failure::with_cure(
                    "key and body cannot both be standard input",
                    "give one of them by a file: --key @FILE, --body @FILE",
                ));
            }
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        } else if let Some(path) = self.body.strip_prefix('@') {
            std::fs::read_to_string(path)?
        } else {
            self.body
        };
        Ok(PastedRequest {
            url: self.url,
            body,
            key,
            role: self.role,
        })
    }
}

pub(super) async fn sign(desk: &Desk, pasted: Pasted) -> Result<Output, Failure> {
    desk.tell(Request::Sign(pasted.read()?), String::clone)
        .await
}

pub(super) async fn verify(desk: &Desk, pasted: Pasted) -> Result<Output, Failure> {
    desk.tell(Request::Verify(pasted.read()?), String::clone)
        .await
}
