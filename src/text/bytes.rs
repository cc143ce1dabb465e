//! Looking through the bytes of a text, many at a time. Each walks to the end and adds up without a branch: so that the compiler
//! takes sixteen bytes at once, which is an eighth of the work of finding the first.

/// Whether a condition holds of any byte. It should be made of `|` and `&`, not of `||` and `&&`.
#[inline]
pub(crate) fn any_byte(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(0, |any, byte| any | u8::from(is(*byte))) != 0
}

/// Whether a condition holds of any two bytes that stand side by side.
#[inline]
pub(crate) fn any_pair(bytes: &[u8], is: impl Fn(u8, u8) -> bool) -> bool {
    let following = bytes.get(1..).unwrap_or_default();
    bytes.iter().zip(following).fold(0, |any, (a, b)| any | u8::from(is(*a, *b))) != 0
}

/// Of how many bytes a condition holds.
#[inline]
pub(crate) fn count_bytes(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let of_part = |part: &[u8]| part.iter().fold(0_u8, |n, byte| n.wrapping_add(u8::from(is(*byte))));
    bytes.chunks(usize::from(u8::MAX)).map(|part| usize::from(of_part(part))).sum()
}

/// Where a byte stands first.
#[inline]
pub(crate) fn find_byte(bytes: &[u8], byte: u8) -> Option<usize> {
    memchr::memchr(byte, bytes)
}

/// How many bytes of ASCII a text begins with.
#[inline]
pub(crate) fn ascii_run(bytes: &[u8]) -> usize {
    /// The bit that ASCII never has, of eight bytes.
    const HIGH: [u8; 8] = [0x80; 8];
    let (eights, _) = bytes.as_chunks::<8>();
    let is_ascii = |eight: &&[u8; 8]| u64::from_ne_bytes(**eight) & u64::from_ne_bytes(HIGH) == 0;
    let whole = eights.iter().take_while(is_ascii).count() * 8;
    whole + bytes[whole..].iter().position(|byte| !byte.is_ascii()).unwrap_or(bytes.len() - whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn many_at_a_time_is_one_after_the_other(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let is = |b: u8| (b == b'<') | (b > 0xf0);
            prop_assert_eq!(any_byte(&bytes, is), bytes.iter().any(|b| is(*b)));
            prop_assert_eq!(find_byte(&bytes, 7), bytes.iter().position(|b| *b == 7));
            prop_assert_eq!(count_bytes(&bytes, is), bytes.iter().filter(|b| is(**b)).count());
            let pair = |a: u8, b: u8| (a < 0x10) & (b < 0x40);
            prop_assert_eq!(any_pair(&bytes, pair), bytes.windows(2).any(|w| pair(w[0], w[1])));
        }

        #[test]
        fn a_run_of_ascii_ends_at_the_first_other_byte(text in "[a-zé]{0,40}") {
            let first = text.bytes().position(|b| !b.is_ascii()).unwrap_or(text.len());
            prop_assert_eq!(ascii_run(text.as_bytes()), first);
        }
    }

    #[test]
    fn more_than_a_byte_can_count_are_counted() {
        assert_eq!(count_bytes(&[b'<'; 1000], |b| b == b'<'), 1000);
    }
}
