//! The log of a process that was killed, harmed at any place: whatever was acknowledged is there
//! afterwards, or the start refuses and says what is lost at most; and books that go on in spite of
//! it say so for ever (row A8 of the reliability paper).

mod folder;
mod payments;
mod sheet;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use folder::Folder;
use futures::future::join_all;
use heliu_ports::store::StoreError;
use heliu_ports::store::prelude::*;
use heliu_store::moving::BooksFile;
use heliu_store::{AcceptedLoss, Place, SqliteOptions, SqliteStore};
use payments::{START, create, evidence_step, number, orders};
use rusqlite::Connection;
use sheet::{Sheet, Unwatched};

/// Bytes of the log before its first frame, and of a frame: its head, and a page.
const LOG_HEAD_BYTES: usize = 32;
const FRAME_BYTES: usize = 24 + 8192;

/// The files as a kill leaves them.
#[derive(Clone)]
struct Image {
    file: Vec<u8>,
    log: Option<Vec<u8>>,
    memory: Option<Vec<u8>>,
    /// Whom we have told that their order stands.
    acknowledged: BTreeSet<String>,
    /// Frames of whole transactions in the log, as SQLite counts them.
    frames: usize,
}

impl Image {
    /// Of books that are open.
    fn of(folder: &Folder, acknowledged: &BTreeSet<String>) -> Self {
        let read = |suffix| fs::read(folder.0.join(format!("heliu.db{suffix}"))).expect("read");
        let mut image = Self {
            file: read(""),
            log: Some(read("-wal")),
            memory: Some(read("-shm")),
            acknowledged: acknowledged.clone(),
            frames: 0,
        };
        let path = image.lay_out(folder);
        let copy = Connection::open(path).expect("open");
        let frames = copy.query_row("PRAGMA wal_checkpoint", [], |row| row.get::<_, i64>(1));
        image.frames = usize::try_from(frames.expect("counted")).expect("some");
        image
    }

    /// Puts the files into the folder.
    fn lay_out(&self, folder: &Folder) -> PathBuf {
        for entry in fs::read_dir(&folder.0).expect("read") {
            let path = entry.expect("read").path();
            if path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("image"))
            {
                fs::remove_file(path).expect("removed");
            }
        }
        let path = folder.0.join("image.db");
        fs::write(&path, &self.file).expect("written");
        for (suffix, bytes) in [("-wal", &self.log), ("-shm", &self.memory)] {
            if let Some(bytes) = bytes {
                fs::write(folder.0.join(format!("image.db{suffix}")), bytes).expect("written");
            }
        }
        path
    }

    fn with_log(&self, log: Option<Vec<u8>>) -> Self {
        Self {
            log,
            ..self.clone()
        }
    }

    /// With bytes of the log overwritten, as far as there are any.
    fn overwritten(&self, at: usize, count: usize) -> Self {
        let mut log = self.log.clone().expect("a log");
        let end = log.len().min(at + count);
        for byte in &mut log[at..end] {
            *byte ^= 0xa5;
        }
        self.with_log(Some(log))
    }

    fn cut(&self, bytes: usize) -> Self {
        let mut log = self.log.clone().expect("a log");
        log.truncate(bytes);
        self.with_log(Some(log))
    }

    /// After a power cut, or copied by somebody who did not know what the third file is.
    fn without_memory(&self) -> Self {
        Self {
            memory: None,
            ..self.clone()
        }
    }

    fn log_of_live_frames(&self) -> usize {
        LOG_HEAD_BYTES + self.frames * FRAME_BYTES
    }
}

/// Books as they were killed: fresh ones; ones whose log has begun anew, so that frames of before
/// stand behind its end; ones that were idle, so that all of the log is in the file.
async fn killed(folder: &Folder) -> BTreeMap<&'static str, Image> {
    let store = folder.open("heliu.db").expect("fresh books open");
    let checkpoint = || {
        let beside = Connection::open(folder.0.join("heliu.db")).expect("open");
        // The store may be copying its log at this very moment: a full checkpoint waits for that.
        let patience = std::time::Duration::from_secs(20);
        beside.busy_timeout(patience).expect("set");
        let done = beside.query_row("PRAGMA wal_checkpoint(FULL)", [], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)? - row.get::<_, i64>(2)?,
            ))
        });
        assert_eq!(done, Ok((0, 0)), "all of the log is in the file");
    };
    let mut acknowledged = BTreeSet::new();
    let mut images = BTreeMap::new();
    let mut next = 0;
    for (name, rounds) in [("fresh", 4), ("begun anew", 2)] {
        for _ in 0..rounds {
            sell(&store, next..next + 3, &mut acknowledged).await;
            next += 3;
        }
        images.insert(name, Image::of(folder, &acknowledged));
        checkpoint();
        images.insert(
            if name == "fresh" {
                "idle"
            } else {
                "idle again"
            },
            Image::of(folder, &acknowledged),
        );
    }
    images
}

