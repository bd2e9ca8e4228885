//! Foreign text made safe for mrkdwn, and mrkdwn cut without breaking it.
//!
//! It never knows what a text is about. Everything that does not stand in `wording` goes through here.

/// What a cut leaves behind.
const ELLIPSIS: char = '…';
/// What a foreign backtick is shown as: a real one would end or begin code.
const BACKTICK: char = 'ˋ';

/// Foreign text as mrkdwn: nothing in it can name, ping or link, and what cannot be seen is shown.
pub(crate) fn text(foreign: &str) -> String {
    let mut out = String::with_capacity(foreign.len());
    for c in foreign.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '`' => out.push(BACKTICK),
            _ => push_visible(&mut out, c),
        }
    }
    out
}

/// Foreign text for a terminal, of at most `max` characters of its own: what cannot be seen is shown and not obeyed.
pub(crate) fn visible(foreign: &str, max: usize) -> String {
    let mut out = String::new();
    for (at, c) in foreign.chars().enumerate() {
        if at >= max {
            out.push(ELLIPSIS);
            break;
        }
        push_visible(&mut out, c);
    }
    out
}

/// Foreign text as inline code of at most `max` characters, whatever they grow to when escaped. Empty text is `∅`:
/// Slack shows empty code as two backticks.
pub(crate) fn code(foreign: &str, max: usize) -> String {
    let foreign = foreign.trim();
    let mut shown: String = foreign.chars().take(max).collect();
    if foreign.chars().count() > max {
        shown.pop();
        shown.push(ELLIPSIS);
    }
    if shown.is_empty() {
        shown.push('∅');
    }
    format!("`{}`", text(&shown))
}

/// A shell line in a box of its own.
pub(crate) fn fence(line: &str) -> String {
    format!("```{}```", text(line))
}

/// A URL that can be clicked. What is not http(s) is shown as code.
pub(crate) fn link(url: &str) -> String {
    if !url.starts_with("https://") && !url.starts_with("http://") || url.chars().count() > 500 {
        return code(url, 500);
    }
    let mut safe = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '|' => safe.push_str("%7C"),
            '<' => safe.push_str("%3C"),
            '>' => safe.push_str("%3E"),
            '`' => safe.push_str("%60"),
            '&' => safe.push_str("&amp;"),
            c if c.is_whitespace() || c.is_control() => {}
            c => safe.push(c),
        }
    }
    format!("<{safe}>")
}

/// A URL of ours that can be clicked, by a few words of ours.
pub(crate) fn labelled(url: &str, label: &str) -> String {
    debug_assert!(!url.contains(['<', '>', '|', '`']) && !url.contains(char::is_whitespace), "{url}");
    format!("<{}|{label}>", url.replace('&', "&amp;"))
}

/// mrkdwn as the text that it shows, of at most `max` characters: for where Slack shows a text as it is. Angle brackets
/// are shown as ones that mean nothing, so that it can neither name nor ping wherever it is put.
pub(crate) fn plain(mrkdwn: &str, max: usize) -> String {
    let mut out = String::new();
    for token in tokens(mrkdwn) {
        match token {
            "*" => {}
            _ if token.len() > 1 && token.starts_with('<') => {
                let inner = token.trim_start_matches('<').trim_end_matches('>');
                out.push_str(inner.split_once('|').map_or(inner, |(_, label)| label));
            }
            _ if token.len() > 1 => out.push_str(token.trim_matches('`')),
            _ => out.push_str(token),
        }
    }
    let out = out
        .replace("&lt;", "‹")
        .replace("&gt;", "›")
        .replace("&amp;", "&")
        .replace('<', "‹")
        .replace('>', "›");
    let out = out.trim();
    match out.char_indices().nth(max.saturating_sub(1)) {
        Some((at, last)) if at + last.len_utf8() < out.len() => format!("{}{ELLIPSIS}", &out[..at]),
        _ => out.to_owned(),
    }
}

/// The length as Slack counts it, at worst: in UTF-16 units.
pub(crate) fn length(mrkdwn: &str) -> usize {
    mrkdwn.encode_utf16().count()
}

/// `mrkdwn`, cut to `max` between its tokens: never inside an entity, a mention, a link or code. Bold that was
/// opened is closed.
pub(crate) fn cut(mrkdwn: &str, max: usize) -> String {
    if length(mrkdwn) <= max {
        return mrkdwn.to_owned();
    }
    // Room for the ellipsis and a closing asterisk.
    let budget = max.saturating_sub(2);
    let (mut out, mut used, mut bold) = (String::new(), 0, false);
    for token in tokens(mrkdwn) {
        used += length(token);
        if used > budget {
            break;
        }
        match token {
            "*" => bold = !bold,
            "\n" => bold = false,
            _ => {}
        }
        out.push_str(token);
    }
    out.truncate(out.trim_end().len());
    out.push(ELLIPSIS);
    if bold {
        out.push('*');
    }
    out
}

