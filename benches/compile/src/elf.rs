//! The size of the machine code in a program.

use std::fs;
use std::path::Path;

/// Bytes of the section `.text` of a 64-bit ELF file.
///
/// # Errors
/// The file cannot be read, or is none.
pub(crate) fn text_size(path: &Path) -> Result<u64, String> {
    let file = fs::read(path).map_err(|error| format!("{path:?}: {error}"))?;
    text_section(&file).ok_or_else(|| format!("{path:?} is no 64-bit ELF file with a `.text`"))
}

fn text_section(file: &[u8]) -> Option<u64> {
    let is_elf = file.starts_with(b"\x7fELF\x02\x01");
    let sections = is_elf.then(|| number(file, 0x28, 8))??;
    let size = number(file, 0x3a, 2)?;
    let count = number(file, 0x3c, 2)?;
    let section = |index: u64| Some(sections + index.checked_mul(size)?);
    let names = number(file, section(number(file, 0x3e, 2)?)? + 0x18, 8)?;
    let is_text = |at: u64| {
        let name = names + number(file, at, 4)?;
        let name = file.get(usize::try_from(name).ok()?..)?;
        Some(name.starts_with(b".text\0"))
    };
    let mut all = (0..count).filter_map(section);
    let found = all.find(|at| is_text(*at) == Some(true))?;
    number(file, found + 0x20, 8)
}

/// A number in little-endian order.
fn number(file: &[u8], at: u64, length: usize) -> Option<u64> {
    let at = usize::try_from(at).ok()?;
    let bytes = file.get(at..at.checked_add(length)?)?;
    let digits = bytes.iter().rev();
    Some(digits.fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}