/// Pays orders side by side, so that some share a transaction.
async fn sell(
    store: &Arc<SqliteStore>,
    range: std::ops::Range<u64>,
    acknowledged: &mut BTreeSet<String>,
) {
    let created = range
        .clone()
        .map(|index| store.commit(create(index, &number(index))));
    join_all(created)
        .await
        .into_iter()
        .for_each(|done| drop(done.expect("accepted")));
    let paid = range
        .clone()
        .map(|index| store.commit(evidence_step(index)));
    join_all(paid)
        .await
        .into_iter()
        .for_each(|done| drop(done.expect("accepted")));
    acknowledged.extend(range.map(number));
}

fn code_of(refusal: &StoreError) -> String {
    let (_, code) = refusal.text().split_once("--accept-loss ").expect("a code");
    code.chars().take_while(char::is_ascii_hexdigit).collect()
}

fn open_accepting(folder: &Folder, code: &str) -> Result<Arc<SqliteStore>, StoreError> {
    let options = SqliteOptions {
        path: folder.0.join("image.db"),
        node: 1,
    };
    let accepted = AcceptedLoss {
        code: code.to_owned(),
        at: START.plus_ms(60_000),
    };
    SqliteStore::open_accepting(options, Some(&accepted))
}

/// What became of harmed books.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// They opened with all that was acknowledged.
    Whole,
    /// They opened, and something is missing.
    Less,
    /// They were refused.
    Refused,
}

/// One in so many of the refused books is opened by somebody who accepts the loss, since that
/// writes a lot.
const GOING_ON: usize = 12;

/// Opens them; some of those that were refused also by whoever accepts the loss.
async fn end_of(folder: &Folder, image: &Image, harm: &str) -> End {
    static REFUSED: AtomicUsize = AtomicUsize::new(0);
    image.lay_out(folder);
    match folder.open("image.db") {
        Ok(store) => {
            assert_eq!(store.examine().await, Ok(Vec::new()), "{harm}");
            assert_eq!(store.damages().await, Ok(Vec::new()), "{harm}");
            let found = orders(&*store).await;
            if image.acknowledged.is_subset(&found) {
                End::Whole
            } else {
                End::Less
            }
        }
        Err(refusal) => {
            assert_refused_in_words(&refusal, harm);
            let refused = REFUSED.fetch_add(1, Ordering::Relaxed);
            if refused.is_multiple_of(GOING_ON) {
                assert_can_go_on(folder, image, &refusal, harm).await;
            }
            End::Refused
        }
    }
}

fn assert_refused_in_words(refusal: &StoreError, harm: &str) {
    for word in [
        "image.db",
        "not closed",
        "log",
        "cure",
        "keep a copy",
        "lost",
    ] {
        assert!(
            refusal.text().contains(word),
            "{harm}: {word} is missing in {refusal}"
        );
    }
}

