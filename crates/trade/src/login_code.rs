//! 短信验证码: a code by which somebody proves to have a merchant's mobile number.

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, TradeError};
use crate::followup::subject::{Owner, Subject};
use crate::id::{AgentId, DialectId, PlatformNo};
use crate::record::{Aggregate, Draft, Name, RecordKind, Want};
use crate::time::Timestamp;

/// Whose login code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LoginCodeKey {
    /// On which wire.
    pub dialect_id: DialectId,
    /// Under which agent.
    pub agent_id: AgentId,
    /// Keyed digest of the mobile number.
    pub mobile_digest: String,
}

impl LoginCodeKey {
    /// What a step about it works on.
    #[must_use]
    pub fn want(&self) -> Want {
        Want::Named(RecordKind::LoginCode, self.name())
    }

    fn name(&self) -> Name {
        let Self {
            dialect_id,
            agent_id,
            mobile_digest,
        } = self;
        Name::new("mobile", format!("{dialect_id}/{agent_id}/{mobile_digest}"))
    }
}

/// The last code that was sent to a mobile number, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginCode {
    /// Whose.
    pub key: LoginCodeKey,
    /// Keyed digest of the code.
    pub code_digest: String,
    /// When it was sent (UTC).
    pub sent_at: Timestamp,
    /// Until when it holds (UTC).
    pub expires_at: Timestamp,
    /// How often a wrong one was tried.
    pub wrong_tries: u32,
    /// Whether it is used up.
    pub is_used: bool,
    /// Whether the last try was right.
    pub was_right: bool,
}

/// What happened, or what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A code is sent; it takes the place of the one before.
    Send {
        /// Our number, if it is the first to this mobile number.
        record_no: PlatformNo,
        /// Whose.
        key: LoginCodeKey,
        /// Keyed digest of the code.
        code_digest: String,
        /// Until when it holds (UTC).
        expires_at: Timestamp,
    },
    /// Somebody shows a code. A right one is used up, a wrong one counted; [`LoginCode::was_right`]
    /// tells.
    Try {
        /// Keyed digest of the code.
        code_digest: String,
    },
}

impl LoginCode {
    /// Gap between two codes to one number, in ms.
    pub const GAP_MS: i64 = 60_000;
    /// So many wrong tries make a code void.
    pub const WRONG_TRIES_MAX: u32 = 5;

    /// Not if it comes from a time before the clock was set back: it would hold as long again.
    fn holds(&self, now: Timestamp) -> bool {
        let was_set_back = self.sent_at.since_ms(now) >= Self::GAP_MS;
        let is_in_time = self.expires_at > now && !was_set_back;
        !self.is_used && is_in_time && self.wrong_tries < Self::WRONG_TRIES_MAX
    }

    /// Whether it was sent within the last gap. A clock that was set back makes nobody wait longer.
    const fn is_fresh(&self, now: Timestamp) -> bool {
        now.since_ms(self.sent_at).abs() < Self::GAP_MS
    }
}

impl Aggregate for LoginCode {
    const KIND: RecordKind = RecordKind::LoginCode;

    fn state(&self) -> &'static str {
        if self.is_used {
            "used"
        } else if self.wrong_tries >= Self::WRONG_TRIES_MAX {
            "void"
        } else {
            "sent"
        }
    }

    fn names(&self) -> Vec<Name> {
        vec![self.key.name()]
    }
}

/// The number's code is the step's only want.
pub(crate) fn decide(draft: &mut Draft, action: &Action) -> Result<(), TradeError> {
    let standing = draft.get::<LoginCode>(0)?;
    match action {
        Action::Send {
            record_no,
            key,
            code_digest,
            expires_at,
        } => {
            let now = draft.now;
            let new = LoginCode {
                key: key.clone(),
                code_digest: code_digest.clone(),
                sent_at: now,
                expires_at: *expires_at,
                wrong_tries: 0,
                is_used: false,
                was_right: false,
            };
            match standing {
                None => {
                    let subject = Subject {
                        owner: Owner::Platform,
                        no: *record_no,
                    };
                    draft.insert(subject, &new).map(|_| ())
                }
                Some(old) if old.is_fresh(now) => {
                    let message = "a code was asked for this number less than a minute ago; wait";
                    Err(TradeError::new(ErrorCode::RateLimited, message))
                }
                Some(_) => draft.update(0, &new),
            }
        }
        Action::Try { code_digest } => {
            let Some(mut code) = standing else {
                return Ok(());
            };
            let is_taken = code.holds(draft.now);
            code.was_right = is_taken && code.code_digest == *code_digest;
            if is_taken {
                code.is_used = code.was_right;
                code.wrong_tries += u32::from(!code.was_right);
            }
            draft.update(0, &code)
        }
    }
}
