//! Tokens to a tree, by recursive descent.

use std::ops::Range;

use crate::model::{Mistake, Wrong};

use super::lex::{Kind, Token};
use super::term;
use super::tree::Node;

/// How deep parentheses and `-` may nest.
pub(super) const MAX_DEPTH: usize = 64;
/// Mistakes told of one query.
const MAX_MISTAKES: usize = 50;

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    /// Whether it was said that a group is not closed, or that the query is too deep: what follows of that is no other mistake.
    is_told: bool,
    terms: term::Reader,
    mistakes: &'a mut Vec<Mistake>,
}

/// The tree of a text; `None` where nothing of it makes sense. What is wrong goes to `mistakes`, and what may have been meant
/// stands in its place.
pub(super) fn parse(text: &str, tokens: &[Token], mistakes: &mut Vec<Mistake>) -> Option<Node> {
    if tokens.is_empty() {
        mistakes.push(Mistake::new(0..text.len(), "query is empty").hint("leave it out to select everything"));
        return None;
    }
    let terms = term::Reader::default();
    let mut parser = Parser { text, tokens, at: 0, depth: 0, is_told: false, terms, mistakes };
    let mut parts = Vec::new();
    while parser.at < tokens.len() {
        parts.extend(parser.any());
        if let Some(Token { kind: Kind::Close, span }) = parser.peek() {
            let span = span.clone();
            parser.wrong(Mistake::new(span, "`)` closes nothing").hint("take it away, or open it before"));
            parser.at += 1;
        }
    }
    joined(parts, Node::All)
}

fn joined(mut parts: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Option<Node> {
    match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(join(parts)),
    }
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn wrong(&mut self, mistake: Mistake) {
        if self.mistakes.len() < MAX_MISTAKES {
            self.mistakes.push(mistake);
        }
    }

    fn any(&mut self) -> Option<Node> {
        let mut parts = Vec::new();
        let mut last: Option<Range<usize>> = None;
        loop {
            let wrong_before = self.mistakes.len();
            let found = self.all();
            let or = match self.peek() {
                Some(Token { kind: Kind::Or, span }) => Some(span.clone()),
                _ => None,
            };
            if found.is_none()
                && self.mistakes.len() == wrong_before
                && let Some(span) = last.as_ref().or(or.as_ref())
            {
                let side = if last.is_some() { "after" } else { "before" };
                let mistake = Mistake::new(span.clone(), format!("nothing stands {side} `OR`"));
                self.wrong(mistake.hint("write something on both sides, or \"OR\" for the word"));
            }
            parts.extend(found);
            let Some(span) = or else { break };
            last = Some(span);
            self.at += 1;
        }
        joined(parts, Node::Any)
    }

    fn all(&mut self) -> Option<Node> {
        let mut parts = Vec::new();
        let mut empty = true;
        while let Some(token) = self.peek() {
            match &token.kind {
                Kind::Or | Kind::Close => break,
                Kind::And => {
                    self.at += 1;
                    let next = self.peek().map(|t| &t.kind);
                    if empty || matches!(next, None | Some(Kind::Or | Kind::And | Kind::Close)) {
                        let side = if empty { "before" } else { "after" };
                        let mistake = Mistake::new(token.span.clone(), format!("nothing stands {side} `AND`"));
                        self.wrong(mistake.hint("write something on both sides, or \"AND\" for the word"));
                    }
                }
                _ => parts.extend(self.not()),
            }
            empty = false;
        }
        joined(parts, Node::All)
    }

    fn not(&mut self) -> Option<Node> {
        let token = self.peek()?;
        if self.depth >= MAX_DEPTH {
            let mistake =
                Mistake::new(token.span.start..self.text.len(), format!("query nests deeper than {MAX_DEPTH}"));
            self.wrong(mistake.hint("name a part of it as a tag, and ask for `tag:`"));
            self.is_told = true;
            self.at = self.tokens.len();
            return None;
        }
        self.at += 1;
        match &token.kind {
            Kind::Minus => self.negated(&token.span),
            Kind::Open => self.group(&token.span),
            Kind::Term(written) => match self.terms.read(written) {
                Ok(term) => Some(Node::Term(term)),
                Err(mistake) => {
                    self.wrong(mistake);
                    let terms = term::instead(written, self.text.get(token.span.clone()).unwrap_or_default());
                    joined(terms.into_iter().map(Node::Term).collect(), Node::All)
                }
            },
            Kind::And | Kind::Or | Kind::Close => None,
        }
    }

    fn negated(&mut self, minus: &Range<usize>) -> Option<Node> {
        let touches = self
            .peek()
            .is_some_and(|t| t.span.start == minus.end && matches!(t.kind, Kind::Minus | Kind::Open | Kind::Term(_)));
        if !touches {
            let mistake = Mistake::new(minus.clone(), "`-` stands before nothing");
            self.wrong(mistake.hint("write it against what is not wanted: -mer, -\"la mer\", -(a OR b)"));
            return None;
        }
        self.depth += 1;
        let part = self.not();
        self.depth -= 1;
        part.map(|p| Node::Not(Box::new(p)))
    }

    fn group(&mut self, open: &Range<usize>) -> Option<Node> {
        self.depth += 1;
        let wrong_before = self.mistakes.len();
        let inside = self.any();
        self.depth -= 1;
        match self.peek() {
            Some(Token { kind: Kind::Close, span }) => {
                if inside.is_none() && self.mistakes.len() == wrong_before {
                    self.wrong(Mistake::new(open.start..span.end, "parentheses hold nothing"));
                }
                self.at += 1;
            }
            _ if self.is_told => {}
            _ => {
                let mistake = Mistake::new(open.clone(), "`(` is not closed").of(Wrong::Unclosed);
                self.wrong(mistake.hint("end the group with `)`"));
                self.is_told = true;
            }
        }
        inside
    }
}