async fn assert_can_go_on(folder: &Folder, image: &Image, refusal: &StoreError, harm: &str) {
    let files = || ["", "-wal"].map(|end| fs::read(folder.0.join(format!("image.db{end}"))).ok());
    let before = files();
    let again = folder.open("image.db").err();
    assert_eq!(again.as_ref(), Some(refusal), "{harm}: it is said again");
    open_accepting(folder, "00000000")
        .err()
        .expect("another loss was not accepted");
    assert!(files() == before, "{harm}: a refusal changes nothing");
    let code = code_of(refusal);
    let store = open_accepting(folder, &code);
    let store = store.unwrap_or_else(|error| unreachable!("{harm}: {error}"));
    let aside = folder.0.join(format!("image.db-wal.damaged-{code}"));
    assert!(
        fs::read(aside).ok() == image.log,
        "{harm}: the log is kept as it was"
    );
    let found = orders(&*store).await;
    assert!(
        found
            .iter()
            .all(|number| image.acknowledged.contains(number)),
        "{harm}"
    );
    if refusal.text().contains("nothing is lost") {
        assert_eq!(found, image.acknowledged, "{harm}");
    }
    let damages = store.damages().await.expect("read");
    assert_eq!(damages.len(), 1, "{harm}");
    assert!(damages[0].told.contains("log"), "{harm}: {damages:?}");
    // They are books like any others: written, killed, opened again, closed and opened again.
    let mut all = found.clone();
    sell(&store, 1000..1002, &mut all).await;
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = (
            format!("image.db{suffix}"),
            format!("image-killed.db{suffix}"),
        );
        fs::copy(folder.0.join(from), folder.0.join(to)).expect("copied");
    }
    drop(store);
    for name in ["image-killed.db", "image.db", "image.db"] {
        let store = folder.open(name);
        let store = store.unwrap_or_else(|error| unreachable!("{harm}: {error}"));
        assert_eq!(orders(&*store).await, all, "{harm}: {name}");
        assert_eq!(
            store.damages().await.as_ref(),
            Ok(&damages),
            "{harm}: {name}"
        );
    }
}

/// Every place of a frame that means something else, and one within its page.
const PLACES: [usize; 7] = [0, 4, 8, 12, 16, 20, 4000];

#[tokio::test]
async fn a_log_that_is_overwritten_anywhere_is_refused_or_holds_all_that_was_acknowledged() {
    let folder = Folder::new("overwritten");
    for (name, image) in killed(&folder).await {
        let live = image.log_of_live_frames();
        assert_eq!(end_of(&folder, &image, name).await, End::Whole);
        assert_eq!(
            end_of(&folder, &image.without_memory(), name).await,
            End::Whole
        );
        let heads = (0..LOG_HEAD_BYTES).step_by(8);
        let frames = (0..image.frames).map(|frame| LOG_HEAD_BYTES + frame * FRAME_BYTES);
        // Each frame at another place; the first and the last two at every one.
        let places = frames.enumerate().flat_map(|(index, from)| {
            let is_at_an_end = index == 0 || index + 2 >= image.frames;
            let some = if is_at_an_end {
                0..7
            } else {
                index % 7..index % 7 + 1
            };
            PLACES[some].iter().map(move |place| from + place)
        });
        for at in heads.chain(places.collect::<Vec<_>>()) {
            for count in [1, 64] {
                let harm = format!("{name}: {count} bytes at {at}");
                let end = end_of(&folder, &image.overwritten(at, count), &harm).await;
                assert_eq!(end, End::Refused, "{harm}");
            }
        }
        // What stands behind the end is of no account.
        for at in [live, live + 8, live + FRAME_BYTES + 16] {
            let harm = format!("{name}: 64 bytes at {at}, behind the end");
            let end = end_of(
                &folder,
                &image.overwritten(at.min(image.log.as_ref().map_or(0, Vec::len)), 64),
                &harm,
            )
            .await;
            assert_eq!(end, End::Whole, "{harm}");
        }
    }
}

#[tokio::test]
async fn without_the_shared_memory_only_the_last_transactions_may_be_taken_for_a_torn_tail() {
    let folder = Folder::new("without-memory");
    let images = killed(&folder).await;
    let image = images["fresh"].without_memory();
    // The last batch is at most three orders, whose verdicts stand in the last transactions.
    let mut ends = Vec::new();
    for frame in 0..image.frames {
        let at = LOG_HEAD_BYTES + frame * FRAME_BYTES + 4000;
        let harm = format!("64 bytes at {at}, no shared memory");
        ends.push(end_of(&folder, &image.overwritten(at, 64), &harm).await);
    }
    let refused = ends.iter().take_while(|end| **end == End::Refused).count();
    assert!(refused * 2 > ends.len(), "{ends:?}");
    assert!(
        ends[refused..].iter().all(|end| *end != End::Refused),
        "{ends:?}"
    );
    for at in (0..LOG_HEAD_BYTES).step_by(4) {
        let harm = format!("head at {at}, no shared memory");
        let end = end_of(&folder, &image.overwritten(at, 1), &harm).await;
        assert_eq!(end, End::Refused, "{harm}");
    }
}

/// The numbers of the frames that end a transaction.
fn ends(image: &Image) -> Vec<usize> {
    let log = image.log.as_ref().expect("a log");
    let is_end = |frame: &usize| {
        let from = LOG_HEAD_BYTES + (frame - 1) * FRAME_BYTES;
        log[from + 4..from + 8] != [0; 4]
    };
    (1..=image.frames).filter(is_end).collect()
}

