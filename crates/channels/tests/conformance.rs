//! What every channel must do, whatever it speaks. Runs over the registry.

#![expect(clippy::panic, reason = "a test fails loudly, and so do its helpers")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use heliu_ports::channel::{
    Channel, LookupRefused, PayoutBatchFile, PayoutLine, PrepayResult, ProviderNames, SentFile,
    UpstreamScene,
};
use heliu_trade::command::PayerLookup;
use heliu_trade::directory::ChannelAccount;
use heliu_trade::verdict::{
    CloseResult, DeclineKind, PayoutResult, RefundResult, ReversalResult, Verdict,
};
use heliu_trade::wallet::{Scene, WalletKind};

use support::orders::{Case, refund};
use support::{Fake, Reply, alipay, payouts, run, unionpay, wechat};

const SCENES: [UpstreamScene; 7] = [
    UpstreamScene::Barcode,
    UpstreamScene::Face,
    UpstreamScene::MerchantPage,
    UpstreamScene::CashierPage,
    UpstreamScene::Native,
    UpstreamScene::MiniProgram,
    UpstreamScene::App,
];

/// Whether the payer consents beforehand, so that the money is taken by the call.
fn takes_at_once(scene: UpstreamScene) -> bool {
    matches!(scene, UpstreamScene::Barcode | UpstreamScene::Face)
}

/// An account of each channel; a new channel adds its own.
fn settings(id: &str) -> &'static [(&'static str, &'static str)] {
    match id {
        "wechat_partner" => wechat::SETTINGS,
        "alipay_isv" => alipay::SETTINGS,
        "unionpay_partner" => unionpay::SETTINGS,
        "sandbox_bank" => payouts::BANK_SETTINGS,
        "bank_file" => payouts::FILE_SETTINGS,
        other => panic!("give {other} an account here"),
    }
}

/// An order of each scene that the channel offers.
fn cases(channel: &dyn Channel) -> Vec<(UpstreamScene, Case)> {
    let id = channel.descriptor().id;
    let mut cases = Vec::new();
    for wallet in WalletKind::ALL {
        for upstream_scene in SCENES {
            let scene = match upstream_scene {
                UpstreamScene::Barcode => Scene::Barcode,
                UpstreamScene::Face => Scene::Face,
                UpstreamScene::Native => Scene::Native,
                UpstreamScene::MiniProgram => Scene::MiniProgram,
                UpstreamScene::App => Scene::App,
                UpstreamScene::MerchantPage | UpstreamScene::CashierPage => Scene::Jsapi,
            };
            let mut case = Case::new(id, settings(id), "", scene).payer("oPayer");
            if let Some(plan) = channel.plan(&case.account, wallet, upstream_scene) {
                let route = std::sync::Arc::make_mut(&mut case.attempt.route);
                route.wallet = wallet;
                plan.api.clone_into(&mut route.api);
                route.reverses_by_call = plan.reverses_by_call;
                cases.push((upstream_scene, case));
            }
        }
    }
    cases
}

/// Whether money leaves by it.
fn pays_out(channel: &dyn Channel) -> bool {
    channel.payouts().is_some() || channel.payout_files().is_some()
}

/// Runs `check` for each channel and each of its scenes.
fn each(check: impl Fn(&Arc<dyn Channel>, UpstreamScene, &Case)) {
    for channel in heliu_channels::all() {
        let cases = cases(channel.as_ref());
        assert!(
            !cases.is_empty() || pays_out(channel.as_ref()),
            "{} offers nothing",
            channel.descriptor().id
        );
        for (scene, case) in cases {
            check(&channel, scene, &case);
        }
    }
}

