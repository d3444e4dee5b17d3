//! `ThriftColorGroup` of Go rpcx's own tests, as code of the thrift compiler:
//!
//! ```text
//! struct ThriftColorGroup {
//!   1: required i32 ID
//!   2: required string Name
//!   3: required list<string> Colors
//! }
//! ```

use thrift::protocol::{
    TFieldIdentifier, TInputProtocol, TListIdentifier, TOutputProtocol, TSerializable,
    TStructIdentifier, TType, verify_required_field_exists,
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ColorGroup {
    pub(crate) id: i32,
    pub(crate) name: String,
    pub(crate) colors: Vec<String>,
}

impl ColorGroup {
    pub(crate) fn new(id: i32, name: &str, colors: &[&str]) -> Self {
        Self {
            id,
            name: name.to_owned(),
            colors: colors.iter().map(|color| (*color).to_owned()).collect(),
        }
    }
}

impl TSerializable for ColorGroup {
    fn read_from_in_protocol(input: &mut dyn TInputProtocol) -> thrift::Result<Self> {
        input.read_struct_begin()?;
        let (mut id, mut name, mut colors) = (None, None, None);
        loop {
            let field = input.read_field_begin()?;
            if field.field_type == TType::Stop {
                break;
            }
            match field.id.expect("every field but the last has a number") {
                1 => id = Some(input.read_i32()?),
                2 => name = Some(input.read_string()?),
                3 => {
                    let list = input.read_list_begin()?;
                    let mut read = Vec::with_capacity(list.size as usize);
                    for _ in 0..list.size {
                        read.push(input.read_string()?);
                    }
                    input.read_list_end()?;
                    colors = Some(read);
                }
                _ => input.skip(field.field_type)?,
            }
            input.read_field_end()?;
        }
        input.read_struct_end()?;
        verify_required_field_exists("ThriftColorGroup.id", &id)?;
        verify_required_field_exists("ThriftColorGroup.name", &name)?;
        verify_required_field_exists("ThriftColorGroup.colors", &colors)?;
        Ok(Self {
            id: id.expect("verified"),
            name: name.expect("verified"),
            colors: colors.expect("verified"),
        })
    }

    fn write_to_out_protocol(&self, output: &mut dyn TOutputProtocol) -> thrift::Result<()> {
        output.write_struct_begin(&TStructIdentifier::new("ThriftColorGroup"))?;
        output.write_field_begin(&TFieldIdentifier::new("ID", TType::I32, 1))?;
        output.write_i32(self.id)?;
        output.write_field_end()?;
        output.write_field_begin(&TFieldIdentifier::new("Name", TType::String, 2))?;
        output.write_string(&self.name)?;
        output.write_field_end()?;
        output.write_field_begin(&TFieldIdentifier::new("Colors", TType::List, 3))?;
        let count = self.colors.len() as i32;
        output.write_list_begin(&TListIdentifier::new(TType::String, count))?;
        for color in &self.colors {
            output.write_string(color)?;
        }
        output.write_list_end()?;
        output.write_field_end()?;
        output.write_field_stop()?;
        output.write_struct_end()
    }
}
