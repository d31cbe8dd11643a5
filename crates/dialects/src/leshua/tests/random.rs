//! Random input does no harm, and what a client signs by the description is taken.

use heliu_ports::dialect::{Dialect as _, Surface as _};
use heliu_trade::command::Reply;
use proptest::prelude::*;

use super::super::Leshua;
use super::super::trade::Trade;
use super::samples::{
    TRADE_KEY, decode, echo, elements, encode, fourth_paid, md5, of_vector, reading, request,
    sign_input, signed, vectors,
};

proptest! {
    #[test]
    fn random_bytes(body in prop::collection::vec(any::<u8>(), 0..400), query in "\\PC{0,60}") {
        drop(Trade.decode(&request(&query, body)));
        let _ = Leshua.page("/cgi-bin/lepos_pay_cashier.cgi", &query);
    }

    #[test]
    fn mutated_vectors(
        pick in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let vectors = vectors();
        let mut request = of_vector(pick.get(&vectors));
        let mut body = request.body.to_vec();
        if body.is_empty() {
            body.push(b'a');
        }
        *at.get_mut::<u8>(&mut body) = byte;
        request.body = body.into();
        if let Ok(decoded) = Trade.decode(&request) {
            for (index, name) in decoded.readings.names().iter().enumerate() {
                let _ = decoded.readings.spec(index);
                let _ = Trade.command_of_reading(&request, name);
            }
        }
    }

    #[test]
    fn what_is_signed_by_the_description_holds(
        pairs in prop::collection::btree_map("[a-z_]{1,10}", "\\PC{0,30}", 0..8),
    ) {
        let reserved = ["service", "merchant_id", "nonce_str", "sign"];
        let mut all = vec![("service", "query_status")];
        let free = pairs.iter().filter(|(name, _)| !reserved.contains(&name.as_str()));
        all.extend(free.map(|(name, value)| (&**name, &**value)));
        prop_assert_eq!(reading(&decode(&signed(&all)), TRADE_KEY), Some("empty_dropped"));
    }

    #[test]
    fn every_answer_verifies_as_a_reader_finds_it(
        attach in any::<String>(),
        payer in any::<String>(),
    ) {
        let mut order = fourth_paid();
        std::sync::Arc::make_mut(&mut order.details).attributes.insert("attach".to_owned(), attach);
        super::samples::evidence(&mut order).notes = None;
        super::samples::evidence(&mut order).payer_id = Some(payer);
        let reply = Reply::Order { order: Box::new(order), attempts: Vec::new(), auth_code: None };
        let answer = encode(&echo("query_status"), Ok(&reply));
        let found = elements(&answer.body);
        prop_assert!(found.iter().all(|(_, value)| !value.is_empty()));
        let pairs = found.iter().map(|(name, value)| (&**name, &**value));
        let sign = md5(sign_input(pairs, TRADE_KEY).as_bytes()).to_uppercase();
        prop_assert!(found.contains(&("sign".to_owned(), sign)));
    }
}
