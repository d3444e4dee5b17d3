//! Values to TBinary, in strict form.

use thrift::protocol::{
    TFieldIdentifier, TListIdentifier, TMapIdentifier, TMessageIdentifier, TOutputProtocol,
    TSetIdentifier, TStructIdentifier, TType,
};

use super::{DEEPEST, kind};
use crate::codec::{EncodeError, EncodeErrorKind};

/// Appends one struct to some bytes.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    /// How many structs and containers are open.
    depth: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, depth: 0 }
    }

    fn put(&mut self, bytes: &[u8]) -> thrift::Result<()> {
        if self.depth == 0 {
            let text = "the payload of thrift is a struct, and this value is none";
            return Err(value(text.to_owned()));
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn enter(&mut self) -> thrift::Result<()> {
        if self.depth == DEEPEST {
            let text = format!("values are nested deeper than {DEEPEST}");
            return Err(value(text));
        }
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self) -> thrift::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn sequence(&mut self, element: TType, count: i32) -> thrift::Result<()> {
        self.put(&[kind::number(element)])?;
        self.count(count)
    }

    /// The count of a container. Compiled thrift code casts it from `usize`.
    fn count(&mut self, count: i32) -> thrift::Result<()> {
        if count < 0 {
            let text = "a container of more than 2147483647 elements cannot be encoded";
            return Err(value(text.to_owned()));
        }
        self.put(&count.to_be_bytes())?;
        self.enter()
    }
}

/// The length of a string on the wire.
fn length(length: usize) -> thrift::Result<i32> {
    i32::try_from(length).map_err(|_| {
        value(format!(
            "a string of {length} bytes cannot be encoded: 2147483647 is the most"
        ))
    })
}

/// An error of ours, on its way through code that knows those of the thrift crate.
#[cold]
fn value(text: String) -> thrift::Error {
    thrift::Error::User(Box::new(EncodeError::from(EncodeErrorKind::Value(text))))
}

impl TOutputProtocol for Writer<'_> {
    fn write_message_begin(&mut self, _: &TMessageIdentifier) -> thrift::Result<()> {
        let text = "a payload is a struct without a message around it";
        Err(value(text.to_owned()))
    }

    fn write_message_end(&mut self) -> thrift::Result<()> {
        Ok(())
    }

    fn write_struct_begin(&mut self, _: &TStructIdentifier) -> thrift::Result<()> {
        self.enter()
    }

    fn write_struct_end(&mut self) -> thrift::Result<()> {
        self.leave()
    }

    fn write_field_begin(&mut self, field: &TFieldIdentifier) -> thrift::Result<()> {
        let (number, Some(id)) = (kind::number(field.field_type), field.id) else {
            return Err(value("a field without a number".to_owned()));
        };
        if number == 0 {
            return Err(value(format!("the field {id} has no type")));
        }
        self.put(&[number])?;
        self.put(&id.to_be_bytes())
    }

    fn write_field_end(&mut self) -> thrift::Result<()> {
        Ok(())
    }

    fn write_field_stop(&mut self) -> thrift::Result<()> {
        self.put(&[0])
    }

    fn write_bool(&mut self, value: bool) -> thrift::Result<()> {
        self.put(&[u8::from(value)])
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> thrift::Result<()> {
        self.put(&length(bytes.len())?.to_be_bytes())?;
        self.put(bytes)
    }

    fn write_i8(&mut self, value: i8) -> thrift::Result<()> {
        self.put(&value.to_be_bytes())
    }

    fn write_i16(&mut self, value: i16) -> thrift::Result<()> {
        self.put(&value.to_be_bytes())
    }

    fn write_i32(&mut self, value: i32) -> thrift::Result<()> {
        self.put(&value.to_be_bytes())
    }

    fn write_i64(&mut self, value: i64) -> thrift::Result<()> {
        self.put(&value.to_be_bytes())
    }

    fn write_double(&mut self, value: f64) -> thrift::Result<()> {
        self.put(&value.to_be_bytes())
    }

    fn write_uuid(&mut self, value: &uuid::Uuid) -> thrift::Result<()> {
        self.put(value.as_bytes())
    }

    fn write_string(&mut self, text: &str) -> thrift::Result<()> {
        self.write_bytes(text.as_bytes())
    }

    fn write_list_begin(&mut self, list: &TListIdentifier) -> thrift::Result<()> {
        self.sequence(list.element_type, list.size)
    }

    fn write_list_end(&mut self) -> thrift::Result<()> {
        self.leave()
    }

    fn write_set_begin(&mut self, set: &TSetIdentifier) -> thrift::Result<()> {
        self.sequence(set.element_type, set.size)
    }

    fn write_set_end(&mut self) -> thrift::Result<()> {
        self.leave()
    }

    fn write_map_begin(&mut self, map: &TMapIdentifier) -> thrift::Result<()> {
        let number = |kind: Option<TType>| kind.map_or(0, kind::number);
        self.put(&[number(map.key_type), number(map.value_type)])?;
        self.count(map.size)
    }

    fn write_map_end(&mut self) -> thrift::Result<()> {
        self.leave()
    }

    fn flush(&mut self) -> thrift::Result<()> {
        Ok(())
    }

    fn write_byte(&mut self, value: u8) -> thrift::Result<()> {
        self.put(&[value])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_beyond_31_bits_are_refused() {
        assert_eq!(length(0x7fff_ffff).unwrap(), i32::MAX);
        let error = length(0x8000_0000).unwrap_err();
        assert!(error.to_string().contains("2147483648 bytes"), "{error}");
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out);
        writer.enter().unwrap();
        let list = TListIdentifier::new(TType::Bool, i32::MIN);
        assert!(writer.write_list_begin(&list).is_err());
    }
}
