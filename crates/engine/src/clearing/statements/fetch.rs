//! An agent fetches one of its files. Of another agent's it hears as of one that is not there.

use heliu_trade::command::{Reply, StatementReply};
use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::statement::StatementFile;

use super::published::{no_statement, published};
use super::rows::{blocking, write};
use crate::Inner;
use crate::common::directory::AgentProfile;

/// The file of a name.
pub(crate) async fn fetch(
    inner: &Inner,
    agent: &AgentProfile,
    name: &str,
) -> Result<Reply, TradeError> {
    let file = published(inner, agent, name).await?;
    let file = file.ok_or_else(no_statement)?;
    let place = inner.shelf.place(&file);
    let (shelf, looked_for) = (inner.shelf.clone(), file.clone());
    let lies_there = blocking(move || shelf.holds(&looked_for)).await?;
    if !lies_there {
        make_again(inner, agent, &file).await?;
    }
    Ok(Reply::Statement(Box::new(StatementReply {
        name: file.name,
        path: place,
        bytes: file.bytes,
        sha256: file.sha256,
    })))
}

/// Another node has published it: its rows are those of a closed day, so the bytes are the same.
async fn make_again(
    inner: &Inner,
    agent: &AgentProfile,
    file: &StatementFile,
) -> Result<(), TradeError> {
    let (built, _) = write(inner, agent, file.kind, (file.date, file.as_of)).await?;
    if built.sha256 != file.sha256 {
        tracing::error!(
            file = file.name,
            version = file.version,
            "a statement cannot be made again as it was published: the agent's switches or its \
             merchants have changed since; publish it again: heliu statements publish"
        );
        let problem = "the file is not here and cannot be made again as it was";
        return Err(TradeError::advised(ErrorCode::ServiceUnavailable, problem));
    }
    let (shelf, moved) = (inner.shelf.clone(), file.clone());
    blocking(move || shelf.put(built, &moved)).await
}
