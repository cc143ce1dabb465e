//! One key for all addresses of one picture. A key only: never emitted as a link.

use std::borrow::Cow;

use url::{Url, form_urlencoded};

use super::site_of_key;
use crate::model::Image;

/// How many resizers are unwrapped, one inside the other.
const MOST_WRAPS: usize = 4;
/// Parts of a path beyond so many are not looked at.
const MOST_PARTS: usize = 60;
/// Longer addresses stand for themselves.
const LONGEST: usize = 4_096;
/// Narrower pictures are marks and portraits.
const NARROWEST: u32 = 100;

/// Formats of pictures; one picture comes in several.
const FORMATS: [&str; 12] = ["jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "avif", "jxl", "heic", "bmp", "tiff"];

/// What versions of one picture are called, at the end of a name or as a folder.
const VERSIONS: [&str; 31] = [
    "scaled",
    "rotated",
    "thumb",
    "thumbs",
    "thumbnail",
    "thumbnails",
    "small",
    "medium",
    "large",
    "grande",
    "compact",
    "full",
    "fullsize",
    "orig",
    "original",
    "originals",
    "master",
    "pass",
    "preview",
    "crop",
    "cropped",
    "resize",
    "resized",
    "smart",
    "fit-in",
    "max",
    "hqdefault",
    "mqdefault",
    "sddefault",
    "maxresdefault",
    "articlelarge",
];

/// Parameters that say how a picture is to be shown, not which.
const SHOWN: [&str; 29] = [
    "w",
    "h",
    "width",
    "height",
    "maxwidth",
    "maxheight",
    "q",
    "quality",
    "s",
    "size",
    "sz",
    "resize",
    "fit",
    "crop",
    "ssl",
    "format",
    "fm",
    "auto",
    "dpr",
    "strip",
    "zoom",
    "scale",
    "rect",
    "ar",
    "itok",
    "expires",
    "signature",
    "policy",
    "key-pair-id",
];

/// Parameters that say which picture it is, where the path ends like that of a picture.
const WHICH: [&str; 9] = ["id", "uuid", "guid", "file", "src", "image", "img", "path", "imageid"];

/// Parameters that may hold the path of another picture of the host.
const HOLDERS: [&str; 6] = ["url", "src", "image", "img", "file", "u"];

/// Hosts of portraits of people.
const PORTRAITS: [&str; 2] = ["gravatar.com", "avatars.githubusercontent.com"];

/// The key of a picture's address, whatever size and format it is asked for, through whichever resizer. Folders count: two
/// pictures may have one name; but a name that a program made stands for one picture in whatever folder. `None` where it
/// is no address.
#[must_use]
pub fn picture_key(address: &str) -> Option<String> {
    let url = innermost(address)?;
    let host = url.host_str()?;
    let parts = parts(&url);
    let at_port = || url.port().map_or(Cow::Borrowed(host), |port| Cow::Owned(format!("{host}:{port}")));
    let site = site_of_key(host).map_or_else(at_port, Cow::Borrowed);
    // The stills of a video.
    if let ("ytimg.com" | "youtube.com", [kind, video, ..]) = (&*site, &*parts)
        && kind.starts_with("vi")
    {
        return Some(format!("youtube.com/{video}"));
    }
    let (name, folders) = parts.split_last()?;
    // `/thumb/a/ab/Port.jpg/640px-Port.jpg`
    let (name, folders) = match folders.split_last() {
        Some((file, before)) if format_of(file).is_some() && name.ends_with(&**file) => (file, before),
        _ => (name, folders),
    };
    let is_file = format_of(name).is_some();
    let mut stem = stem(name);
    if site == "staticflickr.com" {
        stem = stem.rsplit_once('_').filter(|(_, size)| size.len() == 1).map_or(stem, |(stem, _)| stem);
    }
    if is_made(stem) {
        return Some(format!("{site}//{stem}"));
    }
    let mut key = site.into_owned();
    for folder in without_styles(folders).filter(|folder| !is_version(folder)) {
        key.push('/');
        key.push_str(folder);
    }
    key.push('/');
    key.push_str(stem);
    let counts = |name: &str| if is_file { WHICH.contains(&name) } else { !SHOWN.contains(&name) };
    let mut pairs: Vec<_> = url
        .query_pairs()
        .take(MOST_PARTS)
        .filter(|(name, value)| counts(&name.to_ascii_lowercase()) && !is_called(value) && !is_sized(value))
        .collect();
    pairs.sort();
    for (name, value) in pairs {
        key.push_str(&format!("?{name}={value}"));
    }
    Some(key)
}

/// Whether an address says that its picture is too small to stand for an article.
fn is_small_picture(address: &str) -> bool {
    let Some(url) = Url::parse(address).ok().filter(|_| address.len() <= LONGEST) else { return false };
    let asked = |(name, value): (Cow<'_, str>, Cow<'_, str>)| match &*name.to_ascii_lowercase() {
        "w" | "width" | "s" | "size" | "sz" => value.trim_end_matches("px").parse().ok(),
        "resize" | "fit" => value.split([',', 'x']).next()?.parse().ok(),
        _ => None,
    };
    let parts = parts(&url);
    let name = parts.last().map_or("", |name| without_formats(name));
    let ending = name.rsplit_once('=').map(|(_, size)| size);
    let ending = ending.or_else(|| name.rsplit(['-', '_', '.', '@']).next().filter(|end| is_size_of_name(end)));
    let folders = parts.iter().rev().skip(1).flat_map(|part| part.split(','));
    // What is narrower yet is a proportion: `16x9`.
    let told = ending.into_iter().chain(folders).filter_map(width_of).filter(|width| *width > 16);
    url.query_pairs().take(MOST_PARTS).filter_map(asked).chain(told).any(|width| width < NARROWEST)
}

/// The first of some pictures that may stand for an article: never a portrait, and a small one only where there is no other.
#[must_use]
pub fn chosen(pictures: impl IntoIterator<Item = Image>) -> Option<Image> {
    let mut small = None;
    for picture in pictures.into_iter().filter(|picture| !is_portrait(&picture.url)) {
        let told = picture.width.or(picture.height);
        if told.is_none_or(|size| size >= NARROWEST) && !is_small_picture(&picture.url) {
            return Some(picture);
        }
        small.get_or_insert(picture);
    }
    small
}

/// Whether an address is that of a portrait: of whoever wrote the article, say.
fn is_portrait(address: &str) -> bool {
    let url = Url::parse(address).ok();
    let of = |host: &str, of: &str| host.strip_suffix(of).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'));
    url.as_ref().and_then(Url::host_str).is_some_and(|host| PORTRAITS.iter().any(|portraits| of(host, portraits)))
}

/// The address of the picture itself, within those of the services that give it in other sizes.
fn innermost(address: &str) -> Option<Url> {
    if address.len() > LONGEST {
        return None;
    }
    let mut url = Url::parse(address.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    for _ in 0..MOST_WRAPS {
        match within(&url) {
            Some(inner) => url = inner,
            None => break,
        }
    }
    Some(url)
}

/// The address inside an address: in a parameter, or as the end of the path, with its scheme or without.
fn within(url: &Url) -> Option<Url> {
    let web = |address: &str| {
        let address = if address.starts_with("//") { format!("https:{address}") } else { address.to_owned() };
        Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some())
    };
    for (name, value) in url.query_pairs().take(MOST_PARTS) {
        let is_holder = HOLDERS.contains(&&*name.to_ascii_lowercase());
        let begins = ["http://", "https://", "//"].iter().any(|start| value.starts_with(start));
        let begins = begins && (is_holder || format_of(url.path()).is_none());
        let holds = is_holder && format_of(&value).is_some();
        let found = if begins {
            web(&value)
        } else if holds && value.starts_with('/') {
            url.join(&value).ok()
        } else if holds && value.split('/').next().is_some_and(may_be_host) {
            web(&format!("//{value}"))
        } else {
            None
        };
        if found.is_some() {
            return found;
        }
    }
    let path = url.path();
    let lower = path.to_ascii_lowercase();
    let start = ["http://", "https://", "http:/", "https:/", "http%3a%2f%2f", "https%3a%2f%2f"];
    let found =
        start.iter().filter_map(|start| Some((lower.rfind(start)?, *start))).max_by_key(|(at, s)| (*at, s.len()));
    if let Some((at, start)) = found {
        // Slashes may have been made one.
        let rest = if start.ends_with("%2f") { decoded(&path[at..]) } else { path[at..].into() };
        let mut found = web(&rest.replacen(":/", "://", usize::from(!rest.contains("://"))))?;
        if found.query().is_none() {
            found.set_query(url.query());
        }
        return Some(found);
    }
    // https://i0.wp.com/a.example/x.jpg: the first part of the path is a host. Within the path, one whose ending is known.
    let photon = url.host_str().is_some_and(|host| host.ends_with(".wp.com"));
    let at = path.match_indices('/').map(|(at, _)| at + 1).take(MOST_PARTS).find(|at| {
        path[*at..].split_once('/').is_some_and(|(part, _)| (photon && *at == 1 && may_be_host(part)) || is_host(part))
    })?;
    web(&format!("//{}", &path[at..]))
}

/// Whether a part of a path may be the name of a host.
fn may_be_host(part: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    part.contains('.') && part.split('.').all(is_label) && format_of(part).is_none()
}

/// Whether it is one, by its ending.
fn is_host(part: &str) -> bool {
    let known = || psl::suffix(part.as_bytes()).is_some_and(|suffix| suffix.is_known());
    may_be_host(part) && known() && psl::domain_str(part).is_some()
}

/// The parts of a path, decoded.
fn parts(url: &Url) -> Vec<Cow<'_, str>> {
    url.path().split('/').filter(|part| !part.is_empty()).take(MOST_PARTS).map(decoded).collect()
}

