//! What the answers of several services share: their opening, a failure, an order, the line's
//! number. Source: Leshua trade services, sections 1.3 and 2.1.

use heliu_ports::dialect::{Echo, EncodeContext};
use heliu_trade::attempt::Attempt;
use heliu_trade::order::Order;
use heliu_trade::routing::contract_for;

use super::super::codes::Word;
use super::super::sign::{ERROR_CODE, RESP_CODE};
use super::super::{NONCE_LENGTH, attribute};
use super::members::Members;
use super::order;

/// An answer, by whether it is to be signed.
pub(super) enum Answer {
    /// The business did what was asked, or failed.
    Signed(Members),
    /// The gateway did not do what was asked.
    Plain(Members),
}

impl Answer {
    /// The gateway did not do what was asked.
    pub(super) fn gateway(word: Word) -> Self {
        let mut members = Members::default();
        members
            .text(RESP_CODE, word.code)
            .text("resp_msg", word.text);
        Self::Plain(members)
    }
}

/// What an answer needs to know beside its outcome.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    /// What the request carried.
    pub(super) echo: &'a Echo,
    /// What else there is to know.
    pub(super) context: EncodeContext<'a>,
}

impl Call<'_> {
    /// An order after the frame.
    pub(super) fn order(self, members: &mut Members, order: &Order, line: Option<&Attempt>) {
        let sub_merchant_id = self.sub_merchant_id(order, line);
        order::told(members, order, sub_merchant_id, self.nonce());
    }

    /// The opening elements.
    pub(super) fn frame(self, result_code: &'static str) -> Members {
        let mut members = Members::default();
        members
            .text(RESP_CODE, "0")
            .optional("merchant_id", self.echo.get(attribute::MERCHANT_ID))
            .signature()
            .text("result_code", result_code);
        members
    }

    /// The business failed, as most services tell it.
    pub(super) fn failed(self, word: Word) -> Answer {
        let mut members = self.failure();
        members
            .text("nonce_str", self.nonce())
            .text(ERROR_CODE, word.code)
            .text("error_msg", word.text);
        Answer::Signed(members)
    }

    /// How each failure of the business opens.
    pub(super) fn failure(self) -> Members {
        let mut members = self.frame("1");
        members.optional("third_order_id", self.echo.get(attribute::THIRD_ORDER_ID));
        members
    }

    /// 子商户号 of the line that counts, or else of the contract by which the order's wallet will
    /// be paid.
    pub(super) fn sub_merchant_id<'o>(
        self,
        order: &Order,
        line: Option<&'o Attempt>,
    ) -> Option<&'o str>
    where
        Self: 'o,
    {
        let contracts = self.context.contracts;
        let contract = || {
            let found = contract_for(contracts, order.wallet?)?;
            Some(found.sub_merchant_id.as_str())
        };
        sub_merchant_id(line).or_else(contract)
    }

    /// A `nonce_str`.
    pub(super) fn nonce(self) -> String {
        (self.context.nonce)(NONCE_LENGTH)
    }
}

/// 子商户号 of the line that counts, where it is known.
pub(in super::super) fn sub_merchant_id(line: Option<&Attempt>) -> Option<&str> {
    line.map(|attempt| attempt.route.sub_merchant_id.as_str())
        .filter(|number| !number.is_empty())
}