/// Answers that say nothing.
fn empty_answers() -> Vec<Reply> {
    let html = "<html><body>502 Bad Gateway</body></html>";
    let mut answers = vec![
        Reply::NoAnswer,
        Reply::ok(""),
        Reply::ok(html),
        Reply::ok("{}"),
    ];
    answers.extend([
        Reply::ok("<xml></xml>"),
        Reply::ok("null"),
        Reply::ok(vec![0xff, 0x00]),
    ]);
    for status in [204, 302, 400, 404, 429, 500, 502, 503, 504] {
        answers.push(Reply::Http(status, Vec::new(), html.into()));
        answers.push(Reply::Http(status, Vec::new(), Vec::new()));
        answers.push(Reply::Http(
            status,
            Vec::new(),
            b"{\"code\":\"SYSTEM_ERROR\"}".to_vec(),
        ));
    }
    answers
}

#[test]
fn descriptors_are_complete_and_ids_are_unique() {
    let mut ids = BTreeSet::new();
    for channel in heliu_channels::all() {
        let stated = channel.descriptor();
        assert!(ids.insert(stated.id), "{} stands twice", stated.id);
        assert!(
            stated
                .id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        );
        assert!(!stated.name.is_empty() && !stated.source.is_empty());
        let settings = stated.settings.iter();
        let settings: Vec<_> = settings.map(|stated| (stated.name, stated.about)).collect();
        for list in [settings.as_slice(), stated.keys] {
            let names: BTreeSet<_> = list.iter().map(|(name, _)| name).collect();
            // Whoever is called by nobody signs nothing.
            let may_be_empty = channel.payout_files().is_some();
            assert!(
                (may_be_empty || !list.is_empty()) && names.len() == list.len(),
                "{}",
                stated.id
            );
            assert!(
                list.iter()
                    .all(|(name, text)| !name.is_empty() && !text.is_empty())
            );
        }
        // `--token WALLET=` names one.
        assert!(stated.contract_keys.len() <= 1, "{}", stated.id);
        if let Some(logins) = channel.logins() {
            assert!(!logins.authorize_parameter().is_empty());
        }
        let found = heliu_channels::find(stated.id).expect("registered");
        assert_eq!(found.descriptor().id, stated.id);
    }
    assert!(heliu_channels::find("nobody").is_none());
}

#[test]
fn a_channel_has_the_facets_that_its_papers_have() {
    for channel in heliu_channels::all() {
        let it = channel.as_ref();
        let facets = [
            ("logins", it.logins().is_some()),
            ("face kits", it.face_kits().is_some()),
            ("mini programs", it.mini_programs().is_some()),
            ("payer codes", it.payer_codes().is_some()),
            ("key publisher", it.key_publisher().is_some()),
            ("payouts", it.payouts().is_some()),
            ("payout files", it.payout_files().is_some()),
        ];
        let has = facets.into_iter().filter(|(_, is_there)| *is_there);
        let has: Vec<_> = has.map(|(name, _)| name).collect();
        let expected: &[&str] = match it.descriptor().id {
            "wechat_partner" => &[
                "logins",
                "face kits",
                "mini programs",
                "payer codes",
                "key publisher",
            ],
            "alipay_isv" => &["logins", "payouts"],
            "unionpay_partner" => &["logins", "payer codes"],
            "sandbox_bank" => &["payouts"],
            "bank_file" => &["payout files"],
            other => panic!("say here what {other} has"),
        };
        assert_eq!(has, expected, "{}", it.descriptor().id);
    }
}

#[test]
fn plans_can_be_kept() {
    each(|channel, scene, case| {
        let wallet = case.attempt.route.wallet;
        let plan = channel.plan(&case.account, wallet, scene).expect("offered");
        assert!(!plan.api.is_empty());
        assert!(plan.query_gap_ms >= 1_000 && plan.reverse_after_ms >= 0);
        assert!(plan.refund_gap_ms >= 0 && plan.refund_count_max >= 1);
        if takes_at_once(scene) {
            // Unknown payments must have a way out (channel notes 1.16, 2.6): one call, or a close
            // that takes them too (ruling 47).
            assert!(plan.reverse_after_ms >= 15_000);
            let fake = Fake::new([Reply::NoAnswer]);
            if plan.reverses_by_call {
                run(channel.reverse(&fake, &case.order()));
            } else {
                run(channel.close(&fake, &case.order()));
            }
            assert_eq!(fake.sent().len(), 1, "it is asked for");
        }
    });
}

