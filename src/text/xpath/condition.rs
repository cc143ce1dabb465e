//! What stands between brackets: conditions, as the parts of a compound selector.

use super::lex::Token;
use super::{Axis, Parser, attribute, quoted};

/// A side of a comparison.
enum Value {
    /// A condition that is met or not.
    Met(String),
    /// An attribute: of the element, or of another that is reached from it (what goes before and after the attribute).
    Attribute {
        before: String,
        name: String,
        after: String,
    },
    Literal(String),
    Number(i64),
    Position,
    /// The last place, or one so many before it.
    Last(i64),
}

impl Parser {
    /// The inside of a predicate. `place`: the pseudo-class that counts places here, where one can.
    pub(super) fn predicate(&mut self, place: Option<&'static str>) -> Result<String, String> {
        self.deeper(|parser| parser.any_of(place))
    }

    fn any_of(&mut self, place: Option<&'static str>) -> Result<String, String> {
        let mut all = vec![self.all_of(place)?];
        while self.take_name("or") {
            all.push(self.all_of(place)?);
        }
        match &all[..] {
            [one] => Ok(one.clone()),
            many => Ok(format!(":is({})", many.join(", "))),
        }
    }

    fn all_of(&mut self, place: Option<&'static str>) -> Result<String, String> {
        let mut all = self.comparison(place)?;
        while self.take_name("and") {
            all += &self.comparison(place)?;
        }
        Ok(all)
    }

    fn comparison(&mut self, place: Option<&'static str>) -> Result<String, String> {
        let opened = self.at.checked_sub(1).and_then(|i| self.tokens.get(i)) == Some(&Token::Sign("["));
        let left = self.value(place)?;
        let sign = ["=", "!=", "<", "<=", ">", ">="].into_iter().find(|s| self.take(s));
        let Some(sign) = sign else {
            return match left {
                Value::Met(css) => Ok(css),
                Value::Attribute { before, name, after } => Ok(format!("{before}[{name}]{after}")),
                // Among other conditions a number is no place: it is always met.
                Value::Number(_) | Value::Last(_) if !(opened && self.is("]")) => {
                    Err("a number among conditions cannot be said".to_owned())
                }
                Value::Number(n) => nth(place, &n.to_string(), false),
                Value::Last(back) => nth(place, &(back + 1).to_string(), true),
                Value::Literal(_) | Value::Position => Err("a text alone is no condition".to_owned()),
            };
        };
        let right = self.value(place)?;
        compare(left, sign, right, place)
    }

    fn value(&mut self, place: Option<&'static str>) -> Result<Value, String> {
        if let Some(text) = self.take_literal() {
            return Ok(Value::Literal(text));
        }
        if let Some(number) = self.take_number() {
            return Ok(Value::Number(number));
        }
        if self.take("(") {
            let inside = self.predicate(place)?;
            self.expect(")")?;
            return Ok(Value::Met(inside));
        }
        match self.function().as_deref() {
            Some("not") => {
                let inside = self.predicate(place)?;
                self.expect(")")?;
                Ok(Value::Met(format!(":not({inside})")))
            }
            Some(name @ ("contains" | "starts-with" | "ends-with")) => {
                let condition = self.part_of_attribute(name)?;
                self.expect(")")?;
                Ok(Value::Met(condition))
            }
            Some("position") => self.expect(")").map(|()| Value::Position),
            Some("last") => {
                self.expect(")")?;
                let back = if self.take("-") { self.take_number().ok_or("a number is missing after `-`")? } else { 0 };
                Ok(Value::Last(back))
            }
            Some(name @ ("text" | "string" | "normalize-space")) => Err(format!("{name}() asks for text")),
            Some(name) => Err(format!("{name}() cannot be said")),
            None => self.relative(),
        }
    }

