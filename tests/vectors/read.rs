//! Reads a file of recorded bytes: one vector a line, `name = hex  # meaning`, `-` for no bytes.

/// Some bytes of a Go peer.
#[derive(Clone, Debug)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

const RECORDED: &str = include_str!("go-rpcx.txt");

/// All that is recorded.
pub(crate) fn recorded() -> Vec<Vector> {
    parse(RECORDED).unwrap_or_else(|error| panic!("tests/vectors/go-rpcx.txt:{error}"))
}

/// The vectors of a text, or the line that is none.
pub(crate) fn parse(text: &str) -> Result<Vec<Vector>, String> {
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(at, line)| vector(line).map_err(|error| format!("{}: {error}", at + 1)))
        .collect()
}

fn vector(line: &str) -> Result<Vector, String> {
    let (name, rest) = line.split_once(" = ").ok_or("no ` = `")?;
    let hex = rest.split_once('#').map_or(rest, |(hex, _)| hex).trim();
    let bytes = if hex == "-" {
        Vec::new()
    } else {
        from_hex(hex)?
    };
    Ok(Vector {
        name: name.trim().to_owned(),
        bytes,
    })
}

/// The bytes that these digits stand for.
pub(crate) fn from_hex(hex: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u8>> = hex
        .chars()
        .map(|c| c.to_digit(16).map(|digit| digit as u8))
        .collect();
    let digits = digits.ok_or_else(|| format!("`{hex}` is not hexadecimal"))?;
    let (pairs, odd) = digits.as_chunks::<2>();
    if !odd.is_empty() || pairs.is_empty() {
        return Err(format!("{} digits do not make bytes", digits.len()));
    }
    Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}
