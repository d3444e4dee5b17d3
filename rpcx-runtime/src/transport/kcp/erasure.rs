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
    add_multiples([sum], shard, [factor]);
}

/// Bytes that are multiplied together: as many as the registers of any processor hold for one step.
const TOGETHER: usize = 64;

/// Adds a multiple of one shard to each sum, as far as the shortest of them goes.
///
/// The multiples are sums of the doubles of the shard, which are the same for all factors: without tables, so
/// that the compiler makes vector instructions of it.
fn add_multiples<const N: usize>(mut sums: [&mut [u8]; N], shard: &[u8], factors: [u8; N]) {
    let shortest = sums.iter().map(|sum| sum.len()).min().unwrap_or_default();
    let shard = &shard[..shortest.min(shard.len())];
    let (blocks, rest) = shard.as_chunks::<TOGETHER>();
    for (at, block) in blocks.iter().enumerate() {
        let start = at * TOGETHER;
        add_block(&mut sums, start, TOGETHER, *block, factors);
    }
    let mut last = [0; TOGETHER];
    last[..rest.len()].copy_from_slice(rest);
    add_block(
        &mut sums,
        blocks.len() * TOGETHER,
        rest.len(),
        last,
        factors,
    );
}

/// The same for the bytes of a block, of which so many are there.
#[inline(always)]
fn add_block<const N: usize>(
    sums: &mut [&mut [u8]; N],
    start: usize,
    len: usize,
    mut multiple: [u8; TOGETHER],
    factors: [u8; N],
) {
    let mut added = [[0; TOGETHER]; N];
    let highest = factors.iter().fold(0, |all, factor| all | factor);
    for bit in 0..u8::BITS - highest.leading_zeros() {
        for (added, factor) in added.iter_mut().zip(factors) {
            if factor >> bit & 1 == 1 {
                xor(added, &multiple);
            }
        }
        multiple.iter_mut().for_each(|byte| *byte = double(*byte));
    }
    for (sum, added) in sums.iter_mut().zip(&added) {
        xor(&mut sum[start..start + len], &added[..len]);
    }
}

fn double(byte: u8) -> u8 {
    let carry = if byte >= 0x80 { POLYNOMIAL } else { 0 };
    byte << 1 ^ carry
}

fn xor(sum: &mut [u8], bytes: &[u8]) {
    let pairs = sum.iter_mut().zip(bytes);
    pairs.for_each(|(sum, byte)| *sum ^= byte);
}

/// Adds the data shard at `index` to the parity of its group.
pub(super) fn add(index: usize, shard: &[u8], parity: &mut [Vec<u8>; PARITY]) {
    for parity in parity.iter_mut() {
        if parity.len() < shard.len() {
            parity.resize(shard.len(), 0);
        }
    }
    let factors = CODE.each_ref().map(|row| row[index]);
    add_multiples(parity.each_mut().map(Vec::as_mut_slice), shard, factors);
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
    fn multiples_of_shards_of_any_length_are_those_of_each_byte() {
        for factor in 0..=255 {
            for len in [0, 1, 63, 64, 65, 300] {
                let shard: Vec<u8> = (0..len).map(|at| (at * 7 + 3) as u8).collect();
                let mut sum: Vec<u8> = (0..len).map(|at| at as u8).collect();
                let product = |(at, byte): (usize, &u8)| at as u8 ^ times(*byte, factor);
                let wanted: Vec<u8> = shard.iter().enumerate().map(product).collect();
                add_times(&mut sum, &shard, factor);
                assert_eq!(sum, wanted, "{factor} times {len} bytes");
            }
        }
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