#[test]
fn an_unreached_channel_took_nothing() {
    each(|channel, scene, case| {
        for (reply, kind, reason) in [
            (Reply::NotSent, DeclineKind::Unreachable, "UNREACHABLE"),
            (Reply::NotSecured, DeclineKind::NotSecured, "NOT_SECURED"),
        ] {
            let fake = Fake::new([reply]);
            let decline = if takes_at_once(scene) {
                match run(channel.pay(&fake, &case.order(), "134567890123456700")) {
                    Verdict::Declined(decline) => decline,
                    other => panic!("{other:?}"),
                }
            } else {
                match run(channel.prepay(&fake, &case.order())) {
                    PrepayResult::Declined(decline) => decline,
                    other => panic!("{other:?}"),
                }
            };
            assert_eq!((decline.kind, &*decline.reason), (kind, reason));
        }
    });
}

#[test]
fn a_call_that_cannot_be_described_is_not_sent() {
    for channel in heliu_channels::all() {
        for (scene, mut case) in cases(channel.as_ref()) {
            case.account.settings.clear();
            let fake = Fake::new([]);
            if takes_at_once(scene) {
                let verdict = run(channel.pay(&fake, &case.order(), "134567890123456700"));
                assert!(matches!(verdict, Verdict::Declined(_)), "{verdict:?}");
            } else {
                let result = run(channel.prepay(&fake, &case.order()));
                assert!(matches!(result, PrepayResult::Declined(_)), "{result:?}");
            }
            let verdict = run(channel.query(&fake, &case.order()));
            assert!(matches!(verdict, Verdict::Unknown(_)), "{verdict:?}");
            assert!(fake.sent().is_empty());
        }
    }
}

#[test]
fn an_answer_that_says_nothing_is_unknown() {
    each(|channel, scene, case| {
        for answer in empty_answers() {
            let fake = Fake::new([answer]);
            if takes_at_once(scene) {
                let verdict = run(channel.pay(&fake, &case.order(), "134567890123456700"));
                assert!(matches!(verdict, Verdict::Unknown(_)), "{verdict:?}");
            } else {
                let result = run(channel.prepay(&fake, &case.order()));
                assert!(matches!(result, PrepayResult::Unknown(_)), "{result:?}");
            }
        }
    });
}

#[test]
fn later_verbs_know_nothing_without_an_answer() {
    each(|channel, _, case| {
        let order = case.order();
        let mut answers = empty_answers();
        answers.extend([Reply::NotSent, Reply::NotSecured]);
        for answer in answers {
            let fake = || Fake::new([answer.clone()]);
            let verdict = run(channel.query(&fake(), &order));
            assert!(matches!(verdict, Verdict::Unknown(_)), "{verdict:?}");
            let reversal = run(channel.reverse(&fake(), &order));
            assert!(
                matches!(reversal, ReversalResult::Unknown(_)),
                "{reversal:?}"
            );
            let closed = run(channel.close(&fake(), &order));
            assert!(matches!(closed, CloseResult::Unknown(_)), "{closed:?}");
            for result in [
                run(channel.refund(&fake(), &order, &refund())),
                run(channel.query_refund(&fake(), &order, &refund())),
            ] {
                assert!(matches!(result, RefundResult::Unknown(_)), "{result:?}");
            }
            if let Some(logins) = channel.logins() {
                assert!(run(logins.payer_id(&fake(), order.account, "code")).is_err());
            }
        }
    });
}

