//! Passwords cost processor time and memory on purpose, so they are checked beside the runtime, a few at a
//! time, and a name takes few wrong ones a minute. No agent's flood keeps another's merchants out.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AgentId, DialectId};
use heliu_trade::time::Timestamp;
use tokio::sync::Semaphore;

use crate::Inner;
use crate::directory::AgentProfile;

/// Checks at the same time: about 20 MiB each.
const CHECKS_AT_ONCE: usize = 4;
/// Checks of one agent that run or wait.
const CHECKS_PER_AGENT: usize = 8;
/// Wrong passwords of one name within [`WINDOW_MS`].
const WRONG_MAX: usize = 5;
/// How long a wrong password counts, in ms.
const WINDOW_MS: i64 = 60_000;
/// Names that are remembered before those are forgotten whose wrong passwords count no more.
const NAMES_MAX: usize = 10_000;

pub(crate) struct Passwords {
    checks: Semaphore,
    state: Mutex<State>,
    /// What an unknown name's password is compared with, so that it takes the same time.
    nobodys: OnceLock<String>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            checks: Semaphore::new(CHECKS_AT_ONCE),
            state: Mutex::default(),
            nobodys: OnceLock::new(),
        }
    }
}

#[derive(Default)]
struct State {
    /// Tries of a name that were wrong or are not decided yet, by the name's digest.
    wrong: HashMap<String, Vec<Timestamp>>,
    running: HashMap<(DialectId, AgentId), usize>,
}

impl Passwords {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue of an agent's checks.
struct Place<'a> {
    passwords: &'a Passwords,
    key: (DialectId, AgentId),
}

impl<'a> Place<'a> {
    fn take(passwords: &'a Passwords, agent: &AgentProfile) -> Option<Self> {
        let key = (agent.agent.dialect_id.clone(), agent.agent.agent_id.clone());
        let mut state = passwords.lock();
        let running = state.running.entry(key.clone()).or_default();
        if *running >= CHECKS_PER_AGENT {
            return None;
        }
        *running += 1;
        drop(state);
        Some(Self { passwords, key })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.passwords.lock();
        if let Some(running) = state.running.get_mut(&self.key) {
            *running -= 1;
            if *running == 0 {
                state.running.remove(&self.key);
            }
        }
    }
}

impl State {
    /// Counts a try as wrong until it turns out right. `false`: the name has had enough of them.
    fn begin(&mut self, name: &str, is_known: bool, now: Timestamp) -> bool {
        let counts = |at: &Timestamp| now.since_ms(*at) < WINDOW_MS;
        if self.wrong.len() >= NAMES_MAX {
            self.wrong.retain(|_, tries| tries.iter().any(counts));
        }
        if !self.wrong.contains_key(name) && self.wrong.len() >= NAMES_MAX && !is_known {
            // A flood of invented names: there is nothing to guess behind them.
            return true;
        }
        let tries = self.wrong.entry(name.to_owned()).or_default();
        tries.retain(counts);
        if tries.len() >= WRONG_MAX {
            return false;
        }
        tries.push(now);
        true
    }

    fn was_right(&mut self, name: &str, began: Timestamp) {
        if let Some(tries) = self.wrong.get_mut(name) {
            if let Some(index) = tries.iter().position(|at| *at == began) {
                tries.remove(index);
            }
            if tries.is_empty() {
                self.wrong.remove(name);
            }
        }
    }
}

fn crowded(message: &str) -> TradeError {
    TradeError::new(ErrorCode::RateLimited, message)
}

impl Inner {
    /// Whether a password belongs to a digest; `None`: to nobody's, which takes the same time. `name` is the
    /// digest of the name that goes with it.
    pub(super) async fn check_password(
        &self,
        agent: &AgentProfile,
        name: &str,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, TradeError> {
        let _place = Place::take(&self.passwords, agent)
            .ok_or_else(|| crowded("too many sign-ins of this agent at once; try again"))?;
        let began = self.now();
        if !self.passwords.lock().begin(name, hash.is_some(), began) {
            return Err(crowded("too many wrong passwords; wait a minute"));
        }
        let is_known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => self.nobodys_hash().await?,
        };
        let vault = std::sync::Arc::clone(&self.vault);
        let holds = self
            .beside_the_runtime(move || vault.verify_password(&password, &hash))
            .await?;
        let is_right = holds && is_known;
        if is_right {
            self.passwords.lock().was_right(name, began);
        }
        Ok(is_right)
    }

    /// A digest of a new password.
    pub(super) async fn hash_password(
        &self,
        agent: &AgentProfile,
        password: String,
    ) -> Result<String, TradeError> {
        let _place = Place::take(&self.passwords, agent)
            .ok_or_else(|| crowded("too many registrations of this agent at once; try again"))?;
        let vault = std::sync::Arc::clone(&self.vault);
        self.beside_the_runtime(move || vault.hash_password(&password))
            .await
    }

    async fn nobodys_hash(&self) -> Result<String, TradeError> {
        if let Some(hash) = self.passwords.nobodys.get() {
            return Ok(hash.clone());
        }
        let vault = std::sync::Arc::clone(&self.vault);
        let made = self
            .beside_the_runtime(move || vault.hash_password(&vault.nonce(32)))
            .await?;
        Ok(self.passwords.nobodys.get_or_init(|| made).clone())
    }

    async fn beside_the_runtime<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, TradeError> {
        let fault = |cause: String| {
            tracing::error!(cause, "a password cannot be checked");
            TradeError::new(
                ErrorCode::ServiceUnavailable,
                "the service is stopping; try again",
            )
        };
        let permit = self.passwords.checks.acquire().await;
        let _permit = permit.map_err(|cause| fault(cause.to_string()))?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|cause| fault(cause.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_ms(1_768_442_400_000);

    #[test]
    fn five_wrong_passwords_of_a_name_are_enough_for_a_minute() {
        let mut state = State::default();
        for index in 0..5 {
            assert!(state.begin("a", true, START.plus_ms(index)));
        }
        assert!(!state.begin("a", true, START.plus_ms(59_999)));
        assert!(
            state.begin("b", true, START.plus_ms(59_999)),
            "another name"
        );
        assert!(
            state.begin("a", true, START.plus_ms(60_000)),
            "the first is forgotten"
        );
        assert!(!state.begin("a", true, START.plus_ms(60_000)));
    }

    #[test]
    fn right_passwords_do_not_count() {
        let mut state = State::default();
        for index in 0..100 {
            let at = START.plus_ms(index);
            assert!(state.begin("a", true, at));
            state.was_right("a", at);
        }
        assert!(state.wrong.is_empty());
    }

    #[test]
    fn a_flood_of_invented_names_keeps_nobody_out() {
        let mut state = State::default();
        for index in 0..NAMES_MAX + 100 {
            assert!(state.begin(&format!("invented {index}"), false, START));
        }
        assert_eq!(state.wrong.len(), NAMES_MAX);
        for _ in 0..5 {
            assert!(state.begin("known", true, START));
        }
        assert!(
            !state.begin("known", true, START),
            "known names still count"
        );
        assert!(state.begin("later", false, START.plus_ms(60_000)));
        assert_eq!(state.wrong.len(), 1, "what counts no more is forgotten");
    }
}
