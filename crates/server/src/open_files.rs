//! How many files the process may have open, and how many of them may be connections (reliability
//! row A9).
//!
//! Each connection of a till needs another one to a channel. If those that come in took all, no
//! payment could go out, and each would be declined.

use rlimit::Resource;

/// For books, logs, the runtime, and connections of other kinds.
const KEPT_FOR_OTHERS: u64 = 160;
/// Fewer connections than this make no service.
const CONNECTIONS_MIN: u64 = 16;

/// Raises the limit as far as it goes; how many files it allows, if the system tells.
pub(crate) fn raise() -> Option<u64> {
    let raised = rlimit::increase_nofile_limit(u64::MAX);
    let asked = || rlimit::getrlimit(Resource::NOFILE).map(|(soft, _)| soft);
    raised.or_else(|_| asked()).ok()
}

/// As many connections as there can be of the `wanted` ones, each of which takes `files_each`.
pub(crate) fn connections_within(files: Option<u64>, wanted: usize, files_each: u64) -> usize {
    let Some(files) = files else { return wanted };
    let room = files.saturating_sub(KEPT_FOR_OTHERS) / files_each.max(1);
    let room = usize::try_from(room.max(CONNECTIONS_MIN)).unwrap_or(usize::MAX);
    if room >= wanted {
        return wanted;
    }
    tracing::warn!(
        files,
        connections_max = room,
        "only so many files may be open: there will be fewer connections than connections_max says; raise the limit \
         (ulimit -n, LimitNOFILE)"
    );
    room
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_their_channels_and_for_files() {
        for (files, wanted, connections) in [
            (None, 10_000, 10_000),
            (Some(1 << 20), 10_000, 10_000),
            (Some(20_160), 10_000, 10_000),
            (Some(20_159), 10_000, 9_999),
            (Some(1_024), 10_000, 432),
            (Some(1_024), 100, 100),
            (Some(64), 10_000, 16),
        ] {
            assert_eq!(
                connections_within(files, wanted, 2),
                connections,
                "{files:?}"
            );
        }
    }
}
