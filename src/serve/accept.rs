//! Which coded form a client takes (RFC 9110, 12.5.3).

use axum::http::{HeaderMap, header};

use crate::render::Coding;

/// Codings that a client may name before the rest is ignored.
const NAMED: usize = 32;

/// What to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// The bytes as they are.
    Plain,
    /// A coded form.
    Coded(Coding),
    /// The client takes none that we have.
    Nothing,
}

/// The form that the client likes best; of those that it likes equally, the smallest.
pub(super) fn choose(headers: &HeaderMap) -> Choice {
    let mut weights = Weights::default();
    let mut sent = false;
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    for part in values.flat_map(|v| v.split(',')).take(NAMED) {
        sent = true;
        weights.take(part);
    }
    if !sent {
        return Choice::Plain;
    }
    let any = weights.any;
    let best = Coding::ALL
        .into_iter()
        .map(|c| (Choice::Coded(c), weights.of(c).or(any).unwrap_or(0)))
        // What is not named is taken as it is, unless `*;q=0` refuses all that is not named.
        .chain([(Choice::Plain, weights.plain.unwrap_or(if any == Some(0) { 0 } else { 1 }))])
        .rev()
        .max_by_key(|(_, weight)| *weight);
    match best {
        Some((choice, 1..)) => choice,
        _ => Choice::Nothing,
    }
}

/// Weights in thousandths, as far as they were given.
#[derive(Default)]
struct Weights {
    coded: [Option<u16>; 3],
    plain: Option<u16>,
    any: Option<u16>,
}

impl Weights {
    fn take(&mut self, part: &str) {
        let mut fields = part.split(';').map(str::trim);
        let name = fields.next().unwrap_or("").to_ascii_lowercase();
        let q = fields.find_map(|f| f.strip_prefix("q=").or_else(|| f.strip_prefix("Q=")));
        let weight = Some(q.map_or(1000, weight));
        match name.as_str() {
            "br" => self.coded[0] = weight,
            "zstd" => self.coded[1] = weight,
            "gzip" | "x-gzip" => self.coded[2] = weight,
            "identity" => self.plain = weight,
            "*" => self.any = weight,
            _ => {}
        }
    }

    fn of(&self, coding: Coding) -> Option<u16> {
        let [brotli, zstd, gzip] = self.coded;
        match coding {
            Coding::Brotli => brotli,
            Coding::Zstd => zstd,
            Coding::Gzip => gzip,
        }
    }
}

/// A q-value in thousandths; one that cannot be read refuses.
fn weight(q: &str) -> u16 {
    let value: f32 = q.trim().parse().unwrap_or(0.0);
    // In range by the clamp; not-a-number becomes 0.
    (value.clamp(0.0, 1.0) * 1000.0).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Choice {
        choose(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, accept.parse().unwrap())]))
    }

    #[test]
    fn q_values_decide_and_the_smallest_breaks_ties() {
        let (br, zstd, gzip) = (Coding::Brotli, Coding::Zstd, Coding::Gzip);
        assert_eq!(choose(&HeaderMap::new()), Choice::Plain);
        assert_eq!(chosen(""), Choice::Plain);
        assert_eq!(chosen("gzip, deflate, br, zstd"), Choice::Coded(br));
        assert_eq!(chosen("gzip;q=1.0, zstd;q=0.9, br;q=0.1"), Choice::Coded(gzip));
        assert_eq!(chosen("GZIP ; Q=0.5, zstd; q=0.5"), Choice::Coded(zstd));
        assert_eq!(chosen("*"), Choice::Coded(br));
        assert_eq!(chosen("br;q=0, *;q=0.2"), Choice::Coded(zstd));
        assert_eq!(chosen("x-gzip"), Choice::Coded(gzip));
    }

    #[test]
    fn plain_is_taken_unless_refused() {
        assert_eq!(chosen("deflate"), Choice::Plain);
        assert_eq!(chosen("identity, gzip;q=0.5"), Choice::Plain);
        assert_eq!(chosen("gzip;q=0, identity;q=0"), Choice::Nothing);
        assert_eq!(chosen("*;q=0"), Choice::Nothing);
        assert_eq!(chosen("identity;q=0"), Choice::Nothing);
        assert_eq!(chosen("br;q=nan"), Choice::Plain);
    }
}
