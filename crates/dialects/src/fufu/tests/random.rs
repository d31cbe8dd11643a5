//! Random and mutated requests: never a panic, and the same bytes always read the same.

use heliu_ports::dialect::Surface as _;
use proptest::prelude::*;

use super::super::trade::Trade;
use super::samples::{of_vector, path, request, vectors};

fn survives(path: &str, query: &str, body: Vec<u8>) {
    let request = request(path, query, body);
    match (Trade.decode(&request), Trade.decode(&request)) {
        (Ok(once), Ok(again)) => {
            assert_eq!(once.command, again.command);
            assert_eq!(once.echo, again.echo);
            for index in 0..once.readings.names().len() {
                assert_eq!(once.readings.spec(index), again.readings.spec(index));
            }
        }
        (Err(once), Err(again)) => assert_eq!(once.error, again.error),
        _ => panic!("the same bytes read differently"),
    }
}

proptest! {
    #[test]
    fn random_bytes(
        index in 0..path::ALL.len(),
        query in "(sign=[0-9a-f]{32}:[0-9]{1,20})|.{0,40}",
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        survives(path::ALL[index], &query, body);
    }

    #[test]
    fn mutated_vectors(
        index in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        let vectors = vectors();
        let vector = &vectors[index.index(vectors.len())];
        let request = of_vector(vector);
        let mut body = request.body.to_vec();
        for (place, byte, how) in cuts {
            let at = place.index(body.len().max(1));
            match how {
                _ if body.is_empty() => body.push(byte),
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                _ => { body.remove(at); }
            }
        }
        survives(&request.path, &request.query, body);
    }

    #[test]
    fn random_values(
        name in prop::sample::select(vec![
            "total_fee", "channel_type", "auth_code", "time_zone", "out_trade_no", "time_expire", "notifyUrl",
        ]),
        value in ".{0,80}",
        index in 0..path::ALL.len(),
    ) {
        let body = serde_json::json!({ "busi_id": "1", name: value }).to_string();
        survives(path::ALL[index], "", body.into_bytes());
    }
}
