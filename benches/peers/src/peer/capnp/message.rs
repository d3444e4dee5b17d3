//! From the struct of [`crate::message`] to Cap'n Proto's message, and back: what a program does that has its own types.
//!
//! A number or a truth value has no presence in Cap'n Proto, only a default: one that is absent is zero there, and zero is
//! absent here. A text is a pointer, and is absent if that is null.

use capnp_gen::bench_capnp::benchmark_message::{Builder, Reader};

use crate::message::BenchmarkMessage;

/// Calls `$set` with each field that there is.
macro_rules! set {
    ($to:ident, $from:ident: $($field:ident $set:ident,)*) => {
        $(if let Some(value) = $from.$field {
            $to.$set(value);
        })*
    };
}

/// The same for texts, which are borrowed.
macro_rules! set_texts {
    ($to:ident, $from:ident: $($field:ident $set:ident,)*) => {
        $(if let Some(text) = &$from.$field {
            $to.$set(text);
        })*
    };
}

/// `Some` of a text that is not null, checked to be UTF-8.
macro_rules! text {
    ($from:ident: $has:ident $get:ident) => {
        match $from.$has() {
            true => Some($from.$get()?.to_string()?),
            false => None,
        }
    };
}

/// `Some` of what is not its type's default.
fn present<T: Default + PartialEq>(value: T) -> Option<T> {
    (value != T::default()).then_some(value)
}

#[rustfmt::skip]
pub(super) fn write(from: &BenchmarkMessage, mut to: Builder<'_>) -> capnp::Result<()> {
    to.set_field1(&from.field1);
    to.set_field2(from.field2);
    to.set_field3(from.field3);
    if !from.field5.is_empty() {
        to.set_field5(&*from.field5)?;
    }
    set_texts!(to, from:
        field9 set_field9, field18 set_field18, field4 set_field4, field7 set_field7,
        field102 set_field102, field103 set_field103, field129 set_field129,
    );
    set!(to, from:
        field80 set_field80, field81 set_field81, field59 set_field59, field12 set_field12,
        field17 set_field17, field13 set_field13, field14 set_field14, field30 set_field30,
        field24 set_field24, field78 set_field78, field280 set_field280, field6 set_field6,
        field22 set_field22, field16 set_field16, field130 set_field130, field104 set_field104,
        field100 set_field100, field101 set_field101, field29 set_field29, field60 set_field60,
        field271 set_field271, field272 set_field272, field150 set_field150, field23 set_field23,
        field25 set_field25, field67 set_field67, field68 set_field68, field128 set_field128,
        field131 set_field131,
    );
    Ok(())
}

pub(super) fn read(from: Reader<'_>) -> capnp::Result<BenchmarkMessage> {
    Ok(BenchmarkMessage {
        field1: from.get_field1()?.to_string()?,
        field9: text!(from: has_field9 get_field9),
        field18: text!(from: has_field18 get_field18),
        field80: present(from.get_field80()),
        field81: present(from.get_field81()),
        field2: from.get_field2(),
        field3: from.get_field3(),
        field280: present(from.get_field280()),
        field6: present(from.get_field6()),
        field22: present(from.get_field22()),
        field4: text!(from: has_field4 get_field4),
        field5: from.get_field5()?.iter().collect(),
        field59: present(from.get_field59()),
        field7: text!(from: has_field7 get_field7),
        field16: present(from.get_field16()),
        field130: present(from.get_field130()),
        field12: present(from.get_field12()),
        field17: present(from.get_field17()),
        field13: present(from.get_field13()),
        field14: present(from.get_field14()),
        field104: present(from.get_field104()),
        field100: present(from.get_field100()),
        field101: present(from.get_field101()),
        field102: text!(from: has_field102 get_field102),
        field103: text!(from: has_field103 get_field103),
        field29: present(from.get_field29()),
        field30: present(from.get_field30()),
        field60: present(from.get_field60()),
        field271: present(from.get_field271()),
        field272: present(from.get_field272()),
        field150: present(from.get_field150()),
        field23: present(from.get_field23()),
        field24: present(from.get_field24()),
        field25: present(from.get_field25()),
        field78: present(from.get_field78()),
        field67: present(from.get_field67()),
        field68: present(from.get_field68()),
        field128: present(from.get_field128()),
        field129: text!(from: has_field129 get_field129),
        field131: present(from.get_field131()),
    })
}

#[cfg(test)]
mod tests {
    use capnp::message::{Builder, HeapAllocator};
    use capnp_gen::bench_capnp::benchmark_message;

    use super::*;

    /// The message, and the bytes that it takes.
    fn round_trip(message: &BenchmarkMessage) -> (BenchmarkMessage, usize) {
        let mut built = Builder::new(HeapAllocator::new());
        write(message, built.init_root()).unwrap();
        let bytes = capnp::serialize::write_message_to_words(&built);
        let segments = capnp::serialize::read_message(&*bytes, Default::default()).unwrap();
        let root: benchmark_message::Reader<'_> = segments.get_root().unwrap();
        (read(root).unwrap(), bytes.len())
    }

    #[test]
    fn every_field_comes_back() {
        let filled = BenchmarkMessage::filled();
        let (back, bytes) = round_trip(&filled);
        assert_eq!(back, filled);
        assert_eq!(bytes, 632);
        // each number another, each truth value by itself, and the list with elements
        for number in 1..=40 {
            let mut message = numbered();
            message.field5 = (0..number).collect();
            message.field80 = (number % 2 == 0).then_some(true);
            message.field129 = (number % 3 == 0).then(|| number.to_string());
            assert_eq!(round_trip(&message).0, message);
        }
    }

    #[test]
    fn what_is_absent_stays_absent_and_zero_becomes_so() {
        let empty = BenchmarkMessage::default();
        assert_eq!(round_trip(&empty).0, empty);
        let mut zero = empty.clone();
        zero.field6 = Some(0);
        zero.field80 = Some(false);
        zero.field9 = Some(String::new());
        let (back, _) = round_trip(&zero);
        assert_eq!((back.field6, back.field80), (None, None));
        assert_eq!(back.field9.as_deref(), Some(""));
    }

    /// Each field with a value of its own, so that no two can be taken for each other.
    fn numbered() -> BenchmarkMessage {
        let mut json = serde_json::to_value(BenchmarkMessage::filled()).unwrap();
        for (name, value) in json.as_object_mut().unwrap() {
            let number: i64 = name.trim_start_matches("field").parse().unwrap();
            if value.is_number() {
                *value = number.into();
            } else if value.is_string() {
                *value = name.as_str().into();
            }
        }
        serde_json::from_value(json).unwrap()
    }
}
