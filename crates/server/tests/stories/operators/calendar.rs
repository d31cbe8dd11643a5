//! Story: which days are worked comes with the program, and for further years by an operator's
//! table; the clock of a sandbox is moved by its control as by a command, and it is one clock.

use crate::harness::{Setup, done, refused, rows};

/// Slow, so that the clock is nearly where it was put.
const FACTOR: u64 = 1;
const WHOLE: &str = "2027 off 0101-0103 0206-0212 0404-0406 0501-0505 0609-0611 0915-0917 \
    1001-1007 work 0130 0213 0508 0926 1009";

fn years(setup: &Setup) -> Vec<(i64, String)> {
    let rows = rows(setup, &["calendar", "list"]);
    let rows = rows.iter();
    rows.map(|row| (row.int("year"), row.str("source").to_owned()))
        .collect()
}

async fn a_year_comes_by_a_table(setup: &Setup) {
    let demo = setup.start().await;
    let import = ["calendar", "import", "table"];
    let write = |table: &str| std::fs::write(setup.file("table"), table).unwrap();
    for (table, told) in [
        ("", "table must be a line a year"),
        (
            "2027 off 0101",
            "year 2027 is not whole: nothing is free for 春节",
        ),
        ("2027 off 0101 work 0101", "2027-01-01 stands there twice"),
        ("2027 off 0230", "0230 is no day of 2027"),
        ("2025 off 0101", "year 2025 is over"),
        (&format!("{WHOLE}\n{WHOLE}"), "line 2 of the table"),
    ] {
        write(table);
        refused(setup, &import, &[told]);
    }
    assert_eq!(years(setup).last(), Some(&(2026, "program".to_owned())));
    write(&format!("# of an office\n{WHOLE}\n"));
    let said = done(setup, &import);
    assert!(said.contains("2027"), "{said}");
    // A correction takes the place of what the program knows.
    write("2026 off 0101-0103 0215-0223 0404-0406 0501-0505 0619-0621 1001-1008 work 0104");
    done(setup, &import);
    let last = years(setup).split_off(22);
    let imported = |year| (year, "imported".to_owned());
    assert_eq!(last, [imported(2026), imported(2027)]);
    let acts = done(setup, &["audit", "list", "--action", "calendar.import"]);
    assert_eq!(acts.matches("calendar.import").count(), 2, "{acts}");
    demo.stop().await;
    let _demo = setup.start().await;
    assert_eq!(years(setup).split_off(22), [imported(2026), imported(2027)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_further_year_comes_by_a_table() {
    a_year_comes_by_a_table(&Setup::new("calendar", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn and_into_a_postgresql_too() {
    a_year_comes_by_a_table(&Setup::on_postgres("calendar-postgres", FACTOR)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sandboxs_control_moves_the_one_clock() {
    let setup = Setup::new("clock-control", FACTOR);
    let demo = setup.start().await;
    let moved = demo.sandbox.move_clock("2026-01-15T23:00:30+08:00").await;
    let moved = moved.expect("moved");
    assert!(
        moved.str("now").starts_with("2026-01-15T23:00"),
        "{moved:?}"
    );
    let shown = done(&setup, &["clock", "show"]);
    assert!(shown.starts_with("2026-01-15T23:00"), "{shown}");
    let back = demo.sandbox.move_clock("2026-01-15T22:00:00+08:00").await;
    let told = back.expect_err("back");
    assert!(
        told.contains("409") && told.contains("forward only"),
        "{told}"
    );
    let told = demo
        .sandbox
        .move_clock("soon")
        .await
        .expect_err("no instant");
    assert!(told.contains("400") && told.contains("RFC 3339"), "{told}");
    let acts = done(&setup, &["audit", "list", "--action", "clock.move"]);
    assert!(acts.contains("system:sandbox"), "{acts}");
    // What the books say holds after a restart.
    demo.stop().await;
    let _demo = setup.start().await;
    let shown = done(&setup, &["clock", "show"]);
    assert!(shown.starts_with("2026-01-15T23:0"), "{shown}");
}
