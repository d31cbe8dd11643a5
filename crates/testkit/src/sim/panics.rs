//! Hears panics of this thread, also of those tasks whose end nobody looks at.

use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static HEARD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

static LISTENING: Once = Once::new();

/// What `play` gives, and the panics that there were meanwhile.
pub(super) fn listen<T>(play: impl FnOnce() -> T) -> (T, Vec<String>) {
    LISTENING.call_once(|| {
        let other = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            HEARD.with_borrow_mut(|heard| heard.push(info.to_string()));
            other(info);
        }));
    });
    HEARD.take();
    let value = play();
    (value, HEARD.take())
}
