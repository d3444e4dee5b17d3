//! The Reed-Solomon code of Go rpcx: three parity shards for ten of data, of which any ten are enough.
//!
//! A systematic code over the field of 256 elements with the polynomial 0x11d, made as
//! klauspost/reedsolomon makes it: a Vandermonde matrix, multiplied by the inverse of its upper part, so that
//! the data is in the code as it is. Shards are of one length; what is missing at the end of one is zero.

use std::sync::LazyLock;

use super::fec::{DATA, PARITY};

/// x^8 + x^4 + x^3 + x^2 + 1, without its highest term.
const POLYNOMIAL: u8 = 0x1d;

/// Powers of 2, twice, so that a sum of two logarithms needs no remainder, and the logarithms.
struct Field {
    powers: [u8; 510],
    logarithms: [u8; 256],
}

const FIELD: Field = field();

const fn field() -> Field {
    let (mut powers, mut logarithms) = ([0; 510], [0; 256]);
    let (mut at, mut power) = (0, 1u8);
    while at < 255 {
        powers[at] = power;
        powers[at + 255] = power;
        logarithms[power as usize] = at as u8;
        power = (power << 1) ^ if power >= 0x80 { POLYNOMIAL } else { 0 };
        at += 1;
    }
    Field { powers, logarithms }
}

fn times(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    let log = |element: u8| usize::from(FIELD.logarithms[usize::from(element)]);
    FIELD.powers[log(a) + log(b)]
}

/// That of an element other than zero.
fn inverse(a: u8) -> u8 {
    FIELD.powers[255 - usize::from(FIELD.logarithms[usize::from(a)])]
}

fn power(base: u8, exponent: usize) -> u8 {
    (0..exponent).fold(1, |product, _| times(product, base))
}

type Row = [u8; DATA];
type Square = [Row; DATA];

/// What each data shard is multiplied by for each parity shard. The same for every session.
static CODE: LazyLock<[Row; PARITY]> = LazyLock::new(|| {
    let vandermonde = |row: usize| std::array::from_fn(|column| power(row as u8, column));
    let upper = inverted(std::array::from_fn(vandermonde)).unwrap_or_default();
    std::array::from_fn(|row| product(&vandermonde(DATA + row), &upper))
});

fn product(row: &Row, square: &Square) -> Row {
    std::array::from_fn(|column| {
        let terms = row.iter().zip(square).map(|(a, b)| times(*a, b[column]));
        terms.fold(0, |sum, term| sum ^ term)
    })
}

/// By Gauss and Jordan. None if the matrix has no inverse.
fn inverted(mut matrix: Square) -> Option<Square> {
    let mut inverse_of = std::array::from_fn(unit);
    for at in 0..DATA {
        let pivot = (at..DATA).find(|row| matrix[*row][at] != 0)?;
        matrix.swap(at, pivot);
        inverse_of.swap(at, pivot);
        let factor = inverse(matrix[at][at]);
        for row in [&mut matrix[at], &mut inverse_of[at]] {
            row.iter_mut()
                .for_each(|element| *element = times(*element, factor));
        }
        let (own, own_inverse) = (matrix[at], inverse_of[at]);
        for row in (0..DATA).filter(|row| *row != at) {
            let factor = matrix[row][at];
            add_times(&mut matrix[row], &own, factor);
            add_times(&mut inverse_of[row], &own_inverse, factor);
        }
    }
    Some(inverse_of)
}

fn unit(row: usize) -> Row {
    std::array::from_fn(|column| u8::from(row == column))
}

/// Adds `factor` times a shard to a sum, as far as the shorter of them goes.
fn add_times(sum: &mut [u8], shard: &[u8], factor: u8) {
    match factor {
        0 => {}
        1 => sum
            .iter_mut()
            .zip(shard)
            .for_each(|(sum, byte)| *sum ^= byte),
        _ => {
            let products: [u8; 256] = std::array::from_fn(|byte| times(byte as u8, factor));
            let pairs = sum.iter_mut().zip(shard);
            pairs.for_each(|(sum, byte)| *sum ^= products[usize::from(*byte)]);
        }
    }
}

/// Adds the data shard at `index` to the parity of its group.
pub(super) fn add(index: usize, shard: &[u8], parity: &mut [Vec<u8>; PARITY]) {
    for (parity, row) in parity.iter_mut().zip(CODE.iter()) {
        if parity.len() < shard.len() {
            parity.resize(shard.len(), 0);
        }
        add_times(parity, shard, row[index]);
    }
}

/// The data shards that are missing, with their places. `shards` are the data and then the parity of one
/// group, all of those that are there of one length. None if fewer than ten are there.
pub(super) fn recover(shards: &[Option<Vec<u8>>]) -> Option<Vec<(usize, Vec<u8>)>> {
    let there = || {
        shards
            .iter()
            .enumerate()
            .filter_map(|(at, it)| Some((at, it.as_ref()?)))
    };
    let row = |at: usize| match at.checked_sub(DATA) {
        None => unit(at),
        Some(parity) => CODE[parity],
    };
    let mut rows = Square::default();
    let mut used = Vec::with_capacity(DATA);
    for (place, (at, shard)) in there().take(DATA).enumerate() {
        rows[place] = row(at);
        used.push(shard);
    }
    if used.len() < DATA {
        return None;
    }
    let back = inverted(rows)?;
    let missing = (0..DATA).filter(|at| shards.get(*at).is_some_and(Option::is_none));
    let recovered = missing.map(|at| {
        let mut data = vec![0; used[0].len()];
        for (shard, factor) in used.iter().zip(back[at]) {
            add_times(&mut data, shard, factor);
        }
        (at, data)
    });
    Some(recovered.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_has_an_inverse_and_the_field_is_that_of_go() {
        for element in 1..=255 {
            assert_eq!(times(element, inverse(element)), 1, "{element}");
        }
        // Of the tables of klauspost/reedsolomon: 2^8, and two products.
        assert_eq!((power(2, 8), times(3, 4), times(7, 7)), (29, 12, 21));
        assert_eq!(times(23, 45), 41);
    }

    #[test]
    fn any_ten_rows_have_an_inverse() {
        let all: Vec<Row> = (0..DATA).map(unit).chain(*CODE).collect();
        for a in 0..13 {
            for b in a + 1..13 {
                for c in b + 1..13 {
                    let left = (0..13).filter(|row| ![a, b, c].contains(row));
                    let rows: Vec<Row> = left.map(|row| all[row]).collect();
                    let rows = Square::try_from(rows).unwrap();
                    let back = inverted(rows).unwrap();
                    let identity: Vec<Row> = rows.iter().map(|row| product(row, &back)).collect();
                    assert_eq!(identity, (0..DATA).map(unit).collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    fn too_few_shards_bring_nothing_back() {
        let mut shards = vec![Some(vec![1, 2]); 9];
        shards.resize(13, None);
        assert_eq!(recover(&shards), None);
    }
}