#[test]
fn a_repeated_prepay_has_the_same_content() {
    each(|channel, scene, case| {
        if !takes_at_once(scene) {
            let case = case.clone().expires_in(300_000).with_terms();
            let bodies = [0, 1].map(|_| {
                let fake = Fake::new([Reply::NoAnswer]);
                run(channel.prepay(&fake, &case.order()));
                fake.only().body
            });
            assert_eq!(bodies[0], bodies[1]);
        }
    });
}

#[test]
fn the_wrong_consent_sends_nothing() {
    each(|channel, scene, case| {
        let mut case = case.clone();
        std::sync::Arc::make_mut(&mut case.attempt.route).scene = match scene {
            UpstreamScene::Barcode | UpstreamScene::Face => return,
            _ => Scene::App,
        };
        let fake = Fake::new([]);
        let verdict = run(channel.pay(&fake, &case.order(), "134567890123456700"));
        assert!(matches!(verdict, Verdict::Declined(_)), "{verdict:?}");
        assert!(fake.sent().is_empty());
    });
}

#[test]
fn providers_are_named_in_every_scene() {
    each(|channel, scene, case| {
        let names = channel.provider_names(&case.account, scene);
        // Some channels know no apps, and have no setting that names one.
        let settings = channel.descriptor().settings.iter();
        let has_apps = settings
            .map(|setting| setting.name)
            .any(|name| matches!(name, "app_id" | "sp_appid"));
        assert!(names.merchant_no.is_some());
        assert_eq!(names.app_id.is_some(), has_apps);
        let mut bare = case.account.clone();
        bare.settings.clear();
        assert_eq!(
            channel.provider_names(&bare, scene),
            ProviderNames::default()
        );
    });
}

fn lookup(wallet: WalletKind) -> PayerLookup {
    PayerLookup {
        wallet,
        code: "134567890123456700".to_owned(),
        app_id: Some("wx2222222222222222".to_owned()),
        user_agent: Some("Mozilla/5.0 UnionPay/1.0 CloudPay".to_owned()),
    }
}

#[test]
fn payers_of_other_wallets_are_not_asked_about() {
    let (_, contract, _) = wechat::terminal();
    each(|channel, _, case| {
        let Some(codes) = channel.payer_codes() else {
            return;
        };
        let ours = case.attempt.route.wallet;
        for wallet in WalletKind::ALL.into_iter().filter(|wallet| *wallet != ours) {
            let fake = Fake::new([]);
            let found = run(codes.payer_of_code(&fake, &case.account, &contract, &lookup(wallet)));
            assert_eq!(found, Err(LookupRefused::Unsupported));
            assert!(fake.sent().is_empty());
        }
    });
}

#[test]
fn lookups_are_unsupported_or_unknown_without_an_answer() {
    let (_, contract, request) = wechat::terminal();
    each(|channel, _, case| {
        let account = &case.account;
        let mut answers = empty_answers();
        answers.extend([Reply::NotSent, Reply::NotSecured]);
        for answer in answers {
            let fake = || Fake::new([answer.clone()]);
            let lookup = lookup(case.attempt.route.wallet);
            let credential = channel
                .face_kits()
                .map(|kits| run(kits.face_credential(&fake(), account, &contract, &request)).err());
            let session = channel.mini_programs().map(|programs| {
                run(programs.mini_program_session(&fake(), account, "wx333", "c1")).err()
            });
            let payer = channel
                .payer_codes()
                .map(|codes| run(codes.payer_of_code(&fake(), account, &contract, &lookup)).err());
            let keys = channel
                .key_publisher()
                .map(|publisher| run(publisher.published_keys(&fake(), account)).err());
            for refused in [credential, session, payer, keys].into_iter().flatten() {
                assert!(
                    matches!(
                        refused,
                        Some(LookupRefused::Unsupported | LookupRefused::Unknown(_))
                    ),
                    "{refused:?}"
                );
            }
        }
    });
}

