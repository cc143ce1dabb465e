//! Asks one name server for the addresses of a name: a stub resolver (RFC 1035), over UDP, and over TCP where an answer does
//! not fit. The server is a recursive one; aliases (CNAME) that it does not follow itself are followed here.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout, timeout_at};

/// Times that a question is sent before the server counts as silent, and how long each waits.
const TRIES: u32 = 3;
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the addresses of one kind wait for those of the other: some servers never answer what they do not know (RFC 8305, 3,
/// has 50 ms).
const OTHER_KIND: Duration = Duration::from_millis(200);
/// Aliases that are followed, and records of one answer that are looked at.
const MOST_ALIASES: usize = 8;
const MOST_RECORDS: u16 = 128;
/// Bytes of an answer over UDP: more than any server sends that was not told of more.
const MOST_UDP: usize = 4096;
/// Bytes of a name (RFC 1035, 2.3.4).
const MOST_NAME: usize = 255;
const MOST_LABEL: usize = 63;

const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;
const INTERNET: u16 = 1;
const HEADER: usize = 12;

/// Why there are no addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum DnsError {
    #[error("there is no such name")]
    NoName,
    #[error("the name has no address")]
    NoAddress,
    #[error("the name server refuses: {0}")]
    Refused(&'static str),
    #[error("the name server does not answer")]
    Silent,
    #[error("its aliases lead too far")]
    Aliases,
    #[error("`{0}` is not a name")]
    Name(String),
    #[error("the name server cannot be asked: {0}")]
    Io(io::ErrorKind),
}

impl From<io::Error> for DnsError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

/// All addresses of a name by this server, IPv4 and IPv6: where those of one kind are there, the others are not waited for long.
pub(super) async fn addresses(server: SocketAddr, name: &str) -> Result<Vec<IpAddr>, DnsError> {
    let [v4, v6] = [A, AAAA].map(|kind| Box::pin(of_kind(server, name, kind)));
    let (v4, v6) = match select(v4, v6).await {
        Either::Left((v4, v6)) => {
            let v6 = beside(&v4, v6).await;
            (v4, v6)
        }
        Either::Right((v6, v4)) => (beside(&v6, v4).await, v6),
    };
    match (v4, v6) {
        (Ok(v4), Ok(v6)) if v4.is_empty() && v6.is_empty() => Err(DnsError::NoAddress),
        (Ok(v4), Ok(v6)) => Ok(v4.into_iter().chain(v6).collect()),
        // A server that cannot speak of one kind says nothing against the other.
        (Ok(some), Err(_)) | (Err(_), Ok(some)) if !some.is_empty() => Ok(some),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// What else there is beside the kind that was answered first.
async fn beside(
    first: &Result<Vec<IpAddr>, DnsError>,
    other: impl Future<Output = Result<Vec<IpAddr>, DnsError>>,
) -> Result<Vec<IpAddr>, DnsError> {
    match first {
        Ok(some) if !some.is_empty() => timeout(OTHER_KIND, other).await.unwrap_or(Err(DnsError::Silent)),
        _ => other.await,
    }
}

async fn of_kind(server: SocketAddr, name: &str, kind: u16) -> Result<Vec<IpAddr>, DnsError> {
    let mut name = name.trim_end_matches('.').to_ascii_lowercase();
    for _ in 0..=MOST_ALIASES {
        match ask(server, &name, kind, PATIENCE).await? {
            Found { addresses, alias: Some(alias) } if addresses.is_empty() => name = alias,
            found => return Ok(found.addresses),
        }
    }
    Err(DnsError::Aliases)
}

/// Asks again where nothing comes for a while, and goes on listening for what was asked before.
async fn ask(server: SocketAddr, name: &str, kind: u16, patience: Duration) -> Result<Found, DnsError> {
    let mut last = DnsError::Silent;
    let mut asked = FuturesUnordered::new();
    for _ in 0..TRIES {
        let question = Question::new(name, kind)?;
        asked.push(async move {
            match over_udp(server, &question).await? {
                Some(found) => found,
                None => over_tcp(server, &question).await?,
            }
        });
        let until = Instant::now() + patience;
        while let Ok(Some(answer)) = timeout_at(until, asked.next()).await {
            match answer {
                Err(DnsError::Io(error)) => last = DnsError::Io(error),
                answered => return answered,
            }
        }
    }
    Err(last)
}

/// The answer over UDP; `None` where it does not fit.
async fn over_udp(server: SocketAddr, question: &Question) -> io::Result<Option<Result<Found, DnsError>>> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    // A port of its own for each question, and only what comes from the server.
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    socket.send(&question.bytes).await?;
    let mut buffer = [0; MOST_UDP];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let message = buffer.get(..length).unwrap_or_default();
        match question.answer(message) {
            // What answers something else was not meant for us, or was made up.
            None => {}
            Some(Reply::Cut) => return Ok(None),
            Some(Reply::Whole(found)) => return Ok(Some(found)),
        }
    }
}

async fn over_tcp(server: SocketAddr, question: &Question) -> io::Result<Result<Found, DnsError>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.bytes.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes()[..], &question.bytes].concat()).await?;
    let mut message = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut message).await?;
    match question.answer(&message) {
        Some(Reply::Whole(found)) => Ok(found),
        Some(Reply::Cut) | None => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// What a server knows of a name: its addresses, or the name that it stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Found {
    addresses: Vec<IpAddr>,
    alias: Option<String>,
}

