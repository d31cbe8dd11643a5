//! Passwords cost processor time and memory on purpose, so they are checked beside the runtime, a
//! few at a time, and a name takes few wrong ones a minute. No agent's flood keeps another's
//! merchants out.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use heliu_trade::error::{ErrorCode, TradeError};
use heliu_trade::id::{AgentId, DialectId};
use heliu_trade::time::Timestamp;
use tokio::sync::{Notify, Semaphore};

use crate::Inner;
use crate::common::directory::AgentProfile;

/// Checks at the same time: about 20 MiB each.
const CHECKS_AT_ONCE: usize = 4;
/// Checks of one agent that run or wait.
const CHECKS_PER_AGENT: usize = 64;
/// Wrong passwords of one name within [`WINDOW_MS`].
const WRONG_MAX: usize = 5;
/// How long a wrong password counts, in ms.
const WINDOW_MS: i64 = 60_000;
/// Names that are remembered before those are forgotten whose wrong passwords count no more.
const NAMES_MAX: usize = 10_000;

pub(crate) struct Passwords {
    checks: Semaphore,
    state: Mutex<State>,
    /// Somebody's password turned out right or wrong.
    decided: Notify,
    /// What an unknown name's password is compared with, so that it takes the same time.
    nobodys: OnceLock<String>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            checks: Semaphore::new(CHECKS_AT_ONCE),
            state: Mutex::default(),
            decided: Notify::new(),
            nobodys: OnceLock::new(),
        }
    }
}

#[derive(Default)]
struct State {
    /// Tries by the digest of their name.
    names: HashMap<String, Tries>,
    running: HashMap<(DialectId, AgentId), usize>,
}

/// The tries of one name.
#[derive(Default)]
struct Tries {
    /// When wrong ones were made.
    wrong: Vec<Timestamp>,
    /// Those that may turn out wrong yet.
    undecided: usize,
}

impl Tries {
    /// Either way: a clock that was set back makes nobody wait longer.
    fn forget(&mut self, now: Timestamp) {
        self.wrong.retain(|at| now.since_ms(*at).abs() < WINDOW_MS);
    }

    const fn is_empty(&self) -> bool {
        self.wrong.is_empty() && self.undecided == 0
    }
}

/// Whether a name may try once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begun {
    /// Yes, and it is counted.
    Go,
    /// Yes, and nobody counts it: an invented name in a flood of them.
    Uncounted,
    /// Once those under way are decided.
    Wait,
    /// It has had enough wrong ones.
    Enough,
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
    fn begin(&mut self, name: &str, is_known: bool, now: Timestamp) -> Begun {
        if self.names.len() >= NAMES_MAX {
            self.names.retain(|_, tries| {
                tries.forget(now);
                !tries.is_empty()
            });
        }
        if !self.names.contains_key(name) && self.names.len() >= NAMES_MAX && !is_known {
            // There is nothing to guess behind it.
            return Begun::Uncounted;
        }
        let tries = self.names.entry(name.to_owned()).or_default();
        tries.forget(now);
        if tries.wrong.len() >= WRONG_MAX {
            return Begun::Enough;
        }
        if tries.wrong.len() + tries.undecided >= WRONG_MAX {
            return Begun::Wait;
        }
        tries.undecided += 1;
        Begun::Go
    }

    fn end(&mut self, name: &str, is_right: bool, now: Timestamp) {
        if let Some(tries) = self.names.get_mut(name) {
            tries.undecided = tries.undecided.saturating_sub(1);
            if !is_right {
                tries.wrong.push(now);
            }
            if tries.is_empty() {
                self.names.remove(name);
            }
        }
    }
}

/// A try under way; wrong unless it turned out right, also if nobody waited for its end.
struct Try<'a> {
    passwords: &'a Passwords,
    name: Option<&'a str>,
    began: Timestamp,
    is_right: bool,
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        if let Some(name) = self.name {
            self.passwords.lock().end(name, self.is_right, self.began);
            self.passwords.decided.notify_waiters();
        }
    }
}

fn crowded(problem: &str) -> TradeError {
    TradeError::advised(ErrorCode::RateLimited, problem)
}

/// Whether a password belongs to a digest; `None`: to nobody's, which takes the same time.
/// `name` is the digest of the name that goes with it.
pub(crate) async fn check_password(
    inner: &Inner,
    agent: &AgentProfile,
    name: &str,
    password: String,
    hash: Option<String>,
) -> Result<bool, TradeError> {
    let _place = Place::take(&inner.passwords, agent)
        .ok_or_else(|| crowded("too many sign-ins of this agent at once"))?;
    let mut attempt = begin_try(inner, name, hash.is_some()).await?;
    let is_known = hash.is_some();
    let hash = match hash {
        Some(hash) => hash,
        None => nobodys_hash(inner).await?,
    };
    let vault = std::sync::Arc::clone(&inner.vault);
    let holds = beside_the_runtime(inner, move || vault.verify_password(&password, &hash)).await?;
    attempt.is_right = holds && is_known;
    Ok(attempt.is_right)
}