/// A part of an address with its percent escapes read.
fn decoded(part: &str) -> Cow<'_, str> {
    if !part.contains('%') {
        return Cow::Borrowed(part);
    }
    // What means something else in a form is none here.
    let form = format!("={}", part.replace('+', "%2B").replace('&', "%26"));
    let value = form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned());
    value.map_or(Cow::Borrowed(part), Cow::Owned)
}

/// Name and format of a file that is a picture.
fn format_of(name: &str) -> Option<&str> {
    let (stem, format) = name.rsplit_once('.')?;
    FORMATS.iter().any(|known| format.eq_ignore_ascii_case(known)).then_some(stem).filter(|stem| !stem.is_empty())
}

/// A name without its format; a copy in another one may have two (`port.jpg.webp`).
fn without_formats(name: &str) -> &str {
    let name = format_of(name).unwrap_or(name);
    format_of(name).unwrap_or(name)
}

/// The name of a picture without format, size, and what its versions are called; empty where it has nothing else.
fn stem(name: &str) -> &str {
    let mut stem = without_formats(name);
    if let Some((before, size)) = stem.split_once('=')
        && size.split('-').next().is_some_and(|size| width_of(size).is_some())
    {
        stem = before;
    }
    while let Some((before, end)) = stem.rsplit_once(['-', '_', '.', '@']) {
        // `-e1699999999999`: edited then.
        let edited = end.strip_prefix('e').is_some_and(|at| (10..=13).contains(&at.len()) && is_number(at));
        if before.is_empty() || !(edited || is_size_of_name(end) || is_called(end)) {
            break;
        }
        stem = before;
    }
    if is_size_of_name(stem) || is_called(stem) { "" } else { stem }
}

