//! From a response to bytes, as hyper writes it.

use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Response, StatusCode};
use time::OffsetDateTime;

use super::super::reply::ResponseBody;

/// A body of at most as many bytes goes along with its head.
const JOINED: usize = 16 << 10;

/// As `date: Sun, 06 Nov 1994 08:49:37 GMT`, with the end of the head behind it.
type Date = [u8; 39];

thread_local! {
    /// The second that a date was made for.
    static DATE: Cell<(u64, Date)> = const { Cell::new((0, [0; 39])) };
}

/// Writes a response in place of what is in `out`, without a body that is long.
pub(super) fn response(out: &mut Vec<u8>, response: &Response<ResponseBody>, last: bool) {
    out.clear();
    let (status, body) = (response.status(), response.body().bytes());
    begin(out, status);
    for (name, value) in response.headers() {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            out.extend_from_slice(part);
        }
    }
    if status != StatusCode::NO_CONTENT {
        out.extend_from_slice(b"content-length: ");
        number(out, body.len());
        out.extend_from_slice(b"\r\n");
    }
    if last {
        out.extend_from_slice(b"connection: close\r\n");
    }
    out.extend_from_slice(&date());
    if !is_long(body) {
        out.extend_from_slice(body);
    }
}

/// Whether a body is written by itself.
pub(super) fn is_long(body: &Bytes) -> bool {
    body.len() > JOINED
}

fn begin(out: &mut Vec<u8>, status: StatusCode) {
    if status == StatusCode::OK {
        return out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
    }
    let reason = status.canonical_reason().unwrap_or_default();
    for part in ["HTTP/1.1 ", status.as_str(), " ", reason, "\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

fn number(out: &mut Vec<u8>, mut number: usize) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return out.extend_from_slice(&digits[at..]);
        }
    }
}

/// The present.
fn date() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    let (made_for, date) = DATE.get();
    if made_for == seconds {
        return date;
    }
    let date = line(seconds);
    DATE.set((seconds, date));
    date
}

#[cold]
fn line(seconds: u64) -> Date {
    let seconds = i64::try_from(seconds).unwrap_or_default();
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (weekday, month) = (at.weekday().to_string(), at.month().to_string());
    let text = format!(
        "date: {:.3}, {:02} {:.3} {:04} {:02}:{:02}:{:02} GMT\r\n\r\n",
        weekday,
        at.day(),
        month,
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    );
    text.as_bytes().try_into().unwrap_or([b' '; 39])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_as_http_writes_it() {
        for (seconds, date) in [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            let line = line(seconds);
            assert_eq!(str::from_utf8(&line), Ok(&*format!("date: {date}\r\n\r\n")));
        }
    }

    #[test]
    fn numbers_are_written_in_whole() {
        for one in [0, 9, 10, 4096, usize::MAX] {
            let mut out = Vec::new();
            number(&mut out, one);
            assert_eq!(String::from_utf8(out).unwrap(), one.to_string());
        }
    }
}
