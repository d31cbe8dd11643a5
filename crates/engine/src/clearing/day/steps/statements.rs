//! 对账单: every agent's files about the date. One that fails stops no other, and is tried again
//! alone: what stands with the same bytes stays as it is.

use heliu_trade::calendar::BusinessDate;
use heliu_trade::day::{ItemFailure, StepDone};
use heliu_trade::statement::{StatementFile, StatementKind};

use super::super::context::{Context, StepError};
use crate::clearing::statements::{publish_for, statement_agents};

pub(super) async fn run(context: &Context<'_>, date: BusinessDate) -> Result<StepDone, StepError> {
    let inner = context.inner;
    let agents = statement_agents(inner).await?;
    let kinds = StatementKind::ALL;
    let of = u64::try_from(agents.len() * kinds.len()).unwrap_or(u64::MAX);
    // Whenever it is run again, bills stand in the files as they stood when these were due.
    let as_of = StatementFile::due_at(date).min(inner.now());
    let mut ended = StepDone::default();
    let mut new_count = 0;
    for agent in &agents {
        for kind in kinds {
            match publish_for(inner, agent, kind, (date, as_of)).await {
                Ok(published) => {
                    ended.done += 1;
                    new_count += u64::from(published.is_new);
                }
                Err(error) => match StepError::from(error) {
                    StepError::Away(why) => return Err(StepError::Away(why)),
                    StepError::Failed(why) => ended.failed.push(ItemFailure {
                        what: format!("{}/{} {}", agent.dialect_id, agent.agent_id, kind.as_str()),
                        why,
                    }),
                },
            }
            let failed = u64::try_from(ended.failed.len()).unwrap_or(u64::MAX);
            context.advance(ended.done + failed, of);
        }
    }
    ended.message = format!("{new_count} files published of {of}");
    Ok(ended)
}
