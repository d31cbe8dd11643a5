//! Story: books move, from a file of their own to a server's and back; are copied while they are
//! served; are used by two versions at once. The merchants notice nothing.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::harness::{Demo, Receiver, Reply, SUCCESS, Setup, eventually, fresh, spoken};

const FACTOR: u64 = 20;
/// Paid at once.
const PAYS: &str = "134886863488188600";

/// What a command says; it must succeed.
fn done(setup: &Setup, arguments: &[&str]) -> String {
    let output = setup.run(arguments);
    assert!(output.status.success(), "{arguments:?} {}", spoken(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// What a command says that must fail, with every one of `words` in it.
fn refused(setup: &Setup, arguments: &[&str], words: &[&str]) {
    let output = setup.run(arguments);
    let said = spoken(&output);
    assert_eq!(output.status.code(), Some(1), "{arguments:?} {said}");
    for words in words {
        assert!(said.contains(words), "{words}? {arguments:?} {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

async fn pay(demo: &Demo, number: &str) -> String {
    let answer = demo.till.order(number, 158, PAYS).await;
    assert_eq!(answer.outcome(), "SUCCESS", "{}", answer.text);
    answer.str("trade_no").to_owned()
}

async fn until_state(demo: &Demo, number: &str, state: i64) {
    eventually(&format!("{number} is in state {state}"), async || {
        let answer = demo.till.query(number).await;
        (answer.state() == Some(state)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_moves_to_postgres_and_back_and_its_merchants_notice_nothing() {
    let mut setup = Setup::new("moving", FACTOR);
    let demo = setup.start().await;
    let receiver = Receiver::start(|path, before| match (path, before) {
        ("/first", 0 | 1) => Reply::Words("not now"),
        _ => SUCCESS,
    })
    .await;
    let (paid, told, silent) = (fresh("paid"), fresh("told"), fresh("silent"));
    let paid_no = pay(&demo, &paid).await;
    let returned = demo.till.refund(&paid, &format!("{paid}-1"), 58).await;
    assert_eq!(returned.outcome(), "SUCCESS", "{}", returned.text);
    let created = demo
        .till
        .qr_order(&told, 250, &receiver.url("/first"))
        .await;
    demo.sandbox.scan(created.str("qr_code"), "alipay").await;
    receiver.wait("/first", 1).await;
    let waiting = demo.paid_in_silence(&silent, 999).await;
    let key = demo.till.key.clone();
    demo.kill();
    let _answer_or_end_of_connection = waiting.await.unwrap();

    let said = done(&setup, &["export", "books.heliu"]);
    assert!(
        said.contains("exported") && said.contains("orders"),
        "{said}"
    );
    let mode = std::fs::metadata(setup.file("books.heliu")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    refused(&setup, &["export", "books.heliu"], &["exists already"]);

    setup.move_to_postgres();
    let said = done(&setup, &["import", "books.heliu"]);
    assert!(
        said.contains("imported") && said.contains("books clean") && said.contains("DATABASE_URL"),
        "{said}"
    );
    assert!(said.contains("heliu.db is still there"), "{said}");
    refused(
        &setup,
        &["import", "books.heliu"],
        &["holds books already", "DATABASE_URL"],
    );

    let demo = setup.start().await;
    assert_eq!(demo.till.key, key, "the same keys");
    until_state(&demo, &silent, 1).await;
    until_state(&demo, &told, 1).await;
    receiver.wait("/first", 3).await;
    let known = demo.till.query(&paid).await;
    assert_eq!(known.str("trade_no"), paid_no);
    let again = demo.till.order(&paid, 158, PAYS).await;
    assert_eq!(again.outcome(), "SERIAL_REPEAT", "{}", again.text);
    let rest = demo.till.refund(&paid, &format!("{paid}-2"), 100).await;
    assert_eq!(rest.outcome(), "SUCCESS", "{}", rest.text);
    let over = demo.till.refund(&paid, &format!("{paid}-3"), 1).await;
    assert_eq!(over.outcome(), "AMT_ERROR", "{}", over.text);
    let after = fresh("after");
    let after_no = pay(&demo, &after).await;
    assert!(after_no > paid_no, "numbers go on above the old ones");
    eventually("all is given back at the channel", async || {
        let belief = demo.sandbox.belief(&paid_no).await?;
        (belief.refunded_fen == 158).then_some(())
    })
    .await;
    setup.assert_books_balance();

    // While it is served there is a copy, and it says what it lacks; nothing can be imported under
    // it.
    let said = done(&setup, &["books", "export", "beside.heliu"]);
    assert!(said.contains("being served"), "{said}");
    refused(
        &setup,
        &["import", "beside.heliu"],
        &["in use by another heliu process"],
    );
    refused(
        &setup,
        &["backup", "copy"],
        &["its own tools", "pg_basebackup"],
    );
    demo.kill();

    let back = setup.in_folder(setup.file("back"));
    std::fs::create_dir(back.file("")).unwrap();
    refused(
        &back,
        &["import", "../beside.heliu"],
        &["no root key", "HELIU_ROOT_KEY_FILE"],
    );
    for name in ["root.key", "sandbox.db", "sandbox.db-wal"] {
        let _the_log_may_be_empty = std::fs::copy(setup.file(name), back.file(name));
    }
    // Without a file between: one writes, the other reads.
    let mut export = setup.command();
    let export = export.args(["export", "-"]).stdout(Stdio::piped());
    let mut export = export.stderr(Stdio::piped()).spawn().unwrap();
    let pipe = export.stdout.take().unwrap();
    let import = back.command().args(["import", "-"]).stdin(pipe).output();
    let import = import.unwrap();
    let export = export.wait_with_output().unwrap();
    assert!(import.status.success(), "{}", spoken(&import));
    assert!(export.status.success(), "{}", spoken(&export));
    assert!(spoken(&export).contains("exported"), "{}", spoken(&export));

    let demo = back.start().await;
    let known = demo.till.query(&after).await;
    assert_eq!(known.str("trade_no"), after_no);
    assert!(pay(&demo, &fresh("home")).await > after_no);
    back.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_belong_together_is_refused_in_plain_words() {
    let setup = Setup::new("strange", FACTOR);
    refused(&setup, &["export", "books.heliu"], &["there are no books"]);
    let demo = setup.start().await;
    pay(&demo, &fresh("paid")).await;
    demo.kill();
    done(&setup, &["export", "books.heliu"]);
    let file = setup.file("books.heliu");
    let file = file.to_str().unwrap();

    let other = setup.in_folder(setup.file("other"));
    std::fs::create_dir(other.file("")).unwrap();
    let key = done(&setup, &["keys", "root"]);
    std::fs::write(other.file("root.key"), key).unwrap();
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(other.file("root.key"), private).unwrap();
    refused(
        &other,
        &["import", file],
        &["sealed under root key", "cure"],
    );

    std::fs::copy(setup.file("root.key"), other.file("root.key")).unwrap();
    std::fs::write(other.file("mode"), "live").unwrap();
    refused(
        &other,
        &["import", file],
        &["a live one", "a sandbox one", "HELIU_DATA"],
    );
    std::fs::remove_file(other.file("mode")).unwrap();

    let whole = std::fs::read(file).unwrap();
    let cut = other.file("cut.heliu");
    std::fs::write(&cut, &whole[..whole.len() * 2 / 3]).unwrap();
    let cut = cut.to_str().unwrap();
    refused(
        &other,
        &["import", cut],
        &["ends before its end", "nothing was imported"],
    );
    assert!(!other.file("heliu.db").exists() && !other.file("mode").exists());
    refused(
        &other,
        &["import", "root.key"],
        &["not a file that heliu export wrote"],
    );
    refused(&other, &["import", "nowhere"], &["nowhere"]);

    let said = done(&other, &["import", file]);
    assert!(said.contains("books clean: 1 orders"), "{said}");
    refused(
        &other,
        &["import", file],
        &["holds books already", "HELIU_DATA"],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_killed_leaves_nothing() {
    let setup = Setup::new("killed", FACTOR);
    let demo = setup.start().await;
    pay(&demo, &fresh("paid")).await;
    demo.kill();
    done(&setup, &["export", "books.heliu"]);
    let whole = std::fs::read(setup.file("books.heliu")).unwrap();

    let other = setup.in_folder(setup.file("other"));
    std::fs::create_dir(other.file("")).unwrap();
    std::fs::copy(setup.file("root.key"), other.file("root.key")).unwrap();
    let mut import = other.command();
    let import = import.args(["import", "-"]).stdin(Stdio::piped());
    let mut import = import.spawn().unwrap();
    let mut pipe = import.stdin.take().unwrap();
    pipe.write_all(&whole[..whole.len() / 2]).unwrap();
    eventually("it is in its middle", async || {
        let draft = std::fs::metadata(other.file("heliu.db.draft")).ok()?;
        (draft.len() > 0).then_some(())
    })
    .await;
    import.kill().unwrap();
    import.wait().unwrap();
    assert!(!other.file("heliu.db").exists(), "no books");
    refused(&other, &["books", "check"], &["there are no books"]);
    let said = done(&other, &["import", "../books.heliu"]);
    assert!(said.contains("books clean: 1 orders"), "{said}");
    assert!(
        !other.file("heliu.db.draft").exists(),
        "nothing is left over"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_under_load_is_restored_elsewhere_and_goes_on() {
    let setup = Setup::new("backup", FACTOR);
    let demo = setup.start().await;
    let early = fresh("early");
    let early_no = pay(&demo, &early).await;
    let numbers: Vec<String> = (0..60)
        .map(|index| fresh(&format!("load-{index}")))
        .collect();
    let load = numbers.iter().map(|number| pay(&demo, number));
    let backup = async {
        // Beside the payments, on a thread that may wait.
        tokio::task::block_in_place(|| done(&setup, &["backup", "copy"]))
    };
    let (said, paid) = futures::join!(backup, futures::future::join_all(load));
    assert!(said.contains("without the root key"), "{said}");
    demo.kill();

    let copy = setup.in_folder(setup.file("copy"));
    refused(&copy, &["books", "check"], &["no root key"]);
    // The root key is kept elsewhere; the channel's side of the world is no part of the books.
    for name in ["root.key", "sandbox.db", "sandbox.db-wal"] {
        let _the_log_may_be_empty = std::fs::copy(setup.file(name), copy.file(name));
    }
    copy.assert_books_balance();
    let demo = copy.start().await;
    let known = demo.till.query(&early).await;
    assert_eq!(known.str("trade_no"), early_no);
    let later = pay(&demo, &fresh("later")).await;
    assert!(
        paid.iter().all(|number| *number < later),
        "a number given after the copy was made is not given again"
    );
    let back = demo.till.refund(&early, &format!("{early}-1"), 158).await;
    assert_eq!(back.outcome(), "SUCCESS", "{}", back.text);
    copy.assert_books_balance();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_is_looked_at_done_and_lived_with() {
    let setup = Setup::on_postgres("upgrade", FACTOR);
    refused(&setup, &["migrate", "--check"], &["no books yet"]);
    let said = done(&setup, &["migrate"]);
    let (_, known) = said.trim().split_once("made, with schema ").unwrap();
    let known: u32 = known.parse().unwrap();
    for command in [
        &["migrate"][..],
        &["migrate", "--check"],
        &["books", "migrate"],
    ] {
        assert!(done(&setup, command).contains("nothing to do"));
    }
    // As if a newer version had been here, whose step lets this one go on.
    let newer = |column: &str, version: u32| {
        let old = version - 1;
        setup.change_database(&format!(
            "ALTER TABLE merchant ADD COLUMN {column} TEXT;
             INSERT INTO schema_version (version, works_from) VALUES ({version}, {old})"
        ));
    };
    newer("note", known + 1);
    assert!(done(&setup, &["migrate"]).contains("it works on both"));
    let demo = setup.start().await;
    pay(&demo, &fresh("beside")).await;
    setup.assert_books_balance();
    // And a step further while this one serves: it goes on, and cannot start again.
    newer("more", known + 2);
    pay(&demo, &fresh("still")).await;
    demo.kill();
    let (ahead, own) = (format!("schema {}", known + 2), format!("knows {known}"));
    let words = [ahead.as_str(), &own, "start that version"];
    refused(&setup, &["migrate"], &words);
    refused(&setup, &["books", "check"], &words);
    let late = setup.second_demo().await;
    let said = spoken(&late);
    assert_eq!(late.status.code(), Some(1), "{said}");
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn books_in_a_folder_are_looked_at_while_they_are_served() {
    let setup = Setup::new("looked-at", FACTOR);
    refused(&setup, &["migrate"], &["there are no books"]);
    let demo = setup.start().await;
    for command in [&["migrate"][..], &["migrate", "--check"]] {
        assert!(done(&setup, command).contains("nothing to do"));
    }
    let said = done(&setup, &["export", "beside.heliu"]);
    assert!(said.contains("being served"), "{said}");
    pay(&demo, &fresh("paid")).await;
    refused(
        &setup,
        &["import", "beside.heliu"],
        &["in use by another heliu process"],
    );
    setup.assert_books_balance();
}
