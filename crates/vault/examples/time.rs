use heliu_ports::keys::*; use heliu_ports::signature::*; use heliu_vault::*;
fn main() {
    let v = SealingVault::new(RootKey::generate());
    let o = KeyOwner::ChannelAccount(heliu_trade::id::ChannelAccountId::from("a"));
    let k = v.seal_key(&o, "trade", 1, "fufu_demo_key_0123456789abcdef01").unwrap();
    let keys = v.open_keys(&o, &[k]).unwrap();
    let spec = SignatureSpec { algorithm: Algorithm::Md5, pieces: vec![Piece::text("1768442400001"), Piece::Key(KeyRole::TRADE), Piece::text("x".repeat(330))], rendering: Rendering::LowerHex };
    let n = 200000;
    let run = |name: &str, f: &dyn Fn()| { let t = std::time::Instant::now(); for _ in 0..n { f() } println!("{name} {:?}", t.elapsed() / n); };
    run("verify", &|| { std::hint::black_box(keys.verify(&spec, "af2597b743d2ead0792810a87eec3453")); });
    run("seal", &|| { std::hint::black_box(v.seal("orders/1/auth", "284214903060794755")); });
    let s = v.seal("orders/1/auth", "284214903060794755");
    run("open", &|| { std::hint::black_box(v.open("orders/1/auth", &s)); });
    run("digest", &|| { std::hint::black_box(v.digest("orders", "284214903060794755")); });
    run("nonce", &|| { std::hint::black_box(v.nonce(32)); });
}