enum Reply {
    /// Too long for a datagram.
    Cut,
    Whole(Result<Found, DnsError>),
}

/// One question, as it is sent.
struct Question {
    name: String,
    kind: u16,
    bytes: Vec<u8>,
}

impl Question {
    fn new(name: &str, kind: u16) -> Result<Self, DnsError> {
        // Seeded by the system: nobody who did not see the question can answer it.
        let id = (RandomState::new().hash_one(kind) & 0xffff) as u16;
        let mut bytes = Vec::with_capacity(HEADER + name.len() + 6);
        // Recursion is desired; one question, and nothing else.
        for word in [id, 0x0100, 1, 0, 0, 0] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        for label in name.split('.') {
            let wrong = label.is_empty() || label.len() > MOST_LABEL || !label.is_ascii();
            let length =
                u8::try_from(label.len()).ok().filter(|_| !wrong).ok_or_else(|| DnsError::Name(name.into()))?;
            bytes.push(length);
            bytes.extend_from_slice(label.as_bytes());
        }
        if name.len() > MOST_NAME - 2 {
            return Err(DnsError::Name(name.into()));
        }
        bytes.push(0);
        bytes.extend_from_slice(&kind.to_be_bytes());
        bytes.extend_from_slice(&INTERNET.to_be_bytes());
        Ok(Self { name: name.to_owned(), kind, bytes })
    }

    /// What a message answers; `None` where it answers another question, or cannot be read.
    fn answer(&self, message: &[u8]) -> Option<Reply> {
        let mut reader = Reader { message, at: 0 };
        let (id, flags, questions, answers) = (reader.u16()?, reader.u16()?, reader.u16()?, reader.u16()?);
        reader.at = HEADER;
        if self.bytes.get(..2)? != id.to_be_bytes() || flags & 0x8000 == 0 || questions != 1 {
            return None;
        }
        let same = reader.name()? == self.name && reader.u16()? == self.kind && reader.u16()? == INTERNET;
        if !same {
            return None;
        }
        if flags & 0x0200 != 0 {
            return Some(Reply::Cut);
        }
        Some(Reply::Whole(match flags & 0xf {
            0 => Ok(self.found(&mut reader, answers)),
            1 => Err(DnsError::Refused("the question is malformed")),
            2 => Err(DnsError::Refused("it failed")),
            3 => Err(DnsError::NoName),
            5 => Err(DnsError::Refused("it does not answer us")),
            _ => Err(DnsError::Refused("for another reason")),
        }))
    }