#[test]
fn callbacks_of_strangers_are_refused() {
    each(|channel, _, case| {
        for body in [
            "",
            "{}",
            "null",
            "a=b",
            "<xml></xml>",
            "<xml><a>1</a>",
            "sign=&sign_type=RSA2",
        ] {
            let request = wechat::request(&[], body);
            let refused = channel
                .callback(&Fake::new([]), &case.order(), &request)
                .expect_err("nobody signed it");
            let answer = channel.acknowledge(&request, Err(&refused));
            let accepted = channel.acknowledge(&request, Ok(()));
            assert!((answer.status, answer.body) != (accepted.status, accepted.body.clone()));
            assert_eq!(accepted.status, 200);
        }
    });
}

#[test]
fn payers_are_sent_back_with_their_state() {
    each(|channel, _, case| {
        let Some(logins) = channel.logins() else {
            return;
        };
        let url = logins
            .authorize_url(&case.account, "https://pay.example.com/c/1?a=b", "st&te")
            .expect("configured");
        assert!(
            url.contains("https%3A%2F%2Fpay.example.com%2Fc%2F1%3Fa%3Db"),
            "{url}"
        );
        // Beside the address, or in it where the wire knows no state.
        assert!(
            url.contains("state=st%26te") || url.contains("%26state%3Dst%2526te"),
            "{url}"
        );
    });
}

/// Runs `check` for each channel that pays out by calls, with an account of it.
fn each_payer(check: impl Fn(&Arc<dyn Channel>, &ChannelAccount)) {
    let mut count = 0;
    for channel in heliu_channels::all() {
        if channel.payouts().is_some() {
            let id = channel.descriptor().id;
            check(&channel, &payouts::account(id, settings(id)));
            count += 1;
        }
    }
    assert!(count >= 2, "more than one channel pays out");
}

#[test]
fn a_payout_is_never_failed_without_the_banks_word() {
    each_payer(|channel, account| {
        let ways = channel.payouts().expect("it pays out");
        let mut answers = empty_answers();
        answers.extend([Reply::NotSent, Reply::NotSecured]);
        for answer in answers {
            for payee in [payouts::person(), payouts::company()] {
                let fake = Fake::new([answer.clone()]);
                let result = run(ways.send(&fake, &payouts::order(account, payee)));
                assert!(matches!(result, PayoutResult::Unknown(_)), "{result:?}");
            }
            let fake = Fake::new([answer.clone()]);
            let result = run(ways.query(&fake, &payouts::sent(account, 86_400_000)));
            assert!(matches!(result, PayoutResult::Unknown(_)), "{result:?}");
        }
    });
}

/// Whatever the two calls say: "no such number" of a call that may be on its way proves nothing.
#[test]
fn a_number_that_is_not_known_yet_ends_no_payout() {
    each_payer(|channel, account| {
        let ways = channel.payouts().expect("it pays out");
        let id = channel.descriptor().id;
        let order = payouts::order(account, payouts::person());
        // What is answered is bound to what was asked.
        let (post, get) = (Fake::new([Reply::NoAnswer]), Fake::new([Reply::NoAnswer]));
        run(ways.send(&post, &order));
        run(ways.query(&get, &payouts::sent(account, 0)));
        let refused = payouts::refused(id, &post.only());
        let absent = payouts::absent(id, &get.only());
        let fake = Fake::new([refused, absent.clone()]);
        let result = run(ways.send(&fake, &order));
        assert!(matches!(result, PayoutResult::Refused(_)), "{result:?}");
        for (age_ms, is_believed) in [(0, false), (59_999, false), (60_000, true)] {
            let fake = Fake::new([absent.clone()]);
            let result = run(ways.query(&fake, &payouts::sent(account, age_ms)));
            assert_eq!(result == PayoutResult::NotFound, is_believed, "{age_ms}");
            assert!(!matches!(result, PayoutResult::Failed(_)));
        }
    });
}

