//! Servers that misbehave, on loopback: one that says what it is told byte by byte and remembers what it was asked, and a
//! name server that tells what a test wants of names.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::Instant;

/// What is said to a request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// This; then the connection is closed.
    Say(Vec<u8>),
    /// This; then nothing more, and the connection stays open.
    Hang(Vec<u8>),
    /// This; then a piece again and again with such a pause, as long as somebody listens.
    Drip(Vec<u8>, Vec<u8>, Duration),
}

impl Act {
    /// An answer with its status line, headers and body.
    pub(crate) fn answer(head: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        Self::Say([head.as_bytes(), body].concat())
    }

    /// A redirect.
    pub(crate) fn to(status: u16, location: &str) -> Self {
        Self::answer(&format!("{status} X\r\nLocation: {location}"), "")
    }
}

/// A feed whose entries are so called.
pub(crate) fn rss(titles: &[&str]) -> String {
    let item = |t: &&str| {
        format!(
            "<item><title>{t}</title><guid isPermaLink='false'>{t}</guid><description>Texte de {t}.</description></item>"
        )
    };
    let items: String = titles.iter().map(item).collect();
    format!("<?xml version='1.0'?><rss version='2.0'><channel><title>R</title>{items}</channel></rss>")
}

/// One request that came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Its head, in lower case but for the first line.
    pub(crate) head: String,
    /// Its path with the query.
    pub(crate) path: String,
    /// How many requests for that path came before.
    pub(crate) before: usize,
    /// When it came.
    pub(crate) at: Instant,
    /// Bytes that were taken of the answer, so far as the connection buffers them.
    pub(crate) sent: usize,
    /// How long it was held, once it is over.
    pub(crate) held: Option<Duration>,
}

#[derive(Debug, Default)]
struct Heard {
    asked: Vec<Asked>,
    in_flight: usize,
    most: usize,
}

/// The running server.
#[derive(Debug)]
pub(crate) struct Rogue {
    pub(crate) addr: SocketAddr,
    heard: Arc<Mutex<Heard>>,
    task: tokio::task::JoinHandle<()>,
}

impl Rogue {
    pub(crate) async fn start(script: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", script).await
    }

    /// A server at an address that nobody may ask.
    pub(crate) async fn canary() -> Self {
        Self::at("127.0.0.2:0", |_| Act::answer("200 OK", "secret")).await
    }

    async fn at(address: &str, script: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (script, shared) = (Arc::new(script), Arc::clone(&heard));
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(converse(socket, Arc::clone(&script), Arc::clone(&shared)));
            }
        });
        Self { addr, heard, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// The requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        locked(&self.heard).asked.clone()
    }

    /// The paths of the requests so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }

    /// How many requests were on their way at one time, at most.
    pub(crate) fn most_in_flight(&self) -> usize {
        locked(&self.heard).most
    }

    /// Waits until nobody holds a connection any more.
    pub(crate) async fn settled(&self) {
        while locked(&self.heard).in_flight > 0 {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Rogue {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn locked(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap()
}

async fn converse(
    mut socket: TcpStream,
    script: Arc<impl Fn(&Asked) -> Act + Send + Sync + 'static>,
    heard: Arc<Mutex<Heard>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match socket.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let (first, rest) = text.split_once("\r\n").unwrap();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let (number, asked) = {
        let mut heard = locked(&heard);
        let before = heard.asked.iter().filter(|a| a.path == path).count();
        let head = format!("{first}\r\n{}", rest.to_ascii_lowercase());
        let asked = Asked { head, path, before, at: Instant::now(), sent: 0, held: None };
        heard.asked.push(asked.clone());
        heard.in_flight += 1;
        heard.most = heard.most.max(heard.in_flight);
        (heard.asked.len() - 1, asked)
    };
    let sent = perform(&mut socket, script(&asked)).await;
    let mut heard = locked(&heard);
    heard.in_flight -= 1;
    heard.asked[number].sent = sent;
    heard.asked[number].held = Some(asked.at.elapsed());
}

/// Plays an act; gives how many bytes were taken.
async fn perform(socket: &mut TcpStream, act: Act) -> usize {
    let (first, piece, pause) = match act {
        Act::Say(bytes) => {
            let sent = if socket.write_all(&bytes).await.is_ok() { bytes.len() } else { 0 };
            let _gone = socket.shutdown().await;
            return sent;
        }
        Act::Hang(bytes) => (bytes, Vec::new(), Duration::MAX),
        Act::Drip(first, piece, pause) => (first, piece, pause),
    };
    if socket.write_all(&first).await.is_err() {
        return 0;
    }
    let mut sent = first.len();
    let (mut reading, mut writing) = socket.split();
    let gone = async {
        let mut buffer = [0; 256];
        while reading.read(&mut buffer).await.is_ok_and(|n| n > 0) {}
    };
    let talk = async {
        if piece.is_empty() {
            return std::future::pending().await;
        }
        loop {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            if writing.write_all(&piece).await.is_err() {
                return;
            }
            sent += piece.len();
        }
    };
    tokio::select! {
        () = gone => {}
        () = talk => {}
    }
    sent
}

/// What a name server says of a name.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    Ip(IpAddr),
    /// It stands for another name.
    Alias(&'static str),
}

/// Addresses as a name server tells them.
pub(crate) fn ips(list: &[&str]) -> Vec<Told> {
    list.iter().map(|ip| Told::Ip(ip.parse().unwrap())).collect()
}

/// A name server that says of a name what it is told, the n-th time it is asked; addresses only to questions for their kind.
pub(crate) async fn name_server(tell: impl Fn(&str, usize) -> Vec<Told> + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let at = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut counts = std::collections::HashMap::<(String, u8), usize>::new();
        let mut buffer = [0; 512];
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let question = &buffer[..length];
            let (name, kind) = (name_of(&question[12..]), question[length - 3]);
            let count = counts.entry((name.clone(), kind)).or_default();
            let records: Vec<Vec<u8>> = tell(&name, *count).iter().filter_map(|told| record(told, kind)).collect();
            *count += 1;
            let mut answer = question[..2].to_vec();
            answer.extend([0x81, 0x80, 0, 1, 0, records.len() as u8, 0, 0, 0, 0]);
            answer.extend(&question[12..]);
            answer.extend(records.concat());
            socket.send_to(&answer, from).await.unwrap();
        }
    });
    at
}

fn name_of(mut wire: &[u8]) -> String {
    let mut labels = Vec::new();
    while let Some((&length, rest)) = wire.split_first()
        && length > 0
    {
        labels.push(String::from_utf8_lossy(&rest[..usize::from(length)]).into_owned());
        wire = &rest[usize::from(length)..];
    }
    labels.join(".")
}

fn record(told: &Told, kind: u8) -> Option<Vec<u8>> {
    let (of, data) = match told {
        Told::Ip(IpAddr::V4(ip)) => (1, ip.octets().to_vec()),
        Told::Ip(IpAddr::V6(ip)) => (28, ip.octets().to_vec()),
        Told::Alias(name) => {
            let labels = name.split('.').flat_map(|l| [&[l.len() as u8], l.as_bytes()].concat());
            (5, labels.chain([0]).collect())
        }
    };
    let wanted = of == kind || of == 5;
    wanted.then(|| [&[0xc0, 12, 0, of, 0, 1, 0, 0, 0, 60, 0, data.len() as u8], data.as_slice()].concat())
}
