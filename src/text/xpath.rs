//! XPath as CSS, where CSS can say the same: for the rules of others that are written in XPath.

mod condition;
mod lex;

use lex::Token;

/// The longest expression, in bytes.
const LONGEST: usize = 4_000;
/// Brackets inside of brackets.
const DEEPEST: usize = 12;
/// Steps of one expression.
const MOST_STEPS: usize = 60;

/// What an XPath selects, in CSS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// The selector.
    pub css: String,
    /// The attribute that is taken, where it is not the element.
    pub attribute: Option<String>,
    /// Whether only the first match of all is meant.
    pub first: bool,
}

/// Says an XPath 1.0 in CSS.
///
/// # Errors
/// Why it cannot be said, as a fragment of a sentence. What is nearly the same is not the same: it is refused too.
pub fn css_of_xpath(xpath: &str) -> Result<Selected, String> {
    if xpath.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let mut parser = Parser { tokens: lex::tokens(xpath)?, at: 0, depth: 0, steps: 0 };
    if parser.tokens.is_empty() {
        return Err("it is empty".to_owned());
    }
    // Texts are put on one line in any case.
    let wrapped = parser.take_function("normalize-space") || parser.take_function("string");
    let mut selected = parser.union()?;
    if wrapped {
        parser.expect(")")?;
        selected.first = true;
    }
    match parser.tokens.get(parser.at) {
        None => Ok(selected),
        Some(token) => Err(format!("{} cannot follow", shown(token))),
    }
}

/// Which elements a step leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    Child,
    Descendant,
    Following,
    /// The next sibling.
    Next,
    Itself,
    Parent,
    Ancestor,
    Preceding,
}

impl Axis {
    /// What stands between two compounds for it.
    fn combinator(self) -> Option<&'static str> {
        match self {
            Self::Child => Some(" > "),
            Self::Descendant => Some(" "),
            Self::Following => Some(" ~ "),
            Self::Next => Some(" + "),
            Self::Itself | Self::Parent | Self::Ancestor | Self::Preceding => None,
        }
    }
}

/// A step: where it leads, and the compound selector of what it takes there.
struct Step {
    axis: Axis,
    css: String,
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    steps: usize,
}