    /// The arguments of `contains(@class, 'x')` and its kin.
    fn part_of_attribute(&mut self, function: &str) -> Result<String, String> {
        let (mut spaced, mut trimmed) = (false, false);
        let name = match self.function().as_deref() {
            Some("concat") => {
                spaced = true;
                self.spaced()?
            }
            Some("normalize-space") => {
                trimmed = true;
                let name = self.own_attribute()?;
                self.expect(")")?;
                name
            }
            Some("text" | "string") => return Err("the text of an element cannot be asked for".to_owned()),
            Some(name) => return Err(format!("{name}() cannot be said")),
            None => self.own_attribute()?,
        };
        self.expect(",")?;
        let wanted = self.take_literal().ok_or("only a text in quotation marks can be looked for")?;
        if wanted.is_empty() {
            return Err("an empty text is in every other".to_owned());
        }
        if trimmed && (function != "contains" || wanted.contains(char::is_whitespace)) {
            return Err(format!("{function}() of normalize-space() cannot be said"));
        }
        match (function, spaced) {
            ("contains", false) => Ok(format!("[{name}*={}]", quoted(&wanted))),
            ("starts-with", false) => Ok(format!("[{name}^={}]", quoted(&wanted))),
            ("ends-with", false) => Ok(format!("[{name}$={}]", quoted(&wanted))),
            ("contains", true) => among_spaces(&name, &wanted),
            _ => Err(format!("{function}() of concat() cannot be said")),
        }
    }

    /// The attribute in `concat(' ', normalize-space(@class), ' ')`.
    fn spaced(&mut self) -> Result<String, String> {
        let other = "concat() other than with a space on each side cannot be said";
        let space = |parser: &mut Self| parser.take_literal().filter(|t| t == " ").map(|_| ()).ok_or(other);
        space(self)?;
        self.expect(",")?;
        let name = match self.function().as_deref() {
            Some("normalize-space") => {
                let name = self.own_attribute()?;
                self.expect(")")?;
                name
            }
            Some(_) => return Err(other.to_owned()),
            None => self.own_attribute()?,
        };
        self.expect(",")?;
        space(self)?;
        self.expect(")")?;
        Ok(name)
    }

    /// `@class`; the text of the element, or an attribute of another, is refused.
    fn own_attribute(&mut self) -> Result<String, String> {
        if self.take(".") && !self.is("/") && !self.is("//") {
            return Err("the text of an element cannot be asked for".to_owned());
        }
        if !self.take("@") && !self.take_axis("attribute") {
            return Err("only an attribute of the element itself can be looked into".to_owned());
        }
        attribute(&self.take_any_name().ok_or("the name of an attribute is missing")?)
    }

    /// A path from the element: what is met where it leads somewhere, or an attribute at its end.
    fn relative(&mut self) -> Result<Value, String> {
        let (mut before, mut after) = (String::new(), String::new());
        if self.is("@") || self.is_axis("attribute") {
            return Ok(Value::Attribute { before, name: self.own_attribute()?, after });
        }
        if self.is("/") || self.is("//") {
            return Err("a path from the root inside of brackets cannot be said".to_owned());
        }
        let mut descends = false;
        if self.take(".") {
            if !self.is("/") && !self.is("//") {
                return Err("the text of an element cannot be asked for".to_owned());
            }
            descends = self.take("//");
            if !descends {
                self.expect("/")?;
            }
        }
        if self.is("..") {
            before.push_str(":is(*");
            while self.take("..") {
                after.push_str(" > *");
                if !self.take("/") || self.is("@") {
                    break;
                }
            }
            after.push(')');
            return self.end_of_relative(before, after);
        }
        let step = self.step(descends)?;
        let (lead, tail) = match step.axis {
            Axis::Child => (":has(> ", ")"),
            Axis::Descendant => (":has(", ")"),
            Axis::Following => (":has(~ ", ")"),
            Axis::Next => (":has(+ ", ")"),
            Axis::Itself => (":is(", ")"),
            Axis::Parent => (":is(", " > *)"),
            Axis::Ancestor => (":is(", " *)"),
            Axis::Preceding => (":is(", " ~ *)"),
        };
        before.push_str(lead);
        before.push_str(&step.css);
        after.push_str(tail);
        let forward = tail == ")" && step.axis != Axis::Itself;
        while forward && (self.is("/") || self.is("//")) && !self.is_then("@") {
            let descends = self.take("//");
            if !descends {
                self.expect("/")?;
            }
            let step = self.step(descends)?;
            before.push_str(step.axis.combinator().ok_or("a path inside of brackets that turns back cannot be said")?);
            before.push_str(&step.css);
        }
        self.end_of_relative(before, after)
    }

