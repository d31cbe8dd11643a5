//! Story: the process is killed in the middle of everything; the next one goes on where it stopped.

use crate::harness::{
    Answer, Receiver, Reply, SUCCESS, Setup, assert_no_other_orders, end_of, eventually, fresh,
    spoken, upstream_numbers,
};

const FACTOR: u64 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kill_9_everything_ends_as_the_channel_has_it() {
    everything_ends_as_the_channel_has_it(Setup::new("restart", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kill_9_with_books_in_postgres_everything_ends_as_the_channel_has_it() {
    everything_ends_as_the_channel_has_it(Setup::on_postgres("restart", FACTOR)).await;
}

async fn everything_ends_as_the_channel_has_it(setup: Setup) {
    let demo = setup.start().await;
    let receiver = Receiver::start(|path, before| match (path, before) {
        ("/first", 0 | 1) | ("/second", _) => Reply::Words("not now"),
        _ => SUCCESS,
    })
    .await;

    let (paid, silent, told) = (fresh("paid"), fresh("silent"), fresh("told"));
    let answer = demo.till.order(&paid, 158, "134886863488188600").await;
    assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
    let created = demo
        .till
        .qr_order(&told, 250, &receiver.url("/first"))
        .await;
    demo.sandbox.scan(created.str("qr_code"), "alipay").await;
    receiver.wait("/first", 1).await;
    let waiting = demo.paid_in_silence(&silent, 999).await;
    let keys = demo
        .about
        .get("dialects")
        .unwrap()
        .get("fufu")
        .unwrap()
        .clone();
    demo.kill();
    // The till's connection died with the process, unless a query had brought the answer before.
    if let Ok(answer) = waiting.await.unwrap() {
        assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
    }

    let demo = setup.start().await;
    let keys_now = demo.about.get("dialects").unwrap().get("fufu").unwrap();
    for name in ["busi_id", "key"] {
        assert_eq!(
            keys_now.get(name),
            keys.get(name),
            "the same {name} after a restart"
        );
    }
    for (number, fen) in [(&paid, 158), (&told, 250), (&silent, 999)] {
        let end = eventually(&format!("{number} is paid"), async || {
            let answer = demo.till.query(number).await;
            (answer.state() == Some(1)).then_some(answer)
        })
        .await;
        let belief = demo.sandbox.belief(end.str("trade_no")).await.unwrap();
        assert!(
            belief.is_paid && belief.total_fen == fen,
            "{number}: {belief:?}"
        );
    }
    receiver.wait("/first", 3).await;
    // While another order's five notifications are sent, a fourth would come if there were one.
    let last = fresh("second");
    let second = demo
        .till
        .qr_order(&last, 10, &receiver.url("/second"))
        .await;
    demo.sandbox.scan(second.str("qr_code"), "wechat").await;
    receiver.wait("/second", 5).await;
    assert_eq!(
        receiver.heard("/first").len(),
        3,
        "two refused, the third accepted, none after it"
    );
    let mut ends = Vec::new();
    for number in [&paid, &told, &silent, &last] {
        ends.extend(end_of(&demo.till, number).await);
    }
    let attempts_of = |end: &Answer| upstream_numbers(&setup.story(end.str("trade_no")));
    assert_no_other_orders(&demo.sandbox, &ends, attempts_of).await;
    setup.assert_books_balance();

    let story = setup.run(&["orders", "show", answer.str("trade_no")]);
    assert!(story.status.success(), "{}", spoken(&story));
    let story = String::from_utf8(story.stdout).unwrap();
    assert!(
        story.contains(answer.str("trade_no")) && story.contains(&paid),
        "{story}"
    );
    assert!(
        story.to_lowercase().contains("paid") && story.lines().count() >= 3,
        "{story}"
    );
    assert!(
        !story.contains("134886863488188600"),
        "the payment code is masked: {story}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_on_the_same_folder_refuses_in_plain_words() {
    let setup = Setup::new("twice", FACTOR);
    let demo = setup.start().await;
    let refused = setup.second_demo().await;
    assert!(!refused.status.success(), "{}", spoken(&refused));
    let words = String::from_utf8(refused.stderr.clone()).unwrap();
    assert!(
        !words.trim().is_empty() && !words.contains("panicked"),
        "{}",
        spoken(&refused)
    );

    assert!(
        setup.is_described(),
        "the refused process left demo.json alone"
    );
    let number = fresh("twice");
    assert_eq!(
        demo.till
            .order(&number, 1, "134886863488188600")
            .await
            .outcome(),
        "SUCCESS"
    );
    setup.assert_books_balance();
}