/// The folders without the style that a site shows its pictures in: `/styles/large/public/`, `/cdn-cgi/image/width=640/`.
fn without_styles<'a>(folders: &'a [Cow<'a, str>]) -> impl Iterator<Item = &'a str> {
    let skipped = |at: usize| {
        let is = |at: Option<usize>, name: &str| at.and_then(|at| folders.get(at)).is_some_and(|part| part == name);
        let styled = |start: Option<usize>| {
            is(start, "styles") && ["public", "private", "s3"].iter().any(|kind| is(start.map(|at| at + 2), kind))
        };
        let from = |n: usize| at.checked_sub(n);
        styled(from(0)) || styled(from(1)) || styled(from(2)) || is(from(0), "cdn-cgi") || is(from(1), "cdn-cgi")
    };
    folders.iter().enumerate().filter(move |(at, _)| !skipped(*at)).map(|(_, part)| &**part)
}

/// Whether a folder, or the value of a parameter, tells only which version of a picture is meant.
fn is_version(part: &str) -> bool {
    let is_cloudinary = || {
        let of = |piece: &str| {
            piece.split_once('_').is_some_and(|(name, value)| match name {
                "w" | "h" => is_number(value),
                "ar" | "dpr" => value.starts_with(|c: char| c.is_ascii_digit()),
                "c" => matches!(value, "fill" | "fit" | "limit" | "scale" | "crop" | "thumb" | "pad" | "lfill"),
                "q" | "f" | "g" | "fl" => part.contains(',') || value.starts_with("auto"),
                _ => false,
            })
        };
        part.split(',').any(of)
    };
    // The pixels that pictures are wide, and no year.
    let is_width = || {
        part.parse::<u32>().is_ok_and(|n| {
            is_number(part)
                && (NARROWEST..=4_096).contains(&n)
                && (n % 10 == 0 || n % 8 == 0)
                && !(1_990..2_040).contains(&n)
        })
    };
    let is_numbered = || part.strip_prefix('v').is_some_and(is_number);
    is_called(part)
        || is_sized(part)
        || part.contains(['=', ':', '('])
        || is_cloudinary()
        || is_numbered()
        || is_width()
}

fn is_called(part: &str) -> bool {
    VERSIONS.iter().any(|version| part.eq_ignore_ascii_case(version))
}

/// Whether a part is a size: `1024x683`, `640x`, `x480`, `2x`, `640px`, `640w`, `s1600`, `w640-h427-p`.
fn is_sized(part: &str) -> bool {
    width_of(part).is_some()
        || part.strip_prefix(['x', 'h']).is_some_and(|height| height.len() > 1 && is_number(height))
        || part.strip_suffix('x').is_some_and(|times| times.len() == 1 && is_number(times))
}

/// Whether the end of a name is a size; what begins with `s` may count something.
fn is_size_of_name(end: &str) -> bool {
    is_sized(end) && !end.starts_with(['s', 'S']) && end.len() > 1
}

/// The width that a part says.
fn width_of(part: &str) -> Option<u32> {
    let number = |written: &str| if is_number(written) { written.parse().ok() } else { None };
    let by = part.split_once(['x', 'X', '×']);
    if let Some((width, _)) = by.filter(|(width, height)| is_number(height) || height.is_empty() && width.len() > 1) {
        return number(width);
    }
    let alone = part.strip_suffix("px").or_else(|| part.strip_suffix('w')).or_else(|| part.strip_prefix("width="));
    let first = part.split('-').next().unwrap_or_default();
    let named = || first.strip_prefix("w_").or_else(|| first.strip_prefix(['s', 'w'])).filter(|n| n.len() > 1);
    alone.and_then(number).or_else(|| number(named()?))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 13 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a program made a name, out of chance or of what the picture is: letters and digits by turns, as nobody writes.
fn is_made(stem: &str) -> bool {
    let written = stem.bytes().filter(u8::is_ascii_alphanumeric);
    let (mut letters, mut digits, mut turns, mut last) = (0, 0, 0, None);
    for digit in written.map(|b| b.is_ascii_digit()) {
        if digit {
            digits += 1
        } else {
            letters += 1
        }
        turns += usize::from(last.replace(digit).is_some_and(|last: bool| last != digit));
    }
    letters >= 5 && digits >= 5 && turns >= 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_of_one_picture_have_one_key() {
        for variants in [
            &[
                "https://a.example/wp-content/uploads/2026/11/port.jpg",
                "https://a.example/wp-content/uploads/2026/11/port-1024x683.jpg",
                "https://www.a.example/wp-content/uploads/2026/11/port-scaled.jpg?ver=3",
                "http://a.example/wp-content/uploads/2026/11/port-150x150@2x.jpg.webp",
                "https://a.example/wp-content/uploads/2026/11/port-e1699999999999-300x200.jpg",
                "https://i0.wp.com/a.example/wp-content/uploads/2026/11/port.jpg?resize=640%2C427&ssl=1",
                "https://i2.wp.com/a.example/wp-content/uploads/2026/11/port-scaled.jpg?fit=1200%2C800",
                "https://images.weserv.nl/?url=a.example/wp-content/uploads/2026/11/port.jpg&w=300",
                "https://cdn.b.example/_next/image?url=https%3A%2F%2Fa.example%2Fwp-content%2Fuploads%2F2026%2F11%2Fport.jpg&w=640",
                "https://a.example/_next/image?url=%2Fwp-content%2Fuploads%2F2026%2F11%2Fport.jpg&w=640&q=75",
                "https://c.example/cdn-cgi/image/width=640,quality=75/https://a.example/wp-content/uploads/2026/11/port.jpg",
                "https://a.example/cdn-cgi/image/width=640,quality=75/wp-content/uploads/2026/11/port.jpg",
                "https://t.example/x=/600x400/smart/filters:quality(80)/https:/a.example/wp-content/uploads/2026/11/port.jpg",
                "https://res.b.example/demo/image/fetch/w_640,c_limit/https%3A%2F%2Fa.example%2Fwp-content%2Fuploads%2F2026%2F11%2Fport.jpg",
            ][..],
            &[
                "https://substack-post-media.s3.amazonaws.com/public/images/0a1b2c3d-1111-2222-3333-444455556666_1456x816.jpeg",
                "https://substackcdn.com/image/fetch/$s_!AbCd!,w_1456,c_limit,f_auto,q_auto:good,fl_progressive:steep/https%3A%2F%2Fsubstack-post-media.s3.amazonaws.com%2Fpublic%2Fimages%2F0a1b2c3d-1111-2222-3333-444455556666_1456x816.jpeg",
            ],
            &[
                "https://blogger.googleusercontent.com/img/b/R29vZ2xl/AVvXsEh/s72-c/port.jpg",
                "https://blogger.googleusercontent.com/img/b/R29vZ2xl/AVvXsEh/w640-h427/port.jpg",
                "https://blogger.googleusercontent.com/img/b/R29vZ2xl/AVvXsEh/s1600/port.jpg",
            ],
            &[
                "https://upload.a.example/commons/a/ab/Le_port.jpg",
                "https://upload.a.example/commons/thumb/a/ab/Le_port.jpg/640px-Le_port.jpg",
            ],
            &[
                "https://a.example/sites/default/files/2026-11/le%20port.jpg",
                "https://a.example/sites/default/files/styles/large/public/2026-11/le%20port.jpg.webp?itok=AbC",
            ],
            &[
                "https://i.ytimg.com/vi/AbCdEf/hqdefault.jpg",
                "https://img.youtube.com/vi_webp/AbCdEf/maxresdefault.webp",
            ],
            &["https://cdn.b.example/max/1024/1*AbCd.jpeg", "https://cdn.b.example/v2/resize:fit:1400/1*AbCd.jpeg"],
            &["https://b.example/photos/12/large.jpg?3", "https://b.example/photos/12/original.jpg"],
            &["https://b.example/i/640/le-port.jpg", "https://b.example/i/1200/le-port.jpg"],
            &[
                "https://s.example/files/port_640x.jpg?v=12",
                "https://s.example/files/port_1024x1024.jpg",
                "https://s.example/files/port_grande.jpg",
            ],
            &[
                "https://b.example/2026/11/28/664/0/75/5a8c2d6f-173a-4b1c-9e77-36fa7d12.jpg",
                "https://b.example/x/5a8c2d6f-173a-4b1c-9e77-36fa7d12.jpg",
            ],
            &["https://lh3.b.example/AbC=w640-h480", "https://lh3.b.example/AbC=s1600"],
            &["https://b.example/show.php?id=12&w=300&h=200", "https://b.example/show.php?width=640&id=12"],
            &[
                "https://live.staticflickr.com/65535/5123_abcdef0123_b.jpg",
                "https://live.staticflickr.com/65535/5123_abcdef0123_m.jpg",
            ],
        ] {
            let keys: Vec<_> = variants.iter().map(|address| picture_key(address)).collect();
            assert!(keys[0].is_some() && keys.windows(2).all(|two| two[0] == two[1]), "{keys:#?}");
        }
    }

    #[test]
    fn pictures_that_are_not_one_have_other_keys() {
        for (one, other) in [
            ("https://a.example/2026/10/photo.jpg", "https://a.example/2026/11/photo.jpg"),
            ("https://a.example/north/webcam-20261128.jpg", "https://a.example/south/webcam-20261128.jpg"),
            ("https://a.example/p/port.jpg", "https://b.example/p/port.jpg"),
            ("https://a.example/p/port.jpg", "https://a.example/p/port-1.jpg"),
            ("https://a.example/p/IMG_1200.jpg", "https://a.example/p/IMG_1300.jpg"),
            ("https://a.example/p/640.jpg", "https://a.example/p/650.jpg"),
            ("https://a.example/p/bus-s12.jpg", "https://a.example/p/bus-s13.jpg"),
            ("https://a.example/show.php?id=640", "https://a.example/show.php?id=650"),
            ("https://a.example/image.jpg?id=1", "https://a.example/image.jpg?id=2"),
            ("https://a.example/latex.php?latex=x", "https://a.example/latex.php?latex=y"),
            (
                "https://i0.wp.com/a.example/p/port.jpg?resize=3%2C4",
                "https://i0.wp.com/b.example/p/port.jpg?resize=3%2C4",
            ),
            (
                "https://b.example/g/0a1b2c3d-1111-2222-3333-444455556666_1.jpg",
                "https://b.example/g/0a1b2c3d-1111-2222-3333-444455556666_2.jpg",
            ),
            ("http://127.0.0.1:1/port.jpg", "http://127.0.0.1:2/port.jpg"),
        ] {
            assert_ne!(picture_key(one), picture_key(other), "{one}");
        }
        for odd in ["", "port.jpg", "data:image/png;base64,x", "https://a.example"] {
            assert_eq!(picture_key(odd), None, "{odd}");
        }
        for odd in
            ["https://a.example/%", "https://a.example/https://", "https://a.example/?url=//", "https://[::1]/%FF.jpg"]
        {
            let _ = picture_key(odd);
        }
    }

    #[test]
    fn an_address_tells_of_a_small_picture_and_of_a_portrait() {
        for small in [
            "https://secure.gravatar.com/avatar/abc?s=96&d=identicon",
            "https://a.example/p/port-75x75.jpg",
            "https://b.example/AVvXsEh/s72-c/port.jpg",
            "https://b.example/x/w_64,h_64,c_fill/port.jpg",
            "https://lh3.b.example/AbC=s32-c",
            "https://a.example/p/port.jpg?resize=80%2C80",
        ] {
            assert!(is_small_picture(small), "{small}");
        }
        for large in [
            "https://a.example/p/port-150x150.jpg",
            "https://a.example/p/port-16x9.jpg",
            "https://a.example/2026/11/28/port.jpg?q=75",
            "https://a.example/p/bus-s12.jpg",
            "https://b.example/AVvXsEh/s1600/port.jpg",
        ] {
            assert!(!is_small_picture(large), "{large}");
        }
        assert!(
            is_portrait("https://secure.gravatar.com/avatar/abc?s=512") && is_portrait("https://gravatar.com/avatar/a")
        );
        assert!(is_portrait("https://avatars.githubusercontent.com/u/1?v=4"));
        assert!(!is_portrait("https://notgravatar.com/a.jpg") && !is_portrait("x"));
    }

    #[test]
    fn a_portrait_is_never_chosen_and_a_small_picture_only_where_it_is_alone() {
        let of = |url: &str, width| Image { url: url.into(), width, ..Image::default() };
        let portrait = of("https://secure.gravatar.com/avatar/abc?s=512", Some(512));
        let small = of("https://a.example/mark.png", Some(30));
        let large = of("https://a.example/port.jpg", None);
        let all = [&portrait, &small, &large];
        assert_eq!(chosen(all.into_iter().cloned()), Some(large));
        assert_eq!(chosen([portrait.clone(), small.clone()]), Some(small));
        assert_eq!(chosen([portrait]), None);
    }
}