impl Parser {
    fn is(&self, sign: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Sign(s)) if *s == sign)
    }

    /// Whether this sign comes after the next token.
    fn is_then(&self, sign: &str) -> bool {
        matches!(self.tokens.get(self.at + 1), Some(Token::Sign(s)) if *s == sign)
    }

    fn take(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        let found = self.tokens.get(self.at).map_or("the end".to_owned(), shown);
        if self.take(sign) { Ok(()) } else { Err(format!("{found} where `{sign}` is expected")) }
    }

    fn take_name(&mut self, wanted: &str) -> bool {
        let is = matches!(self.tokens.get(self.at), Some(Token::Name(name)) if name == wanted);
        self.at += usize::from(is);
        is
    }

    fn take_any_name(&mut self) -> Option<String> {
        let Some(Token::Name(name)) = self.tokens.get(self.at) else { return None };
        self.at += 1;
        Some(name.clone())
    }

    fn take_literal(&mut self) -> Option<String> {
        let Some(Token::Literal(text)) = self.tokens.get(self.at) else { return None };
        self.at += 1;
        Some(text.clone())
    }

    fn take_number(&mut self) -> Option<i64> {
        let Some(Token::Number(number)) = self.tokens.get(self.at) else { return None };
        self.at += 1;
        Some(*number)
    }

    /// The name of the function that begins here, with its bracket.
    fn function(&mut self) -> Option<String> {
        self.is_then("(").then(|| self.take_any_name()).flatten().inspect(|_| self.at += 1)
    }

    fn take_function(&mut self, name: &str) -> bool {
        let is = self.is_then("(") && self.take_name(name);
        self.at += usize::from(is);
        is
    }

    fn is_axis(&self, axis: &str) -> bool {
        self.is_then("::") && matches!(self.tokens.get(self.at), Some(Token::Name(name)) if name == axis)
    }

    fn take_axis(&mut self, axis: &str) -> bool {
        let is = self.is_axis(axis);
        self.at += if is { 2 } else { 0 };
        is
    }

    fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        if self.depth >= DEEPEST {
            return Err(format!("more than {DEEPEST} brackets stand inside of each other"));
        }
        self.depth += 1;
        let done = inside(self);
        self.depth -= 1;
        done
    }

    /// `path | path`: the matches of both, in the order of the document.
    fn union(&mut self) -> Result<Selected, String> {
        let mut all = self.path()?;
        while self.take("|") {
            let next = self.path()?;
            if next.attribute != all.attribute {
                return Err("two attributes cannot be taken at once".to_owned());
            }
            if next.first || all.first {
                return Err("the first of one and all of another cannot be said".to_owned());
            }
            all.css = format!("{}, {}", all.css, next.css);
        }
        Ok(all)
    }

    fn path(&mut self) -> Result<Selected, String> {
        let mut first = false;
        let (mut css, mut simple) = if self.take("(") {
            let inside = self.deeper(Self::union)?;
            self.expect(")")?;
            if inside.attribute.is_some() {
                self.attribute_in_brackets()?;
                return Ok(Selected { first: self.take_first()?, ..inside });
            }
            first = self.take_first()? || inside.first;
            let several = inside.css.contains(", ") && (self.is("/") || self.is("//"));
            (if several { format!(":is({})", inside.css) } else { inside.css }, false)
        } else if self.take_function("id") {
            let id = self.take_literal().ok_or("id() without a text cannot be said")?;
            self.expect(")")?;
            (format!("[id={}]", quoted(&id)), true)
        } else {
            (self.beginning()?, true)
        };
        if first && (self.is("/") || self.is("//")) {
            return Err("a path that goes on from the first match cannot be said".to_owned());
        }
        while self.is("/") || self.is("//") {
            let descends = self.take("//");
            if !descends {
                self.expect("/")?;
            }
            if self.take("@") || self.take_axis("attribute") {
                if descends {
                    css += " *";
                }
                let name = self.take_any_name().ok_or("all attributes cannot be taken at once")?;
                return Ok(Selected { css, attribute: Some(attribute(&name)?), first });
            }
            let step = self.step(descends)?;
            (css, simple) = joined(css, simple, &step)?;
        }
        Ok(Selected { css, attribute: None, first })
    }

    /// After an attribute in brackets only a place may come.
    fn attribute_in_brackets(&self) -> Result<(), String> {
        if self.is("/") || self.is("//") { Err("nothing is inside of an attribute".to_owned()) } else { Ok(()) }
    }

    /// `[1]` after brackets: the first match of all.
    fn take_first(&mut self) -> Result<bool, String> {
        if !self.take("[") {
            return Ok(false);
        }
        let number = self.take_number().ok_or("a condition after brackets cannot be said")?;
        self.expect("]")?;
        if number == 1 { Ok(true) } else { Err("a match other than the first of all cannot be said".to_owned()) }
    }

    /// The first step of a path: anywhere, or from the root, which is `html`.
    fn beginning(&mut self) -> Result<String, String> {
        let _from_here = self.take(".");
        let anywhere = self.take("//");
        let from_root = !anywhere && self.take("/");
        if self.is("@") {
            return Err("attributes of every element cannot be taken".to_owned());
        }
        let step = self.step(anywhere)?;
        match step.axis {
            Axis::Descendant => Ok(step.css),
            Axis::Child if is_html(&step.css) => Ok(step.css),
            Axis::Child if from_root => Err("it begins at the root, which is html".to_owned()),
            Axis::Child => Err("it does not say where it begins: write // before it".to_owned()),
            _ => Err("a path cannot begin on this axis".to_owned()),
        }
    }

    /// One step, with its conditions. `descends`: whether `//` stands before it.
    fn step(&mut self, descends: bool) -> Result<Step, String> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(format!("it has more than {MOST_STEPS} steps"));
        }
        if self.take("..") {
            return if descends {
                Err("`//..` cannot be said".to_owned())
            } else {
                Ok(Step { axis: Axis::Parent, css: "*".to_owned() })
            };
        }
        let mut axis = self.axis(descends)?;
        let tag = match self.function().as_deref() {
            Some("text") => return Err("text() cannot be selected".to_owned()),
            Some(name) => return Err(format!("{name}() cannot be selected")),
            None if self.take("*") => String::new(),
            None => tag(&self.take_any_name().ok_or_else(|| {
                format!("{} where a name is expected", self.tokens.get(self.at).map_or("the end".to_owned(), shown))
            })?)?,
        };
        let mut conditions = String::new();
        let mut counted = matches!(axis, Axis::Child | Axis::Descendant) && !self.explicit_descendant();
        while self.take("[") {
            // The next sibling: the first of all of them.
            let next = self.tokens.get(self.at) == Some(&Token::Number(1)) && self.is_then("]");
            if axis == Axis::Following && tag.is_empty() && conditions.is_empty() && next {
                (axis, self.at) = (Axis::Next, self.at + 2);
                continue;
            }
            let place = counted.then_some(if tag.is_empty() { "nth-child" } else { "nth-of-type" });
            conditions += &self.predicate(place)?;
            self.expect("]")?;
            counted = false;
        }
        let css = if tag.is_empty() && conditions.is_empty() { "*".to_owned() } else { tag + &conditions };
        Ok(Step { axis, css })
    }

    /// Whether the step that is read names the axis `descendant`, on which places are counted over all depths.
    fn explicit_descendant(&self) -> bool {
        let back = |n: usize| self.at.checked_sub(n).and_then(|i| self.tokens.get(i));
        back(2) == Some(&Token::Sign("::")) && back(3) == Some(&Token::Name("descendant".to_owned()))
    }

    fn axis(&mut self, descends: bool) -> Result<Axis, String> {
        let named = self.is_then("::").then(|| self.take_any_name()).flatten();
        self.at += usize::from(named.is_some());
        let axis = match named.as_deref() {
            None | Some("child") => return Ok(if descends { Axis::Descendant } else { Axis::Child }),
            Some("descendant") => return Ok(Axis::Descendant),
            Some("following-sibling") => Axis::Following,
            Some("preceding-sibling") => Axis::Preceding,
            Some("self") => Axis::Itself,
            Some("parent") => Axis::Parent,
            Some("ancestor") => Axis::Ancestor,
            Some(other) => return Err(format!("axis {other} cannot be said")),
        };
        if descends { Err("this axis after `//` cannot be said".to_owned()) } else { Ok(axis) }
    }
}

