//! Values of msgpack, each in its shortest form.

use super::super::{EncodeError, EncodeErrorKind};
use super::marker;

#[inline]
pub(super) fn unsigned(out: &mut Vec<u8>, value: u64) {
    if value < 0x80 {
        out.push(value as u8);
    } else if value <= 0xff {
        out.extend_from_slice(&[marker::U8, value as u8]);
    } else if value <= 0xffff {
        let [a, b] = (value as u16).to_be_bytes();
        out.extend_from_slice(&[marker::U16, a, b]);
    } else if value <= 0xffff_ffff {
        let [a, b, c, d] = (value as u32).to_be_bytes();
        out.extend_from_slice(&[marker::U32, a, b, c, d]);
    } else {
        eight(out, marker::U64, value.to_be_bytes());
    }
}

#[inline]
pub(super) fn signed(out: &mut Vec<u8>, value: i64) {
    if value >= 0 { unsigned(out, value.cast_unsigned()) } else { negative(out, value) }
}

fn negative(out: &mut Vec<u8>, value: i64) {
    if value >= -32 {
        out.push(value as u8);
    } else if let Ok(value) = i8::try_from(value) {
        out.extend_from_slice(&[marker::I8, value as u8]);
    } else if let Ok(value) = i16::try_from(value) {
        let [a, b] = value.to_be_bytes();
        out.extend_from_slice(&[marker::I16, a, b]);
    } else if let Ok(value) = i32::try_from(value) {
        let [a, b, c, d] = value.to_be_bytes();
        out.extend_from_slice(&[marker::I32, a, b, c, d]);
    } else {
        eight(out, marker::I64, value.to_be_bytes());
    }
}

#[inline]
pub(super) fn eight(out: &mut Vec<u8>, marker: u8, value: [u8; 8]) {
    let [a, b, c, d, e, f, g, h] = value;
    out.extend_from_slice(&[marker, a, b, c, d, e, f, g, h]);
}

#[inline]
pub(super) fn float(out: &mut Vec<u8>, value: f32) {
    let [a, b, c, d] = value.to_be_bytes();
    out.extend_from_slice(&[marker::F32, a, b, c, d]);
}

/// A header with a length in 8, 16 or 32 bits; `markers` are the three forms.
fn sized(
    out: &mut Vec<u8>,
    markers: [u8; 3],
    what: &'static str,
    len: usize,
) -> Result<(), EncodeError> {
    if let Ok(len) = u8::try_from(len) {
        out.extend_from_slice(&[markers[0], len]);
    } else if let Ok(len) = u16::try_from(len) {
        let [a, b] = len.to_be_bytes();
        out.extend_from_slice(&[markers[1], a, b]);
    } else if let Ok(len) = u32::try_from(len) {
        let [a, b, c, d] = len.to_be_bytes();
        out.extend_from_slice(&[markers[2], a, b, c, d]);
    } else {
        return Err(EncodeErrorKind::TooLong { what, len }.into());
    }
    Ok(())
}

#[inline]
pub(super) fn text(out: &mut Vec<u8>, text: &str) -> Result<(), EncodeError> {
    if text.len() < 32 {
        out.push(marker::FIXSTR | text.len() as u8);
    } else {
        sized(out, [marker::STR8, marker::STR16, marker::STR32], "string", text.len())?;
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// A name known when the caller is compiled: header and bytes become one constant.
#[inline(always)]
pub(super) fn key(out: &mut Vec<u8>, name: &'static str) -> Result<(), EncodeError> {
    let len = name.len();
    if len < 32 {
        let mut bytes = [0; 32];
        bytes[0] = marker::FIXSTR | len as u8;
        bytes[1..=len].copy_from_slice(name.as_bytes());
        out.extend_from_slice(&bytes[..=len]);
        return Ok(());
    }
    text(out, name)
}

#[inline]
pub(super) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), EncodeError> {
    sized(out, [marker::BIN8, marker::BIN16, marker::BIN32], "byte string", bytes.len())?;
    out.extend_from_slice(bytes);
    Ok(())
}

pub(super) fn extension(out: &mut Vec<u8>, tag: i8, bytes: &[u8]) -> Result<(), EncodeError> {
    match bytes.len() {
        1 => out.push(marker::FIXEXT1),
        2 => out.push(marker::FIXEXT2),
        4 => out.push(marker::FIXEXT4),
        8 => out.push(marker::FIXEXT8),
        16 => out.push(marker::FIXEXT16),
        len => sized(out, [marker::EXT8, marker::EXT16, marker::EXT32], "extension", len)?,
    }
    out.push(tag.cast_unsigned());
    out.extend_from_slice(bytes);
    Ok(())
}

/// Which of the two kinds of containers.
#[derive(Clone, Copy)]
pub(super) enum Container {
    Array,
    Map,
}

impl Container {
    fn markers(self) -> (u8, u8, u8, &'static str) {
        match self {
            Self::Array => (marker::FIXARRAY, marker::ARRAY16, marker::ARRAY32, "list"),
            Self::Map => (marker::FIXMAP, marker::MAP16, marker::MAP32, "map"),
        }
    }
}

#[inline]
pub(super) fn header(
    out: &mut Vec<u8>,
    container: Container,
    len: usize,
) -> Result<(), EncodeError> {
    let (fix, half, full, what) = container.markers();
    if len < 16 {
        out.push(fix | len as u8);
    } else if let Ok(len) = u16::try_from(len) {
        let [a, b] = len.to_be_bytes();
        out.extend_from_slice(&[half, a, b]);
    } else if let Ok(len) = u32::try_from(len) {
        let [a, b, c, d] = len.to_be_bytes();
        out.extend_from_slice(&[full, a, b, c, d]);
    } else {
        return Err(EncodeErrorKind::TooLong { what, len }.into());
    }
    Ok(())
}
