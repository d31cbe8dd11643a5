//! The socket in the data folder: one JSON line asks, one answers. Only the folder's owner can open
//! it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use heliu_office::Office;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use super::{Answer, Asked, answer};
use crate::failure::Failure;
use crate::stop::Stop;
use crate::system_user;

/// Longest request, in bytes.
const REQUEST_BYTES_MAX: u64 = 1024 * 1024;

/// Opens the socket: from now on a command waits for its answer, and is not refused.
pub(crate) fn open(path: &Path) -> Option<UnixListener> {
    // A socket that a killed process left is nobody's: the folder's lock is ours.
    let _ = std::fs::remove_file(path);
    match UnixListener::bind(path) {
        Ok(listener) => {
            let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
            Some(listener)
        }
        Err(cause) => {
            tracing::error!(%cause, "the admin socket cannot be opened; commands will not work");
            None
        }
    }
}

/// Answers operators' commands until the stop.
pub(crate) async fn serve(listener: UnixListener, path: PathBuf, office: Office, stop: Stop) {
    let mut stopped = std::pin::pin!(stop.wait());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopped => break,
        };
        if let Ok((stream, _)) = accepted {
            let office = office.clone();
            tokio::spawn(async move {
                if let Err(failure) = converse(stream, &office).await {
                    tracing::warn!(%failure, "an operator's command failed");
                }
            });
        }
    }
    let _ = std::fs::remove_file(&path);
}

async fn converse(stream: UnixStream, office: &Office) -> Result<(), Failure> {
    let system_user = system_user::name_of(stream.peer_cred()?.uid());
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    BufReader::new(reader.take(REQUEST_BYTES_MAX))
        .read_line(&mut line)
        .await?;
    let answer = match serde_json::from_str::<Asked>(&line) {
        Ok(asked) => answer(office, asked, &system_user).await,
        Err(cause) => Answer::Refused(format!("not understood: {cause}")),
    };
    writer
        .write_all(format!("{}\n", serde_json::to_string(&answer)?).as_bytes())
        .await?;
    Ok(())
}

/// Hands a request to the serving process.
pub(crate) async fn ask(path: &Path, asked: &Asked) -> Result<Answer, Failure> {
    let mut stream = UnixStream::connect(path).await.map_err(|cause| {
        Failure::with_cure(
            format!("the process that holds the data folder does not answer: {cause}"),
            "wait until it has started, or stop it",
        )
    })?;
    stream
        .write_all(format!("{}\n", serde_json::to_string(asked)?).as_bytes())
        .await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(serde_json::from_str(&text)?)
}
