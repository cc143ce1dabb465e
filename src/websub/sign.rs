//! Tokens and secrets, and the signature of a delivery (WebSub, 7.1).

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use ring::hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512, Key};
use ring::rand::{SecureRandom, SystemRandom};

use crate::model::Secret;

/// Signatures of one delivery that are looked at.
const MOST: usize = 4;

/// A new token (128 bits) and a new secret (256 bits), in hexadecimal. `None` where the system has no random numbers.
#[must_use]
pub fn draw() -> Option<(Secret, Secret)> {
    let (mut token, mut secret) = ([0; 16], [0; 32]);
    let random = SystemRandom::new();
    random.fill(&mut token).and_then(|()| random.fill(&mut secret)).ok()?;
    Some((Secret::new(HEXLOWER.encode(&token)), Secret::new(HEXLOWER.encode(&secret))))
}

/// Whether a delivery is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// As it should be.
    Right,
    /// Rightly, but by a method that is not taken.
    Weak,
    /// Otherwise.
    Wrong,
    /// Not at all.
    Missing,
}

/// Compares the values of `X-Hub-Signature` with what the secret makes of the body, in constant time. With `sha1`, that
/// method is enough.
#[must_use]
pub fn signed<'a>(values: impl Iterator<Item = &'a str>, secret: &Secret, body: &[u8], sha1: bool) -> Signed {
    let mut found = Signed::Missing;
    // Several may come as one line, as any header's values may (RFC 9110, 5.2).
    for value in values.flat_map(|line| line.split(',')).take(MOST) {
        let right = read(value).filter(|(method, tag)| {
            let key = Key::new(*method, secret.reveal().as_bytes());
            hmac::verify(&key, body, tag).is_ok()
        });
        match right {
            Some((method, _)) if sha1 || method != HMAC_SHA1_FOR_LEGACY_USE_ONLY => return Signed::Right,
            Some(_) => found = Signed::Weak,
            None if found == Signed::Missing => found = Signed::Wrong,
            None => {}
        }
    }
    found
}

/// `sha256=` and the tag in hexadecimal.
fn read(value: &str) -> Option<(hmac::Algorithm, Vec<u8>)> {
    let (method, tag) = value.split_once('=')?;
    let method = match method.trim().to_ascii_lowercase().as_str() {
        "sha256" => HMAC_SHA256,
        "sha384" => HMAC_SHA384,
        "sha512" => HMAC_SHA512,
        "sha1" => HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        _ => return None,
    };
    Some((method, HEXLOWER_PERMISSIVE.decode(tag.trim().as_bytes()).ok()?))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn made(method: hmac::Algorithm, body: &[u8]) -> String {
        HEXLOWER.encode(hmac::sign(&Key::new(method, b"s"), body).as_ref())
    }

    #[test]
    fn only_a_right_signature_by_a_good_method_is_taken() {
        let (s1, s256) = (made(HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"x"), made(HMAC_SHA256, b"x"));
        let (s384, s512) = (made(HMAC_SHA384, b"x"), made(HMAC_SHA512, b"x"));
        let of = |values: &[&str], sha1| signed(values.iter().copied(), &Secret::new("s"), b"x", sha1);
        for right in [
            format!("sha256={s256}"),
            format!("SHA256 = {}", s256.to_uppercase()),
            format!("sha384={s384}"),
            format!("sha512={s512}"),
        ] {
            assert_eq!(of(&[&right], false), Signed::Right, "{right}");
            assert_eq!(of(&["sha256=00", &right], false), Signed::Right, "{right}");
        }
        for wrong in [
            "",
            "sha256",
            "sha256=",
            &s256,
            &format!("sha256={s512}"),
            &format!("sha256={}", &s256[..62]),
            &format!("sha256={s256}00"),
            &format!("md5={s256}"),
            &format!("sha256={}", "zz".repeat(32)),
            &format!("sha256={}", made(HMAC_SHA256, b"y")),
        ] {
            assert_eq!(of(&[wrong], true), Signed::Wrong, "{wrong}");
        }
        assert_eq!(of(&[], true), Signed::Missing);
        let old = format!("sha1={s1}");
        assert_eq!((of(&[&old], false), of(&[&old], true)), (Signed::Weak, Signed::Right));
        assert_eq!(of(&[&format!("{old}, sha256={s256}")], false), Signed::Right, "as one line");
        assert_eq!(of(&["x"; 9], false), Signed::Wrong);
    }

    #[test]
    fn the_example_of_the_rfc_holds() {
        // RFC 4231, test case 2.
        let value = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let found = signed([value].into_iter(), &Secret::new("Jefe"), b"what do ya want for nothing?", false);
        assert_eq!(found, Signed::Right);
    }

    #[test]
    fn no_token_comes_twice() {
        let drawn: HashSet<Secret> =
            (0..100).filter_map(|_| draw()).flat_map(|(token, secret)| [token, secret]).collect();
        assert_eq!(drawn.len(), 200);
        assert!(drawn.iter().all(|s| matches!(s.reveal().len(), 32 | 64)));
    }
}