#[test]
fn a_payout_that_cannot_be_described_is_not_sent_and_unknown() {
    each_payer(|channel, account| {
        let ways = channel.payouts().expect("it pays out");
        let mut bare = account.clone();
        bare.settings.clear();
        let fake = Fake::new([]);
        let result = run(ways.send(&fake, &payouts::order(&bare, payouts::person())));
        assert!(matches!(result, PayoutResult::Unknown(_)), "{result:?}");
        let result = run(ways.query(&fake, &payouts::sent(&bare, 0)));
        assert!(matches!(result, PayoutResult::Unknown(_)), "{result:?}");
        assert!(fake.sent().is_empty());
    });
}

#[test]
fn a_repeated_payout_has_the_same_content_and_its_card_stands_in_the_body_only() {
    each_payer(|channel, account| {
        let ways = channel.payouts().expect("it pays out");
        let requests = [0, 1].map(|_| {
            let fake = Fake::new([Reply::NoAnswer]);
            run(ways.send(&fake, &payouts::order(account, payouts::person())));
            fake.only()
        });
        assert_eq!(requests[0].body, requests[1].body);
        let request = &requests[0];
        let body = String::from_utf8_lossy(&request.body);
        assert!(body.contains(payouts::REQUEST_NO) && body.contains(payouts::CARD));
        assert!(!request.url.contains(payouts::CARD));
        let mut headers = request.headers.iter();
        assert!(!headers.any(|(_, value)| value.contains(payouts::CARD)));
        let fake = Fake::new([Reply::NoAnswer]);
        run(ways.query(&fake, &payouts::sent(account, 0)));
        let asked = fake.only();
        let body = String::from_utf8_lossy(&asked.body);
        assert!(asked.url.contains(payouts::REQUEST_NO) || body.contains(payouts::REQUEST_NO));
    });
}

#[test]
fn a_channel_that_pays_out_only_takes_no_payment() {
    for channel in heliu_channels::all() {
        if pays_out(channel.as_ref()) && cases(channel.as_ref()).is_empty() {
            let id = channel.descriptor().id;
            let case = Case::new(id, settings(id), "", Scene::Barcode);
            let fake = Fake::new([]);
            let verdict = run(channel.pay(&fake, &case.order(), "134567890123456700"));
            assert!(matches!(verdict, Verdict::Declined(_)), "{verdict:?}");
            let verdict = run(channel.query(&fake, &case.order()));
            assert!(matches!(verdict, Verdict::Unknown(_)), "{verdict:?}");
            let request = wechat::request(&[], "{}");
            assert!(channel.callback(&fake, &case.order(), &request).is_err());
            assert!((channel.descriptor().check_sub_merchant_id)("12345678").is_err());
            assert!(fake.sent().is_empty());
        }
    }
}

#[test]
fn a_batch_is_one_file_and_only_its_own_result_is_read() {
    let mut count = 0;
    for channel in heliu_channels::all() {
        let Some(files) = channel.payout_files() else {
            continue;
        };
        count += 1;
        let id = channel.descriptor().id;
        let account = payouts::account(id, settings(id));
        let line = PayoutLine {
            bill_no: "20260115000000000001",
            request_no: payouts::REQUEST_NO,
            amount_fen: payouts::AMOUNT_FEN,
            payee: payouts::person(),
            remark: "",
        };
        let batch = PayoutBatchFile {
            account: &account,
            batch_no: "42",
            date: "2026-01-15",
            lines: &[line],
        };
        let written = files.write(&batch).expect("written");
        assert_eq!(written, files.write(&batch).expect("written"));
        let other = PayoutBatchFile {
            batch_no: "43",
            ..batch
        };
        assert_ne!(written.sha256, files.write(&other).expect("written").sha256);
        let sent = SentFile {
            account: &account,
            batch_no: "42",
            sha256: &written.sha256,
            lines: &[],
        };
        for bytes in [&b""[..], b"{}", b"\xff\xff", &written.bytes] {
            let faults = files.read(&sent, bytes).expect_err("no result file");
            assert!(!faults.is_empty());
        }
    }
    assert!(count >= 1, "a channel has files");
}
