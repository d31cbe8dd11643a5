//! The frame around every answer, and what of it several interfaces share.

use std::borrow::Cow;

use heliu_trade::verdict::{Decline, DeclineKind};

use super::super::codes;
use crate::object::Object;

/// What goes into the frame.
pub(super) enum Answer {
    /// The call was not accepted.
    Call(&'static str),
    /// The call was accepted; what became of the operation.
    Data(Object),
}

impl Answer {
    /// An operation that did not work, of which there is nothing else to tell.
    pub(super) fn failure(word: &str, call_zone: Option<&str>) -> Self {
        let mut data = Object::new();
        data.text("return_code", codes::FAIL)
            .text("return_msg", word)
            .optional("time_zone", call_zone);
        Self::Data(data)
    }

    /// The same, where a channel declined.
    pub(super) fn declined(decline: Option<&Decline>, call_zone: Option<&str>) -> Self {
        match declined(decline) {
            Ok(word) => Self::failure(&word, call_zone),
            Err(word) => Self::Call(word),
        }
    }

    /// The body: `result`, then `data` if the call was accepted.
    pub(super) fn frame(self) -> Vec<u8> {
        let (mut frame, mut result) = (Object::new(), Object::new());
        match self {
            Self::Call(word) => {
                result
                    .text("return_msg", word)
                    .text("return_code", codes::FAIL);
                frame.object("result", result);
            }
            Self::Data(data) => {
                frame.object("result", accepted()).object("data", data);
            }
        }
        frame.finish()
    }
}

/// `result` of a call that was accepted; notifications begin with it too.
pub(in super::super) fn accepted() -> Object {
    let mut result = Object::new();
    result
        .text("return_msg", "OK")
        .text("return_code", codes::SUCCESS);
    result
}

/// The channel's word; that a channel was never reached is an error of the call, in a word of its
/// own.
pub(super) fn declined(decline: Option<&Decline>) -> Result<Cow<'_, str>, &'static str> {
    let Some(decline) = decline else {
        return Ok(Cow::Borrowed(codes::ORDER_FAILED));
    };
    match decline.kind {
        DeclineKind::Unreachable => Err(codes::HTTP_EXCEPTION),
        DeclineKind::NotSecured => Err(codes::CREATE_SECURITY_CONNECTION_ERROR),
        DeclineKind::Refused | DeclineKind::CodeInvalid | DeclineKind::Closed
            if decline.reason.is_empty() =>
        {
            Ok(Cow::Borrowed(codes::ORDER_FAILED))
        }
        DeclineKind::Refused | DeclineKind::CodeInvalid | DeclineKind::Closed => {
            Ok(Cow::Borrowed(&decline.reason))
        }
    }
}