    fn end_of_relative(&mut self, before: String, after: String) -> Result<Value, String> {
        if before.strip_prefix(":has(").is_some_and(|inside| inside.contains(":has(")) {
            return Err("a condition on what stands inside of what stands inside cannot be said".to_owned());
        }
        if self.is("@") || self.take("/") {
            return Ok(Value::Attribute { before, name: self.own_attribute()?, after });
        }
        if self.is("//") {
            return Err("a path inside of brackets that goes on cannot be said".to_owned());
        }
        Ok(Value::Met(before + &after))
    }
}

fn compare(left: Value, sign: &str, right: Value, place: Option<&'static str>) -> Result<String, String> {
    let turned = match sign {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        same => same,
    };
    match (left, right) {
        (Value::Attribute { before, name, after }, Value::Literal(text)) => match sign {
            "=" => Ok(format!("{before}{}{after}", equal(&name, &text))),
            // It is there, and says something else.
            "!=" => Ok(format!("{before}[{name}]:not({}){after}", equal(&name, &text))),
            _ => Err("texts are not compared by size".to_owned()),
        },
        (left @ Value::Literal(_), right @ Value::Attribute { .. }) => compare(right, sign, left, place),
        (Value::Position, Value::Number(n)) => match (sign, n) {
            ("=", n) => nth(place, &n.to_string(), false),
            ("!=", n) => Ok(format!(":not({})", nth(place, &n.to_string(), false)?)),
            ("<", n) if n > 1 => nth(place, &format!("-n+{}", n - 1), false),
            ("<=", n) if n > 0 => nth(place, &format!("-n+{n}"), false),
            (">", n) => nth(place, &format!("n+{}", n + 1), false),
            (">=", n) => nth(place, &format!("n+{n}"), false),
            _ => Err("no place is before the first".to_owned()),
        },
        (left @ Value::Number(_), right @ Value::Position) => compare(right, turned, left, place),
        (Value::Position, Value::Last(back)) => match sign {
            "=" => nth(place, &(back + 1).to_string(), true),
            "!=" => Ok(format!(":not({})", nth(place, &(back + 1).to_string(), true)?)),
            "<" => nth(place, &format!("n+{}", back + 2), true),
            _ => Err("this comparison of places cannot be said".to_owned()),
        },
        _ => Err("this comparison cannot be said".to_owned()),
    }
}

fn equal(name: &str, text: &str) -> String {
    match name {
        "id" if is_identifier(text) => format!("#{text}"),
        _ => format!("[{name}={}]", quoted(text)),
    }
}

/// What `contains(concat(' ', @class, ' '), ' x ')` asks for.
fn among_spaces(name: &str, wanted: &str) -> Result<String, String> {
    let word = wanted.trim_matches(' ');
    if word.is_empty() || word.contains(char::is_whitespace) {
        return Err("several words of an attribute in their order cannot be said".to_owned());
    }
    let (starts, ends) = (wanted.starts_with(' '), wanted.ends_with(' '));
    Ok(match (starts, ends) {
        (true, true) if name == "class" && is_identifier(word) => format!(".{word}"),
        (true, true) => format!("[{name}~={}]", quoted(word)),
        (true, false) => format!(":is([{name}^={}], [{name}*={}])", quoted(word), quoted(&format!(" {word}"))),
        (false, true) => format!(":is([{name}$={}], [{name}*={}])", quoted(word), quoted(&format!("{word} "))),
        (false, false) => format!("[{name}*={}]", quoted(word)),
    })
}

/// Whether a text can stand after `#` or `.` as it is.
fn is_identifier(text: &str) -> bool {
    let bare = text.strip_prefix('-').unwrap_or(text);
    bare.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && bare.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn nth(place: Option<&'static str>, of: &str, from_end: bool) -> Result<String, String> {
    let place = place.ok_or("a place after another condition, or on this axis, cannot be said")?;
    let counts = place.trim_start_matches("nth-");
    Ok(match (of, from_end) {
        ("1", false) => format!(":first-{counts}"),
        ("1", true) => format!(":last-{counts}"),
        (of, false) => format!(":nth-{counts}({of})"),
        (of, true) => format!(":nth-last-{counts}({of})"),
    })
}