async fn begin_try<'a>(
    inner: &'a Inner,
    name: &'a str,
    is_known: bool,
) -> Result<Try<'a>, TradeError> {
    loop {
        let decided = inner.passwords.decided.notified();
        let began = inner.now();
        let begun = inner.passwords.lock().begin(name, is_known, began);
        let counted = match begun {
            Begun::Go => Some(name),
            Begun::Uncounted => None,
            Begun::Enough => return Err(crowded("too many wrong passwords; wait a minute")),
            Begun::Wait => {
                decided.await;
                continue;
            }
        };
        return Ok(Try {
            passwords: &inner.passwords,
            name: counted,
            began,
            is_right: false,
        });
    }
}

/// A digest of a new password, if there is one.
pub(crate) async fn hash_password(
    inner: &Inner,
    agent: &AgentProfile,
    password: Option<String>,
) -> Result<Option<String>, TradeError> {
    let Some(password) = password else {
        return Ok(None);
    };
    let _place = Place::take(&inner.passwords, agent)
        .ok_or_else(|| crowded("too many registrations of this agent at once"))?;
    let vault = std::sync::Arc::clone(&inner.vault);
    let hash = beside_the_runtime(inner, move || vault.hash_password(&password));
    hash.await.map(Some)
}

async fn nobodys_hash(inner: &Inner) -> Result<String, TradeError> {
    if let Some(hash) = inner.passwords.nobodys.get() {
        return Ok(hash.clone());
    }
    let vault = std::sync::Arc::clone(&inner.vault);
    let made = beside_the_runtime(inner, move || vault.hash_password(&vault.nonce(32))).await?;
    Ok(inner.passwords.nobodys.get_or_init(|| made).clone())
}

async fn beside_the_runtime<T: Send + 'static>(
    inner: &Inner,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, TradeError> {
    let fault = |cause: String| {
        tracing::error!(cause, "a password cannot be checked");
        TradeError::advised(ErrorCode::ServiceUnavailable, "the service is stopping")
    };
    let permit = inner.passwords.checks.acquire().await;
    let _permit = permit.map_err(|cause| fault(cause.to_string()))?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|cause| fault(cause.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_ms(1_768_442_400_000);

    fn wrong(state: &mut State, name: &str, at: Timestamp) -> Begun {
        let begun = state.begin(name, true, at);
        if begun == Begun::Go {
            state.end(name, false, at);
        }
        begun
    }

    #[test]
    fn five_wrong_passwords_of_a_name_are_enough_for_a_minute() {
        let mut state = State::default();
        for index in 0..5 {
            assert_eq!(wrong(&mut state, "a", START.plus_ms(index)), Begun::Go);
        }
        let late = START.plus_ms(59_999);
        assert_eq!(wrong(&mut state, "a", late), Begun::Enough);
        assert_eq!(wrong(&mut state, "b", late), Begun::Go, "another name");
        let later = START.plus_ms(60_000);
        assert_eq!(
            wrong(&mut state, "a", later),
            Begun::Go,
            "one counts no more"
        );
        assert_eq!(wrong(&mut state, "a", later), Begun::Enough);
    }

    #[test]
    fn guesses_at_the_same_time_are_counted_and_right_ones_are_not() {
        let mut state = State::default();
        for _ in 0..5 {
            assert_eq!(state.begin("a", true, START), Begun::Go);
        }
        assert_eq!(state.begin("a", true, START), Begun::Wait);
        for _ in 0..5 {
            state.end("a", true, START);
        }
        assert!(state.names.is_empty(), "all were right");
        for _ in 0..5 {
            assert_eq!(state.begin("a", true, START), Begun::Go);
        }
        for _ in 0..5 {
            state.end("a", false, START);
        }
        assert_eq!(state.begin("a", true, START), Begun::Enough);
    }

    #[test]
    fn a_flood_of_invented_names_keeps_nobody_out() {
        let mut state = State::default();
        for index in 0..NAMES_MAX + 100 {
            let begun = wrong(&mut state, &format!("invented {index}"), START);
            assert_eq!(begun, Begun::Go);
        }
        let last = state.begin("one more", false, START);
        assert_eq!(last, Begun::Uncounted);
        for _ in 0..5 {
            assert_eq!(wrong(&mut state, "known", START), Begun::Go);
        }
        let enough = wrong(&mut state, "known", START);
        assert_eq!(enough, Begun::Enough, "known names still count");
        let later = START.plus_ms(60_000);
        assert_eq!(state.begin("later", false, later), Begun::Go);
        assert_eq!(state.names.len(), 1, "what counts no more is forgotten");
    }
}
