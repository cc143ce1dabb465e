//! Where a text says what was asked for: a few lines around it, cut so that the words themselves can be set off.

use super::Query;
use super::term::unparted;
use super::tree::{Node, Term};
use crate::text::{fold_spelling, one_line, words};

/// Characters of a text that are looked through.
const MOST: usize = 40_000;
/// Words and pieces that are looked for.
const MOST_WANTED: usize = 64;

/// A piece of a text, in the order of the text; whether it is what was asked for.
pub type Around = Vec<(String, bool)>;

/// A run of signs that stays together: a word with what touches it, or one sign of a script that parts no words.
struct Chunk {
    start: usize,
    end: usize,
    folded: String,
}

impl Query {
    /// At most so many characters of a plain text, from a little before the place that says most of what is asked for; what
    /// says it is marked. `None` where the text does not say it.
    #[must_use]
    pub fn around(&self, text: &str, most: usize) -> Option<Around> {
        let line = one_line(&text.chars().take(MOST).collect::<String>());
        let chunks = chunks(&line);
        let mut wanted = Vec::new();
        gather(&self.root, &mut wanted);
        wanted.truncate(MOST_WANTED);
        let mut said: Vec<Option<usize>> = vec![None; chunks.len()];
        for (which, term) in wanted.iter().enumerate() {
            mark(term, which, &chunks, &mut said);
        }
        let first = best(&chunks, &said, most)?;
        Some(cut(&line, &chunks, &said, first, most))
    }
}

fn gather<'q>(node: &'q Node, wanted: &mut Vec<&'q Term>) {
    match node {
        Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|p| gather(p, wanted)),
        Node::Term(term @ (Term::Words { .. } | Term::Piece { .. })) => wanted.push(term),
        Node::Not(_) | Node::Term(_) => {}
    }
}

fn chunks(line: &str) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut start = None;
    let mut close = |from: usize, to: usize| {
        chunks.push(Chunk { start: from, end: to, folded: fold_spelling(&line[from..to]) });
    };
    for (at, c) in line.char_indices() {
        if c.is_whitespace() || unparted(c) {
            if let Some(from) = start.take() {
                close(from, at);
            }
            if unparted(c) {
                close(at, at + c.len_utf8());
            }
        } else {
            start.get_or_insert(at);
        }
    }
    if let Some(from) = start {
        close(from, line.len());
    }
    chunks
}

/// Notes at each chunk that says a term which one it says.
fn mark(term: &Term, which: usize, chunks: &[Chunk], said: &mut [Option<usize>]) {
    match term {
        Term::Words { words: wanted, prefix, .. } => {
            let all: Vec<(usize, &str)> =
                chunks.iter().enumerate().flat_map(|(i, c)| words(&c.folded).map(move |w| (i, w))).collect();
            for found in all.windows(wanted.len().max(1)) {
                let same = found.iter().zip(wanted).enumerate().all(|(i, ((_, word), wanted))| {
                    let open = *prefix && i + 1 == found.len();
                    if open { word.starts_with(wanted.as_str()) } else { word == wanted }
                });
                if same {
                    found.iter().for_each(|(chunk, _)| said[*chunk] = Some(which));
                }
            }
        }
        Term::Piece { text, .. } => {
            let wanted: String = text.split_whitespace().collect();
            for start in 0..chunks.len() {
                let mut rest = wanted.as_str();
                let mut at = start;
                while let Some(after) = chunks.get(at).and_then(|c| rest.strip_prefix(c.folded.as_str())) {
                    at += 1;
                    rest = after;
                    if rest.is_empty() {
                        break;
                    }
                }
                if rest.is_empty() {
                    said[start..at].iter_mut().for_each(|s| *s = Some(which));
                }
            }
        }
        _ => {}
    }
}

/// The first marked chunk of the stretch that says the most different things.
fn best(chunks: &[Chunk], said: &[Option<usize>], most: usize) -> Option<usize> {
    let marked: Vec<usize> = (0..chunks.len()).filter(|&i| said[i].is_some()).collect();
    let reach = most.saturating_mul(2) / 3;
    let different = |from: usize| {
        let within = marked[from..].iter().take_while(|&&i| chunks[i].end - chunks[marked[from]].start <= reach);
        within.filter_map(|&i| said[i]).fold(0_u64, |seen, which| seen | 1 << (which % 64)).count_ones()
    };
    let first = (0..marked.len()).max_by_key(|&from| (different(from), std::cmp::Reverse(from)))?;
    Some(marked[first])
}

fn cut(line: &str, chunks: &[Chunk], said: &[Option<usize>], first: usize, most: usize) -> Around {
    let mut from = first;
    while from > 0 && line[chunks[from - 1].start..chunks[first].start].chars().count() <= most / 4 {
        from -= 1;
    }
    let mut pieces: Around = Vec::new();
    if from > 0 {
        pieces.push(("… ".into(), false));
    }
    let start = chunks[from].start;
    let (mut at, mut left) = (start, most);
    for (chunk, said) in chunks.iter().zip(said).skip(from) {
        let before = &line[at..chunk.start];
        let chunk_text = &line[chunk.start..chunk.end];
        let needed = before.chars().count() + chunk_text.chars().count();
        if needed > left {
            // A single word longer than all there is room for is cut.
            if at == start {
                pieces.push((chunk_text.chars().take(left).collect(), said.is_some()));
            }
            pieces.push((" …".into(), false));
            break;
        }
        left -= needed;
        push(&mut pieces, before, false);
        push(&mut pieces, chunk_text, said.is_some());
        at = chunk.end;
    }
    pieces
}

fn push(pieces: &mut Around, text: &str, said: bool) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some((last, was)) if *was == said => last.push_str(text),
        _ => pieces.push((text.to_owned(), said)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(query: &str, text: &str, most: usize) -> Option<String> {
        let pieces = Query::parse(query).unwrap().around(text, most)?;
        Some(pieces.into_iter().map(|(text, said)| if said { format!("[{text}]") } else { text }).collect())
    }

    #[test]
    fn shows_the_place_that_says_most() {
        let text = "La mer, encore. Un long passage qui ne dit rien de tout cela et qui dure. \
                    Puis l’État, la mer et les réfugiés de Gaza arrivent, enfin.";
        for (query, most, expected) in [
            ("gaza", 40, Some("… de [Gaza] arrivent, enfin.")),
            ("mer refugies", 60, Some("… l’État, la [mer] et les [réfugiés] de Gaza arrivent, enfin.")),
            ("\"la mer et\"", 30, Some("… [la] [mer] [et] les réfugiés de Gaza …")),
            ("etat", 20, Some("… Puis [l’État,] la mer …")),
            ("refug* -gaza", 24, Some("… les [réfugiés] de Gaza …")),
            ("absent", 60, None),
            ("lang:fr", 60, None),
        ] {
            assert_eq!(around(query, text, most).as_deref(), expected, "{query}");
        }
        assert_eq!(around("火協", "昨日停火協議在加沙生效", 6).as_deref(), Some("… 停[火協]議在加 …"));
        assert_eq!(around("a", &"a".repeat(9), 4), None);
        assert_eq!(around("aaaaaaaaa", &"a".repeat(9), 4).as_deref(), Some("[aaaa] …"));
    }
}
