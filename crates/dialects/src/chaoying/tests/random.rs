//! Random input does no harm, and what a client signs by the description is taken.

use heliu_ports::dialect::Dialect as _;
use proptest::prelude::*;

use super::super::Chaoying;
use super::samples::{GATEWAY, KEY, decode, of_vector, reading, request, signed, surface, vectors};

proptest! {
    #[test]
    fn random_bytes(body in prop::collection::vec(any::<u8>(), 0..400), query in "\\PC{0,60}") {
        for surface in Chaoying.surfaces() {
            for route in surface.descriptor().routes {
                drop(surface.decode(&request(route.path, &query, body.clone())));
            }
        }
        let _ = Chaoying.page("/pay/alipay/jspay", &query);
        let _ = Chaoying.code_image("/pay/qrcode", &query);
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
        *at.get_mut::<u8>(&mut body) = byte;
        request.body = body.into();
        if let Ok(decoded) = surface(&request.path).decode(&request) {
            for index in 0..decoded.readings.names().len() {
                let _ = decoded.readings.spec(index);
            }
        }
    }

    #[test]
    fn what_is_signed_by_the_description_holds(
        pairs in prop::collection::btree_map("[a-z_]{1,10}", "\\PC{0,30}", 0..8),
    ) {
        let reserved = ["method", "agent_id", "version", "pid", "sign"];
        let mut all = vec![("method", "pay")];
        let free = pairs.iter().filter(|(name, _)| !reserved.contains(&name.as_str()));
        all.extend(free.map(|(name, value)| (&**name, &**value)));
        let decoded = decode(&signed(GATEWAY, &all));
        prop_assert_eq!(reading(&decoded, KEY), Some("ascii_trimmed"));
    }
}
