//! A message of thrift that contains itself and has a field of every kind, read and written as code
//! of the thrift compiler does it:
//!
//! ```text
//! struct Sample {
//!   1: required string name
//!   2: optional bool flag
//!   3: optional i8 tiny
//!   4: optional i16 short
//!   5: optional i32 number
//!   6: optional i64 wide
//!   7: optional double ratio
//!   8: optional binary bytes
//!   9: optional list<string> list
//!   10: optional set<i32> numbers
//!   11: optional map<string, list<i64>> map
//!   12: optional Sample inner
//!   13: optional list<Sample> more
//! }
//! ```

use std::collections::{BTreeMap, BTreeSet};

use thrift::OrderedFloat;
use thrift::protocol::{
    TFieldIdentifier, TInputProtocol, TListIdentifier, TMapIdentifier, TOutputProtocol,
    TSerializable, TSetIdentifier, TStructIdentifier, TType, verify_required_field_exists,
};

/// See above.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    pub name: String,
    pub flag: Option<bool>,
    pub tiny: Option<i8>,
    pub short: Option<i16>,
    pub number: Option<i32>,
    pub wide: Option<i64>,
    pub ratio: Option<OrderedFloat<f64>>,
    pub bytes: Option<Vec<u8>>,
    pub list: Option<Vec<String>>,
    pub numbers: Option<BTreeSet<i32>>,
    pub map: Option<BTreeMap<String, Vec<i64>>>,
    pub inner: Option<Box<Self>>,
    pub more: Option<Vec<Self>>,
}

impl TSerializable for Sample {
    fn read_from_in_protocol(input: &mut dyn TInputProtocol) -> thrift::Result<Self> {
        input.read_struct_begin()?;
        let mut name = None;
        let mut read = Self::default();
        loop {
            let field = input.read_field_begin()?;
            if field.field_type == TType::Stop {
                break;
            }
            match field.id.unwrap_or_default() {
                1 => name = Some(input.read_string()?),
                2 => read.flag = Some(input.read_bool()?),
                3 => read.tiny = Some(input.read_i8()?),
                4 => read.short = Some(input.read_i16()?),
                5 => read.number = Some(input.read_i32()?),
                6 => read.wide = Some(input.read_i64()?),
                7 => read.ratio = Some(OrderedFloat::from(input.read_double()?)),
                8 => read.bytes = Some(input.read_bytes()?),
                9 => read.list = Some(list(input, |input| input.read_string())?),
                10 => read.numbers = Some(set(input)?),
                11 => read.map = Some(map(input)?),
                12 => read.inner = Some(Box::new(Self::read_from_in_protocol(input)?)),
                13 => read.more = Some(list(input, Self::read_from_in_protocol)?),
                _ => input.skip(field.field_type)?,
            }
            input.read_field_end()?;
        }
        input.read_struct_end()?;
        verify_required_field_exists("Sample.name", &name)?;
        read.name = name.unwrap_or_default();
        Ok(read)
    }

    fn write_to_out_protocol(&self, out: &mut dyn TOutputProtocol) -> thrift::Result<()> {
        out.write_struct_begin(&TStructIdentifier::new("Sample"))?;
        field(out, 1, TType::String, Some(&self.name), |out, name| {
            out.write_string(name)
        })?;
        field(out, 2, TType::Bool, self.flag, |out, flag| {
            out.write_bool(flag)
        })?;
        field(out, 3, TType::I08, self.tiny, |out, tiny| {
            out.write_i8(tiny)
        })?;
        field(out, 4, TType::I16, self.short, |out, short| {
            out.write_i16(short)
        })?;
        field(out, 5, TType::I32, self.number, |out, number| {
            out.write_i32(number)
        })?;
        field(out, 6, TType::I64, self.wide, |out, wide| {
            out.write_i64(wide)
        })?;
        field(out, 7, TType::Double, self.ratio, |out, ratio| {
            out.write_double(ratio.into())
        })?;
        field(out, 8, TType::String, self.bytes.as_ref(), |out, bytes| {
            out.write_bytes(bytes)
        })?;
        field(out, 9, TType::List, self.list.as_ref(), |out, list| {
            out.write_list_begin(&TListIdentifier::new(TType::String, list.len() as i32))?;
            list.iter().try_for_each(|text| out.write_string(text))?;
            out.write_list_end()
        })?;
        field(out, 10, TType::Set, self.numbers.as_ref(), |out, set| {
            out.write_set_begin(&TSetIdentifier::new(TType::I32, set.len() as i32))?;
            set.iter().try_for_each(|number| out.write_i32(*number))?;
            out.write_set_end()
        })?;
        field(out, 11, TType::Map, self.map.as_ref(), write_map)?;
        field(out, 12, TType::Struct, self.inner.as_ref(), |out, inner| {
            inner.write_to_out_protocol(out)
        })?;
        field(out, 13, TType::List, self.more.as_ref(), |out, list| {
            out.write_list_begin(&TListIdentifier::new(TType::Struct, list.len() as i32))?;
            list.iter()
                .try_for_each(|more| more.write_to_out_protocol(out))?;
            out.write_list_end()
        })?;
        out.write_field_stop()?;
        out.write_struct_end()
    }
}

type Output<'a> = dyn TOutputProtocol + 'a;

fn field<T>(
    out: &mut Output<'_>,
    id: i16,
    kind: TType,
    value: Option<T>,
    write: impl FnOnce(&mut Output<'_>, T) -> thrift::Result<()>,
) -> thrift::Result<()> {
    let Some(value) = value else { return Ok(()) };
    out.write_field_begin(&TFieldIdentifier::new("field", kind, id))?;
    write(out, value)?;
    out.write_field_end()
}

fn write_map(out: &mut Output<'_>, map: &BTreeMap<String, Vec<i64>>) -> thrift::Result<()> {
    out.write_map_begin(&TMapIdentifier::new(
        TType::String,
        TType::List,
        map.len() as i32,
    ))?;
    for (key, list) in map {
        out.write_string(key)?;
        out.write_list_begin(&TListIdentifier::new(TType::I64, list.len() as i32))?;
        list.iter().try_for_each(|number| out.write_i64(*number))?;
        out.write_list_end()?;
    }
    out.write_map_end()
}

/// Reserves what is announced, as the compiler's code did before 0.25.
fn list<T>(
    input: &mut dyn TInputProtocol,
    read: impl Fn(&mut dyn TInputProtocol) -> thrift::Result<T>,
) -> thrift::Result<Vec<T>> {
    let count = input.read_list_begin()?.size;
    let mut list = Vec::with_capacity(count as usize);
    for _ in 0..count {
        list.push(read(input)?);
    }
    input.read_list_end()?;
    Ok(list)
}

fn set(input: &mut dyn TInputProtocol) -> thrift::Result<BTreeSet<i32>> {
    let mut set = BTreeSet::new();
    for _ in 0..input.read_set_begin()?.size {
        set.insert(input.read_i32()?);
    }
    input.read_set_end()?;
    Ok(set)
}

fn map(input: &mut dyn TInputProtocol) -> thrift::Result<BTreeMap<String, Vec<i64>>> {
    let mut map = BTreeMap::new();
    for _ in 0..input.read_map_begin()?.size {
        let key = input.read_string()?;
        map.insert(key, list(input, |input| input.read_i64())?);
    }
    input.read_map_end()?;
    Ok(map)
}
