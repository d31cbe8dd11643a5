//! `heliu batches export`, `import-result`, `enter-result`: what a bank is handed as a file.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use heliu_office::batch_files::{BatchFile, ResultsEntered};

use super::approvals::proposed;
use super::desk::Desk;
use crate::admin::FinanceRequest as Request;
use crate::failure::Failure;
use crate::terminal::Output;

/// Longest result file that is handed in, in bytes: that of a full batch is far shorter.
const RESULT_BYTES_MAX: u64 = 200 * 1024;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a batch that is being sent as the file that its bank wants; its card numbers are in
    /// clear, so that only you can read the file
    Export {
        /// Our number of the batch
        batch_no: String,
        /// The new file
        #[arg(long)]
        out: PathBuf,
    },
    /// Propose what a bank's result file says, for another person to approve
    ImportResult {
        /// Our number of the batch
        batch_no: String,
        /// The file
        file: PathBuf,
    },
    /// End bills as a result file says that was approved
    EnterResult {
        /// Our number of the approval
        approval_no: String,
    },
}

pub(super) async fn run(desk: &Desk, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Export { batch_no, out } => {
            let file: BatchFile = desk.ask(Request::ExportBatch { batch_no }).await?;
            write(&out, &file.bytes)?;
            let (name, sha256) = (&file.name, &file.sha256);
            Ok(format!("{} is {name}\nSHA-256 {sha256}", out.display()).into())
        }
        Command::ImportResult { batch_no, file } => {
            let bytes = read(&file)?;
            let request = Request::ProposeResults { batch_no, bytes };
            desk.tell(request, proposed).await
        }
        Command::EnterResult { approval_no } => {
            desk.tell(Request::EnterResults { approval_no }, entered)
                .await
        }
    }
}

fn entered(done: &ResultsEntered) -> String {
    format!(
        "batch {}: {} paid, {} failed, {} came back",
        done.batch_no, done.paid, done.failed, done.returned
    )
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let named = |cause: std::io::Error| Failure::new(format!("{}: {cause}", path.display()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(named)?;
    file.write_all(bytes).map_err(named)?;
    file.sync_all().map_err(named)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let named = |cause: std::io::Error| Failure::new(format!("{}: {cause}", path.display()));
    let length = std::fs::metadata(path).map_err(named)?.len();
    if length > RESULT_BYTES_MAX {
        let message = format!(
            "{}: {length} bytes are too many for a result file; at most {RESULT_BYTES_MAX}",
            path.display()
        );
        return Err(Failure::new(message));
    }
    std::fs::read(path).map_err(named)
}