/// The log as a power cut left it while a transaction was written: all of it that was synchronised;
/// of the transaction, in whatever order the disk took its pages, all but one; and behind it what
/// was there before.
fn torn(before: &Image, after: &Image, end: usize, missing: usize, instead: Option<u8>) -> Vec<u8> {
    let (old, new) = (
        before.log.as_ref().expect("a log"),
        after.log.as_ref().expect("a log"),
    );
    let mut log = new[..LOG_HEAD_BYTES + end * FRAME_BYTES].to_vec();
    let from = LOG_HEAD_BYTES + (missing - 1) * FRAME_BYTES;
    let page = &mut log[from..from + FRAME_BYTES];
    match (instead, old.get(from..from + FRAME_BYTES)) {
        (Some(byte), _) => page.fill(byte),
        (None, Some(old)) => page.copy_from_slice(old),
        (None, None) => page.fill(0),
    }
    if let Some(rest) = old.get(log.len()..) {
        log.extend(rest);
    }
    log
}

#[tokio::test]
async fn a_tail_that_nobody_was_told_of_may_be_torn_anywhere_and_the_books_open() {
    let folder = Folder::new("torn");
    let store = folder.open("heliu.db").expect("fresh books open");
    let mut acknowledged = BTreeSet::new();
    sell(&store, 0..3, &mut acknowledged).await;
    let before = Image::of(&folder, &acknowledged);
    sell(&store, 3..8, &mut acknowledged).await;
    let after = Image::of(&folder, &acknowledged);
    let mut begun = before.frames;
    for end in ends(&after).into_iter().filter(|end| *end > before.frames) {
        for missing in begun + 1..=end {
            for instead in [None, Some(0), Some(0xa5)] {
                let image = before.with_log(Some(torn(&before, &after, end, missing, instead)));
                for image in [image.clone(), image.without_memory()] {
                    let harm = format!("frame {missing} of {begun} to {end} is {instead:?}");
                    assert_eq!(end_of(&folder, &image, &harm).await, End::Whole, "{harm}");
                }
            }
        }
        // Or the kill came while its frames were written, one after the other.
        let from = LOG_HEAD_BYTES + begun * FRAME_BYTES;
        for written in (from..LOG_HEAD_BYTES + end * FRAME_BYTES).step_by(FRAME_BYTES / 3) {
            let mut log = after.log.clone().expect("a log")[..written].to_vec();
            log.extend(
                before
                    .log
                    .as_ref()
                    .and_then(|old| old.get(written..))
                    .unwrap_or_default(),
            );
            let image = before.with_log(Some(log));
            let harm = format!("{written} bytes are written");
            assert_eq!(end_of(&folder, &image, &harm).await, End::Whole, "{harm}");
        }
        begun = end;
    }
}

#[tokio::test]
async fn a_log_that_is_gone_cut_short_emptied_or_replaced_is_refused() {
    let folder = Folder::new("gone");
    let images = killed(&folder).await;
    for (name, image) in &images {
        for (harm, log) in [
            ("gone", None),
            ("emptied", Some(Vec::new())),
            ("a stump", Some(vec![7; 31])),
        ] {
            for image in [
                image.with_log(log.clone()),
                image.with_log(log.clone()).without_memory(),
            ] {
                let harm = format!("{name}: {harm}");
                assert_eq!(end_of(&folder, &image, &harm).await, End::Refused, "{harm}");
            }
        }
        for frames in 0..image.frames {
            for more in [0, 17, FRAME_BYTES / 2] {
                let harm = format!("{name}: cut after {frames} frames and {more} bytes");
                let cut = image.cut(LOG_HEAD_BYTES + frames * FRAME_BYTES + more);
                assert_eq!(end_of(&folder, &cut, &harm).await, End::Refused, "{harm}");
            }
        }
    }
    let older = images["begun anew"].with_log(images["fresh"].log.clone());
    assert_eq!(end_of(&folder, &older, "an older log").await, End::Refused);
}

#[tokio::test]
async fn books_that_were_idle_lose_nothing_with_their_log_and_say_so() {
    let folder = Folder::new("idle");
    for (name, image) in killed(&folder).await {
        image.with_log(None).lay_out(&folder);
        let refusal = folder.open("image.db").err().expect("refused");
        assert_eq!(
            refusal.text().contains("nothing is lost"),
            name.starts_with("idle"),
            "{name}: {refusal}"
        );
        assert_eq!(
            refusal.text().contains("the channels still have"),
            !name.starts_with("idle"),
            "{name}: {refusal}"
        );
    }
}

