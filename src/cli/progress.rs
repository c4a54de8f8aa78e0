//! A line on the terminal while something takes more than a second.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How long work may take without a word.
const PATIENCE: Duration = Duration::from_secs(1);

/// Does the work. If that takes long and somebody watches, standard error says what is being done until it is done.
pub(super) fn while_working<T>(doing: &str, work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    say_after(PATIENCE, doing, &mut io::stderr(), work)
}

fn say_after<T>(patience: Duration, doing: &str, err: &mut (impl Write + Send), work: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let (done, end) = mpsc::channel::<()>();
        scope.spawn(move || {
            if end.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                // Nothing depends on the line; what cannot be said is left unsaid.
                let _ = write!(err, "{doing} …").and_then(|()| err.flush());
                let _ = end.recv();
                let _ = write!(err, "\r{:width$}\r", "", width = doing.chars().count() + 2).and_then(|()| err.flush());
            }
        });
        let result = work();
        drop(done);
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_work_is_announced_and_the_line_goes_away() {
        let mut err = Vec::new();
        assert_eq!(say_after(Duration::from_mins(1), "reading", &mut err, || 1), 1);
        assert_eq!(err, b"");
        say_after(Duration::ZERO, "reading", &mut err, || thread::sleep(Duration::from_millis(50)));
        assert_eq!(String::from_utf8(err).unwrap(), "reading …\r         \r");
    }
}