/// The pieces of mrkdwn that make no sense when broken: an entity, `<…>`, code, or one character.
pub(crate) fn tokens(mrkdwn: &str) -> impl Iterator<Item = &str> {
    let mut rest = mrkdwn;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let enclosed = |open: &str, close: &str| {
            let inner = rest.strip_prefix(open)?;
            inner.find(close).map(|at| open.len() + at + close.len())
        };
        let whole = match first {
            '&' => ["&amp;", "&lt;", "&gt;"].iter().find(|e| rest.starts_with(**e)).map(|e| e.len()),
            '<' => enclosed("<", ">"),
            '`' => enclosed("```", "```").or_else(|| enclosed("`", "`")),
            _ => None,
        };
        let (token, after) = rest.split_at(whole.unwrap_or(first.len_utf8()));
        rest = after;
        Some(token)
    })
}

fn push_visible(out: &mut String, c: char) {
    match c {
        '\0'..='\u{1f}' => out.extend(char::from_u32(0x2400 + u32::from(c))),
        '\u{7f}' => out.push('␡'),
        // Further controls, and what hides or turns the text around it.
        '\u{80}'..='\u{9f}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn foreign_text_can_neither_ping_nor_hide() {
        for (foreign, shown) in [
            ("<!channel> & <b>", "&lt;!channel&gt; &amp; &lt;b&gt;"),
            ("a\tb\nc\u{7f}", "a␉b␊c␡"),
            ("\u{202e}gnp.exe\u{feff}", "⟨U+202E⟩gnp.exe⟨U+FEFF⟩"),
            ("책장 📚 `", "책장 📚 ˋ"),
        ] {
            assert_eq!(text(foreign), shown);
        }
    }

    #[test]
    fn code_holds_its_value_whatever_is_in_it() {
        for (foreign, max, shown) in [
            ("12.5", 10, "`12.5`"),
            ("``` x", 10, "`ˋˋˋ x`"),
            ("", 10, "`∅`"),
            ("가나다라마", 4, "`가나다…`"),
            ("&&&&&", 4, "`&amp;&amp;&amp;…`"),
        ] {
            assert_eq!(code(foreign, max), shown);
        }
    }

    #[test]
    fn what_is_shown_as_it_is_holds_no_marks_and_no_mentions() {
        for (mrkdwn, max, shown) in [
            ("`price_pc` 소수점이 있는 *금액*", 80, "price_pc 소수점이 있는 금액"),
            (&code("<!channel> & `<@U1>`", 40), 80, "‹!channel› & ˋ‹@U1›ˋ"),
            ("<https://a.kr/x|피드>", 80, "피드"),
            ("*a* `b*c`", 80, "a b*c"),
            ("가나다라마", 4, "가나다…"),
            ("가나다라", 4, "가나다라"),
            ("", 4, ""),
        ] {
            assert_eq!(plain(mrkdwn, max), shown, "{mrkdwn}");
        }
    }

    #[test]
    fn only_web_addresses_become_links_and_nothing_breaks_out_of_them() {
        for (url, shown) in [
            ("https://a.kr/ep.tsv?a=1&b=2", "<https://a.kr/ep.tsv?a=1&amp;b=2>"),
            ("https://a.kr/|x><!channel>", "<https://a.kr/%7Cx%3E%3C!channel%3E>"),
            ("!channel", "`!channel`"),
            ("javascript:alert(1)", "`javascript:alert(1)`"),
        ] {
            assert_eq!(link(url), shown);
        }
    }

    #[test]
    fn a_cut_never_breaks_an_entity_a_mention_or_code() {
        for (mrkdwn, max, shown) in [
            ("가나다", 3, "가나다"),
            ("가나다라마", 4, "가나…"),
            ("a &lt;b", 5, "a…"),
            ("a &lt;b c", 8, "a &lt;…"),
            ("x <@U123> y z", 9, "x…"),
            ("x `one two` y", 9, "x…"),
            ("*bold text*", 8, "*bold…*"),
            ("📦📦📦📦", 6, "📦📦…"),
        ] {
            assert_eq!(cut(mrkdwn, max), shown, "{mrkdwn}");
            assert!(length(&cut(mrkdwn, max)) <= max);
        }
    }

    proptest! {
        #[test]
        fn tokens_are_the_text_and_cuts_keep_the_limit(s in "[a-z&<>`*가📦;@!\n]{0,60}", max in 2_usize..40) {
            let safe = format!("{}{}{}", text(&s), code(&s, 20), link(&format!("https://{s}")));
            prop_assert_eq!(tokens(&safe).collect::<String>(), safe.clone());
            let short = cut(&safe, max);
            prop_assert!(length(&short) <= max);
            prop_assert_eq!(short.matches('<').count(), short.matches('>').count());
        }
    }
}