#[tokio::test]
async fn a_loss_is_told_with_the_instant_up_to_which_all_is_there() {
    let folder = Folder::new("instant");
    let image = killed(&folder).await["begun anew"].with_log(None);
    image.lay_out(&folder);
    let refusal = folder.open("image.db").err().expect("refused");
    // The numbers of these orders are all of one second.
    let second = payments::order_no(0).0.second();
    let at = heliu_trade::id::PlatformNo::instant_of(second);
    assert!(
        refusal
            .text()
            .contains(&format!("nothing from before {at}")),
        "{refusal}"
    );
    assert!(refusal.text().contains("at most the last"), "{refusal}");
}

#[tokio::test]
async fn nobody_looks_into_damaged_books_and_takes_their_log_away() {
    let folder = Folder::new("looked-into");
    let image = killed(&folder).await["fresh"].overwritten(LOG_HEAD_BYTES + FRAME_BYTES + 99, 64);
    let place = Place::Sqlite(image.lay_out(&folder));
    let refusal = place.refuse_damage().await.expect_err("refused");
    assert_eq!(folder.open("image.db").err().as_ref(), Some(&refusal));
    // Whoever does not ask first at least leaves the log where it is.
    let sound = killed(&Folder::new("looked-into-sound")).await["fresh"].clone();
    let place = Place::Sqlite(sound.lay_out(&folder));
    place.refuse_damage().await.expect("nothing is missing");
    place.schema().await.expect("read");
    let sheet = Sheet::default();
    place
        .export(BTreeMap::new(), sheet, Unwatched)
        .await
        .expect("exported");
    place
        .back_up(folder.0.join("image-copy.db"))
        .await
        .expect("copied");
    assert_eq!(fs::read(folder.0.join("image.db-wal")).ok(), sound.log);
    let copy = folder
        .open("image-copy.db")
        .expect("a copy was closed, whatever it is a copy of");
    assert_eq!(orders(&*copy).await, sound.acknowledged);
    drop(copy);
    place.migrate().await.expect("nothing to do");
    let store = folder.open("image.db").expect("a migration closes them");
    assert_eq!(orders(&*store).await, sound.acknowledged);
}

#[tokio::test]
async fn the_mark_goes_with_the_books_wherever_they_go() {
    let folder = Folder::new("mark");
    let image = killed(&folder).await["fresh"].with_log(None);
    image.lay_out(&folder);
    let refusal = folder.open("image.db").err().expect("refused");
    let store = open_accepting(&folder, &code_of(&refusal)).expect("accepted");
    let damages = store.damages().await.expect("read");
    assert_eq!(damages.len(), 1);
    assert_eq!(damages[0].accepted_at, START.plus_ms(60_000));
    store.close().await;
    drop(store);
    let place = Place::Sqlite(folder.0.join("image.db"));
    place
        .back_up(folder.0.join("image-copy.db"))
        .await
        .expect("copied");
    let sheet = Sheet::default();
    place
        .export(BTreeMap::new(), sheet.clone(), Unwatched)
        .await
        .expect("exported");
    let file = BooksFile::open(std::io::Cursor::new(sheet.bytes())).expect("a file");
    let moved = Place::Sqlite(folder.0.join("image-moved.db"));
    moved.import(file, Unwatched).await.expect("imported");
    for name in ["image-copy.db", "image-moved.db"] {
        let store = folder.open(name).expect("opens");
        assert_eq!(store.damages().await.as_ref(), Ok(&damages), "{name}");
    }
}

#[tokio::test]
async fn books_that_were_closed_have_no_log_and_need_none() {
    let folder = Folder::new("closed");
    let store = folder.open("heliu.db").expect("fresh books open");
    let mut acknowledged = BTreeSet::new();
    sell(&store, 0..5, &mut acknowledged).await;
    store.close().await;
    drop(store);
    for suffix in ["-wal", "-shm"] {
        assert!(
            !folder.0.join(format!("heliu.db{suffix}")).exists(),
            "{suffix}"
        );
    }
    let store = folder.open("heliu.db").expect("the same books open");
    assert_eq!(orders(&*store).await, acknowledged);
}
