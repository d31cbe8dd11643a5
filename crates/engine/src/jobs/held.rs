//! Jobs that handlers of this node work on. A clock that is set forward ends their leases: they
//! come again while they are worked on, and are left to whoever has them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use heliu_trade::followup::job::JobKey;

/// Each with whether it came again meanwhile.
#[derive(Clone, Default)]
pub(crate) struct HeldJobs(Arc<Mutex<HashMap<JobKey, bool>>>);

impl HeldJobs {
    fn lock(&self) -> MutexGuard<'_, HashMap<JobKey, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A handler takes a job; `None` if another one has it.
    pub(super) fn begin(&self, key: &JobKey) -> Option<Held> {
        let mut jobs = self.lock();
        if let Some(came_again) = jobs.get_mut(key) {
            *came_again = true;
            return None;
        }
        jobs.insert(key.clone(), false);
        Some(Held {
            jobs: self.clone(),
            key: Some(key.clone()),
        })
    }
}

/// A job that a handler works on, until this is dropped.
pub(super) struct Held {
    jobs: HeldJobs,
    key: Option<JobKey>,
}

impl Held {
    /// The handler is done: the job, if it came again meanwhile and is to be given back.
    pub(super) fn end(mut self) -> Option<JobKey> {
        let key = self.key.take()?;
        let came_again = self.jobs.lock().remove(&key)?;
        came_again.then_some(key)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.jobs.lock().remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use heliu_trade::followup::job::JobKind;
    use heliu_trade::followup::subject::Subject;
    use heliu_trade::id::PlatformNo;

    use super::*;

    #[test]
    fn a_job_is_worked_on_once_at_a_time_and_given_back_if_it_came_again() {
        let jobs = HeldJobs::default();
        let key = |about| JobKey {
            subject: Subject::of_merchant(&"m".into(), PlatformNo::from_u64(1)),
            kind: JobKind::FinishRefund,
            about,
        };
        let held = jobs.begin(&key(1)).expect("free");
        assert!(jobs.begin(&key(1)).is_none());
        assert_eq!(jobs.begin(&key(2)).expect("another one").end(), None);
        assert_eq!(held.end(), Some(key(1)));
        drop(jobs.begin(&key(1)).expect("free again"));
        assert!(
            jobs.begin(&key(1)).is_some(),
            "a handler that died has it no more"
        );
    }
}
