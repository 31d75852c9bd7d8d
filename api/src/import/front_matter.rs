//! A file's two parts: front matter between fences, and the text below.

/// A file, divided.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Divided<'a> {
    /// The YAML, without its fences; empty where there is none.
    pub yaml: &'a str,
    /// The Markdown.
    pub body: &'a str,
}

/// Lines that stand before the YAML: the fence.
pub(super) const LINES_BEFORE: usize = 1;

/// Divides a file; what begins like front matter and does not end is refused, for it would become text.
pub(super) fn divide(text: &str) -> Result<Divided<'_>, String> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    match first.trim_end() {
        "---" => {}
        "+++" => {
            return Err(
                "line 1: TOML front matter is not read; write it as YAML between lines of `---`.".to_owned(),
            );
        }
        ";;;" => {
            return Err(
                "line 1: JSON front matter is not read; write it as YAML between lines of `---`.".to_owned(),
            );
        }
        _ => return Ok(Divided { yaml: "", body: text }),
    }
    let mut end = first.len();
    for line in lines {
        let after = end + line.len();
        if matches!(line.trim_end(), "---" | "...") {
            return Ok(Divided {
                yaml: &text[first.len()..end],
                body: &text[after..],
            });
        }
        end = after;
    }
    Err("line 1: the front matter has no end; close it with a line of `---`.".to_owned())
}

/// The text of a file: UTF-8, without a byte order mark, with `\n` at the ends of its lines, so that a file is
/// the same on every machine it was checked out on.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.split(|byte| *byte == b'\n').count();
        format!("line {line}: this is not UTF-8; save the file as UTF-8.")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_stands_between_fences_at_the_very_start() {
        let divided = divide("---\ntitle: a\n---\n# b\n---\n").unwrap();
        assert_eq!(
            divided,
            Divided {
                yaml: "title: a\n",
                body: "# b\n---\n"
            }
        );
        assert_eq!(
            divide("# b\n---\n").unwrap(),
            Divided {
                yaml: "",
                body: "# b\n---\n"
            }
        );
        assert_eq!(divide("---\n---").unwrap(), Divided { yaml: "", body: "" });
        assert_eq!(divide("").unwrap(), Divided { yaml: "", body: "" });
    }

    #[test]
    fn front_matter_without_an_end_is_refused() {
        assert!(divide("---\ntitle: a\n").unwrap_err().contains("no end"));
        assert!(divide("+++\ntitle = 'a'\n+++\n").unwrap_err().contains("YAML"));
    }

    #[test]
    fn line_ends_and_byte_order_marks_of_other_systems_do_not_count() {
        assert_eq!(
            decode(b"\xef\xbb\xbf---\r\na\rb\n".to_vec()).unwrap(),
            "---\na\nb\n"
        );
        assert!(decode(b"a\nb\xff".to_vec()).unwrap_err().contains("line 2"));
    }
}