/// Whether a compound selector begins with the element that is the root.
fn is_html(css: &str) -> bool {
    css.strip_prefix("html")
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_'))
}

/// A selector and the step that goes on from it; and whether the result is one compound.
fn joined(css: String, simple: bool, step: &Step) -> Result<(String, bool), String> {
    if let Some(combinator) = step.axis.combinator() {
        return Ok((format!("{css}{combinator}{}", step.css), false));
    }
    if css.contains(":has(") && step.axis != Axis::Itself {
        return Err("a path that turns back twice cannot be said".to_owned());
    }
    let inside = if simple { css } else { format!(":is({css})") };
    Ok(match step.axis {
        Axis::Parent => (format!("{}:has(> {inside})", step.css), true),
        Axis::Ancestor => (format!("{}:has({inside})", step.css), true),
        Axis::Preceding => (format!("{}:has(~ {inside})", step.css), true),
        _ => (format!("{inside}:is({})", step.css), true),
    })
}

/// The name of an element, as CSS has it.
fn tag(name: &str) -> Result<String, String> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if plain { Ok(name.to_ascii_lowercase()) } else { Err(format!("elements called `{name}` cannot be said")) }
}

/// The name of an attribute, as CSS has it.
fn attribute(name: &str) -> Result<String, String> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if plain { Ok(name.to_ascii_lowercase()) } else { Err(format!("attributes called `{name}` cannot be said")) }
}

/// A text in quotation marks, as CSS has it.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\{:x} ", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn shown(token: &Token) -> String {
    match token {
        Token::Name(name) => format!("`{name}`"),
        Token::Number(number) => format!("`{number}`"),
        Token::Literal(_) => "a text".to_owned(),
        Token::Sign(sign) => format!("`{sign}`"),
    }
}

#[cfg(test)]
mod tests;