    /// The addresses at the end of the aliases, in whatever order the records stand. What cannot be read ends them.
    fn found(&self, reader: &mut Reader<'_>, answers: u16) -> Found {
        let records: Vec<Record> = (0..answers.min(MOST_RECORDS)).map_while(|_| reader.record(self.kind)).collect();
        let mut name = &self.name;
        for _ in 0..MOST_ALIASES {
            let alias = records.iter().find_map(|r| match &r.holds {
                Holds::Alias(to) if r.name == *name => Some(to),
                _ => None,
            });
            match alias {
                Some(to) => name = to,
                None => break,
            }
        }
        let of_name = |r: &Record| match r.holds {
            Holds::Address(address) if r.name == *name => Some(address),
            _ => None,
        };
        let addresses = records.iter().filter_map(of_name).collect();
        Found { addresses, alias: (*name != self.name).then(|| name.clone()) }
    }
}

struct Record {
    name: String,
    holds: Holds,
}

enum Holds {
    Address(IpAddr),
    Alias(String),
    Other,
}

/// Reads a message from its beginning to its end.
struct Reader<'a> {
    message: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn u16(&mut self) -> Option<u16> {
        let word = self.message.get(self.at..self.at.checked_add(2)?)?;
        self.at += 2;
        Some(u16::from_be_bytes(word.try_into().ok()?))
    }

    /// A name in lower case. Its end may stand earlier in the message (RFC 1035, 4.1.4); each jump goes back.
    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        let (mut at, mut earliest, mut after) = (self.at, self.at, None);
        loop {
            let length = usize::from(*self.message.get(at)?);
            match length {
                0 => break,
                1..=MOST_LABEL => {
                    let label = self.message.get(at + 1..at + 1 + length)?;
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.extend(label.iter().map(|b| char::from(b.to_ascii_lowercase())));
                    at += 1 + length;
                }
                192.. => {
                    let to = (length & 0x3f) << 8 | usize::from(*self.message.get(at + 1)?);
                    after = after.or(Some(at + 2));
                    if to >= earliest {
                        return None;
                    }
                    (at, earliest) = (to, to);
                }
                _ => return None,
            }
            if name.len() > MOST_NAME {
                return None;
            }
        }
        self.at = after.unwrap_or(at + 1);
        Some(name)
    }

    fn record(&mut self, kind: u16) -> Option<Record> {
        let name = self.name()?;
        let (of, class) = (self.u16()?, self.u16()?);
        self.at = self.at.checked_add(4)?;
        let length = usize::from(self.u16()?);
        let start = self.at;
        let end = start.checked_add(length)?;
        let bytes = self.message.get(start..end)?;
        let holds = match of {
            _ if class != INTERNET => Holds::Other,
            A if kind == A => Holds::Address(IpAddr::from(<[u8; 4]>::try_from(bytes).ok()?)),
            AAAA if kind == AAAA => Holds::Address(IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?)),
            CNAME => Holds::Alias(self.name()?),
            _ => Holds::Other,
        };
        self.at = end;
        Some(Record { name, holds })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::net::TcpListener;

    use super::*;

    const NAME: &[u8] = b"\x01a\x04test\0";

    fn question() -> Question {
        Question::new("a.test", A).unwrap()
    }

    /// An answer to a question: its flags, and records that follow it.
    fn message(question: &[u8], flags: u16, records: &[Vec<u8>]) -> Vec<u8> {
        let mut out = question[..2].to_vec();
        for word in [0x8000 | flags, 1, records.len() as u16, 0, 0] {
            out.extend_from_slice(&word.to_be_bytes());
        }
        out.extend_from_slice(&question[HEADER..]);
        out.extend(records.concat());
        out
    }

    fn record(name: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
        let mut out = name.to_vec();
        for word in [kind, INTERNET, 0, 60, data.len() as u16] {
            out.extend_from_slice(&word.to_be_bytes());
        }
        out.extend_from_slice(data);
        out
    }

    fn found(records: &[Vec<u8>]) -> Result<Found, DnsError> {
        let question = question();
        match question.answer(&message(&question.bytes, 0, records)) {
            Some(Reply::Whole(found)) => found,
            _ => panic!("not an answer"),
        }
    }

    fn ips(list: &[&str]) -> Vec<IpAddr> {
        list.iter().map(|a| a.parse().unwrap()).collect()
    }

    #[test]
    fn addresses_are_read_behind_aliases_in_any_order() {
        let both = [record(b"\xc0\x0c", A, &[192, 0, 2, 1]), record(NAME, A, &[192, 0, 2, 2])];
        assert_eq!(found(&both).unwrap().addresses, ips(&["192.0.2.1", "192.0.2.2"]));
        let chain = [
            record(b"\x01C\xc0\x0e", A, &[192, 0, 2, 3]),
            record(b"\x01b\xc0\x0e", CNAME, b"\x01c\xc0\x0e"),
            record(b"\xc0\x0c", CNAME, b"\x01b\xc0\x0e"),
            record(b"\x01z\xc0\x0e", A, &[10, 0, 0, 1]),
        ];
        assert_eq!(found(&chain).unwrap(), Found { addresses: ips(&["192.0.2.3"]), alias: Some("c.test".into()) });
        let open = [record(NAME, CNAME, b"\x05other\x07example\0")];
        assert_eq!(found(&open).unwrap(), Found { addresses: vec![], alias: Some("other.example".into()) });
        let circle = [record(NAME, CNAME, b"\x01b\xc0\x0e"), record(b"\x01b\xc0\x0e", CNAME, b"\xc0\x0c")];
        assert!(found(&circle).unwrap().addresses.is_empty());
        assert!(found(&[]).unwrap().addresses.is_empty());
    }

    #[test]
    fn what_answers_another_question_is_no_answer() {
        let question = question();
        let good = message(&question.bytes, 0, &[record(NAME, A, &[192, 0, 2, 1])]);
        assert!(question.answer(&good).is_some());
        let mut other_id = good.clone();
        other_id[0] ^= 1;
        let other_name = message(&Question::new("b.test", A).unwrap().bytes, 0, &[]);
        let other_name = [&question.bytes[..2], &other_name[2..]].concat();
        let other_kind = message(&Question::new("a.test", AAAA).unwrap().bytes, 0, &[]);
        let other_kind = [&question.bytes[..2], &other_kind[2..]].concat();
        let mut a_question = good.clone();
        a_question[2] = 0;
        for (what, bytes) in
            [("id", other_id), ("name", other_name), ("kind", other_kind), ("no answer", a_question), ("", vec![0; 7])]
        {
            assert!(question.answer(&bytes).is_none(), "{what}");
        }
    }

    #[test]
    fn no_message_breaks_the_reader() {
        let question = question();
        let loops: [&[u8]; 5] = [b"\xc0\x1c", b"\xc0\xff", b"\x3f", b"\x80a", b"\xff\xff"];
        for name in loops {
            let bytes = message(&question.bytes, 0, &[record(name, A, &[192, 0, 2, 1])]);
            assert!(matches!(question.answer(&bytes), Some(Reply::Whole(Ok(f))) if f.addresses.is_empty()), "{name:?}");
        }
        let good =
            message(&question.bytes, 0, &[record(NAME, CNAME, b"\x01b\xc0\x0e"), record(NAME, A, &[1, 1, 1, 1])]);
        for at in 0..good.len() {
            for byte in [0, 1, 63, 64, 192, 255] {
                let mut bytes = good.clone();
                bytes[at] = byte;
                let _whatever_it_says = (question.answer(&bytes), question.answer(&good[..at]));
            }
        }
        for bad in ["", "a..b", &"x".repeat(64), &vec!["abcdefgh"; 32].join("."), "é.test"] {
            assert!(matches!(Question::new(bad, A), Err(DnsError::Name(_))), "{bad}");
        }
    }

    /// A name server on loopback whose answers are given, over UDP and TCP.
    async fn server(answer: impl Fn(&[u8], bool) -> Vec<Vec<u8>> + Send + Sync + Clone + 'static) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let socket = UdpSocket::bind(at).await.unwrap();
        let over_tcp = answer.clone();
        tokio::spawn(async move {
            let mut buffer = [0; 512];
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
                for bytes in answer(&buffer[..length], false) {
                    socket.send_to(&bytes, from).await.unwrap();
                }
            }
        });
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut asked = vec![0; usize::from(stream.read_u16().await.unwrap())];
                stream.read_exact(&mut asked).await.unwrap();
                for bytes in over_tcp(&asked, true) {
                    stream.write_u16(bytes.len() as u16).await.unwrap();
                    stream.write_all(&bytes).await.unwrap();
                }
            }
        });
        at
    }

    fn kind(question: &[u8]) -> u16 {
        u16::from_be_bytes(question[question.len() - 4..][..2].try_into().unwrap())
    }

    #[tokio::test]
    async fn both_kinds_are_asked_and_what_is_made_up_is_not_heard() {
        let at = server(|asked, _| {
            let data = if kind(asked) == A { vec![192, 0, 2, 1] } else { vec![0; 16] };
            let forged =
                message(&[&[asked[0] ^ 1], &asked[1..]].concat(), 0, &[record(b"\xc0\x0c", A, &[10, 0, 0, 1])]);
            vec![forged, b"junk".to_vec(), message(asked, 0, &[record(b"\xc0\x0c", kind(asked), &data)])]
        })
        .await;
        assert_eq!(addresses(at, "A.test.").await.unwrap(), ips(&["192.0.2.1", "::"]));
    }

    #[tokio::test]
    async fn a_kind_that_is_never_answered_is_not_waited_for_long() {
        for silent in [A, AAAA] {
            let asked_in_vain = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&asked_in_vain);
            let at = server(move |asked, _| match kind(asked) {
                kind if kind == silent => {
                    count.fetch_add(1, Ordering::Relaxed);
                    vec![]
                }
                kind => {
                    let data = vec![1; if kind == A { 4 } else { 16 }];
                    vec![message(asked, 0, &[record(b"\xc0\x0c", kind, &data)])]
                }
            })
            .await;
            assert_eq!(addresses(at, "a.test").await.unwrap().len(), 1);
            assert_eq!(asked_in_vain.load(Ordering::Relaxed), 1, "once");
        }
    }

    #[tokio::test]
    async fn a_long_answer_comes_over_tcp_and_an_alias_is_followed() {
        let at = server(|asked, tcp| match (tcp, asked[HEADER + 1]) {
            (false, b'a') => vec![message(asked, 0x0200, &[])],
            (true, b'a') => vec![message(asked, 0, &[record(b"\xc0\x0c", CNAME, b"\x01b\x04test\0")])],
            _ if kind(asked) == AAAA => vec![message(asked, 2, &[])],
            _ => vec![message(asked, 0, &[record(b"\xc0\x0c", A, &[127, 0, 0, 2])])],
        })
        .await;
        assert_eq!(addresses(at, "a.test").await.unwrap(), ips(&["127.0.0.2"]));
    }

    #[tokio::test]
    async fn an_answer_that_comes_late_is_heard() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let at = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; MOST_UDP];
            let (length, first) = socket.recv_from(&mut buffer).await.unwrap();
            let answer = message(&buffer[..length], 0, &[record(b"\xc0\x0c", A, &[192, 0, 2, 1])]);
            socket.recv_from(&mut buffer).await.unwrap();
            socket.send_to(&answer, first).await.unwrap();
        });
        let found = ask(at, "a.test", A, Duration::from_millis(50)).await.unwrap();
        assert_eq!(found.addresses, ips(&["192.0.2.1"]));
    }

    #[tokio::test]
    async fn a_server_says_why_not() {
        let at = server(|asked, _| match asked[HEADER + 1] {
            b'n' => vec![message(asked, 3, &[])],
            b'r' => vec![message(asked, 5, &[])],
            b'c' => vec![message(asked, 0, &[record(b"\xc0\x0c", CNAME, b"\x01d\x04test\0")])],
            b'd' => vec![message(asked, 0, &[record(b"\xc0\x0c", CNAME, b"\x01c\x04test\0")])],
            _ => vec![message(asked, 0, &[])],
        })
        .await;
        let why = async |name: &str| addresses(at, name).await.unwrap_err();
        assert_eq!(why("n.test").await, DnsError::NoName);
        assert!(matches!(why("r.test").await, DnsError::Refused(_)));
        assert_eq!(why("c.test").await, DnsError::Aliases);
        assert_eq!(why("e.test").await, DnsError::NoAddress);
        let closed = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert!(matches!(addresses(closed, "a.test").await, Err(DnsError::Io(_))));
    }
}
