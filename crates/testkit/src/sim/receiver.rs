//! Merchants' receivers of notifications: they refuse, are slow, hear twice, or say that they heard
//! where nobody listens any more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use heliu_ports::transport::{CallError, CallLimits, Transport};
use heliu_ports::wire::{OutRequest, WireResponse};
use heliu_trade::followup::notification::{Notification, NotificationState};
use heliu_trade::id::{MerchantId, NotificationNo, OrderNo};

use super::dialect::{HEARD, Told};
use super::recorder::Recorder;
use super::stage::{Stage, wait_ms};
use crate::MemoryStore;

/// All receivers.
pub(super) struct Receivers {
    stage: Arc<Stage>,
    store: Arc<MemoryStore>,
    recorder: Arc<Recorder>,
    /// How often an answer is not "heard", out of a hundred.
    refuses_percent: i64,
    /// Whether they go on refusing after all else has calmed down.
    is_stubborn: bool,
    letters: Mutex<BTreeMap<String, Letter>>,
}

/// One notification as its receiver knows it.
#[derive(Default)]
struct Letter {
    body: String,
    deliveries: u32,
    /// Whether the receiver said that it heard, and whether we could hear that.
    is_heard: bool,
}

impl Receivers {
    pub(super) fn new(
        stage: &Arc<Stage>,
        store: &Arc<MemoryStore>,
        recorder: &Arc<Recorder>,
    ) -> Arc<Self> {
        Arc::new(Self {
            stage: Arc::clone(stage),
            store: Arc::clone(store),
            recorder: Arc::clone(recorder),
            refuses_percent: *stage.dice.pick(&[0, 20, 60, 95]),
            is_stubborn: stage.dice.happens(30),
            letters: Mutex::default(),
        })
    }

    /// Whether a receiver said that it heard this notification.
    pub(super) fn is_heard(&self, notification_no: NotificationNo) -> bool {
        let letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        let letter = letters.get(&notification_no.to_string());
        letter.is_some_and(|letter| letter.is_heard)
    }

    /// What must hold of a delivery when it comes (invariants 8, 9 and 15).
    fn check(&self, body: &str) -> Option<()> {
        let told = Told::read(body)?;
        let order_no: OrderNo = told.order_no.parse().ok()?;
        let number: NotificationNo = told.notification_no.parse().ok()?;
        let (stage, subject) = (&self.stage, told.notification_no);
        let book = self
            .store
            .book(&MerchantId::from(told.merchant), order_no)?;
        let known: &Notification = book
            .trail
            .notifications
            .iter()
            .find(|known| known.notification_no == number)?;
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        let letter = letters.entry(subject.to_owned()).or_default();
        letter.deliveries += 1;
        stage.must(letter.deliveries <= known.tries, || {
            format!(
                "(8) delivery {} of {subject}, the books have {}",
                letter.deliveries, known.tries
            )
        });
        let is_same = letter.body.is_empty() || letter.body == body;
        body.clone_into(&mut letter.body);
        stage.must(is_same, || {
            format!("(8) notification {subject} changed between deliveries")
        });
        stage.must(known.body.as_deref() == Some(body), || {
            format!("(9) notification {subject} is not what the books have")
        });
        let true_facts = self.recorder.made(number)?;
        stage.must(told.facts == true_facts, || {
            format!(
                "(15) notification {subject} says {}, when it was made the books said {true_facts}",
                told.facts
            )
        });
        Some(())
    }

    fn hear(&self, body: &str) {
        if let Some(told) = Told::read(body) {
            let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
            let letter = letters.entry(told.notification_no.to_owned()).or_default();
            letter.is_heard = true;
        }
    }

    /// What must hold of a notification at the end.
    pub(super) fn check_end(&self, notification: &Notification, tries_max: usize) {
        let number = notification.notification_no;
        let is_heard = self.is_heard(number);
        let holds = match notification.state {
            NotificationState::Due => false,
            NotificationState::Acknowledged => is_heard,
            NotificationState::GivenUp => {
                usize::try_from(notification.tries).is_ok_and(|tries| tries >= tries_max)
            }
        };
        self.stage.must(holds, || {
            format!(
                "(8) notification {number} is {:?} after {} of {tries_max} deliveries, heard: {is_heard}",
                notification.state, notification.tries
            )
        });
    }
}

/// What a receiver does with a delivery.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Heard,
    HeardButNobodyListens,
    WrongWord,
    Broken,
    Unreachable,
    Slow,
}

impl Transport for Receivers {
    fn call(
        &self,
        request: OutRequest,
        limits: CallLimits,
    ) -> BoxFuture<'_, Result<WireResponse, CallError>> {
        Box::pin(async move {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let (stage, dice) = (&self.stage, &self.stage.dice);
            stage.must(self.check(&body).is_some(), || {
                format!("(9) a delivery that the books do not have: {body}")
            });
            let refuses =
                dice.happens(self.refuses_percent) && (self.is_stubborn || !stage.is_calm());
            let answer = if refuses {
                *dice.pick(&[
                    Answer::HeardButNobodyListens,
                    Answer::WrongWord,
                    Answer::Broken,
                    Answer::Unreachable,
                    Answer::Slow,
                ])
            } else {
                Answer::Heard
            };
            stage.line(
                "receiver",
                "is notified",
                &request.url,
                &format!("{answer:?}: {body}"),
            );
            let said = |status, word: &'static str| WireResponse::new(status, "text/plain", word);
            wait_ms(dice.between(1, 400)).await;
            match answer {
                Answer::Heard => {
                    self.hear(&body);
                    wait_ms(dice.between(1, 400)).await;
                    Ok(said(200, HEARD))
                }
                Answer::HeardButNobodyListens => {
                    self.hear(&body);
                    Err(CallError::NoAnswer("cut off".to_owned()))
                }
                Answer::WrongWord => Ok(said(200, "what?")),
                Answer::Broken => Ok(said(500, HEARD)),
                Answer::Unreachable => Err(CallError::NotSent("refused".to_owned())),
                Answer::Slow => {
                    wait_ms(limits.timeout_ms).await;
                    Err(CallError::NoAnswer("time is up".to_owned()))
                }
            }
        })
    }

    fn check_address(&self, _url: &str) -> Result<(), String> {
        Ok(())
    }
}
