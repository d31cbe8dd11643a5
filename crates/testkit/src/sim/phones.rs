//! Phones, to which login codes go; now and then a text is not taken or does not arrive.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use heliu_ports::sms::{SmsError, SmsSender};

use super::stage::Stage;

/// How often a text is refused or lost, out of a hundred.
const REFUSED: i64 = 10;
const LOST: i64 = 10;

/// What one phone got.
#[derive(Default)]
struct Phone {
    /// How many texts were sent to it, whatever became of them.
    sent: usize,
    /// Codes that it shows, the newest last.
    codes: Vec<String>,
}

/// All phones.
pub(super) struct Phones {
    stage: Arc<Stage>,
    by_mobile: Mutex<BTreeMap<String, Phone>>,
}

impl Phones {
    pub(super) fn new(stage: &Arc<Stage>) -> Arc<Self> {
        Arc::new(Self {
            stage: Arc::clone(stage),
            by_mobile: Mutex::default(),
        })
    }

    fn by_mobile(&self) -> MutexGuard<'_, BTreeMap<String, Phone>> {
        self.by_mobile
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// How many texts were sent to a phone.
    pub(super) fn sent(&self, mobile: &str) -> usize {
        self.by_mobile().get(mobile).map_or(0, |phone| phone.sent)
    }

    /// The codes that a phone shows, the newest last.
    pub(super) fn codes(&self, mobile: &str) -> Vec<String> {
        let phones = self.by_mobile();
        phones
            .get(mobile)
            .map_or_else(Vec::new, |phone| phone.codes.clone())
    }
}

impl SmsSender for Phones {
    fn send(&self, mobile: &str, text: &str) -> BoxFuture<'_, Result<(), SmsError>> {
        let refused = self.stage.trouble(REFUSED);
        let lost = self.stage.trouble(LOST);
        let is_digit = |c: &char| c.is_ascii_digit();
        let from_code = text.chars().skip_while(|c| !is_digit(c));
        let code: String = from_code.take_while(is_digit).collect();
        let mut phones = self.by_mobile();
        let phone = phones.entry(mobile.to_owned()).or_default();
        phone.sent += 1;
        let fate = match (refused, lost) {
            (true, _) => "refused",
            (false, true) => "lost",
            (false, false) => {
                phone.codes.push(code.clone());
                "shown"
            }
        };
        drop(phones);
        self.stage.line("phone", fate, mobile, &code);
        Box::pin(async move {
            match refused {
                true => Err(SmsError("the provider is busy".to_owned())),
                false => Ok(()),
            }
        })
    }
}
