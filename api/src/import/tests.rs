//! Files that meet a store.

use std::fs;
use std::path::{Path, PathBuf};

use masthead_domain::change::Head;
use masthead_domain::slug::Slug;
use masthead_storage::StorageOptions;

use super::*;

/// A folder with a store in it, gone when the test is.
struct Place {
    folder: PathBuf,
    storage: Storage,
}

impl Place {
    fn new() -> Self {
        let name = format!(
            "masthead-import-{:016x}",
            u64::from_le_bytes(crate::system::random_bytes().unwrap())
        );
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        let url = format!("sqlite://{}", folder.join("test.db").display());
        let storage = Storage::open(&StorageOptions::new(url)).unwrap();
        storage.migrate().unwrap();
        Self { folder, storage }
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.join("in").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn import(&self, folder: &Path) -> Report {
        let mut importer = Importer::new(&self.storage, Locale::parse("en").unwrap());
        for file in find(folder).unwrap() {
            importer
                .file(&file.name, file.path.and_then(|path| read(&path)))
                .unwrap();
        }
        importer.finish()
    }

    fn import_own(&self) -> Report {
        self.import(&self.folder.join("in"))
    }

    /// The newest entry of the change log.
    fn head(&self) -> Head {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime
            .block_on(self.storage.deliver(|delivery| delivery.head()))
            .unwrap()
    }

    fn revision(&self, locale: &str, slug: &str) -> u32 {
        let (locale, slug) = (Locale::parse(locale).unwrap(), Slug::parse(slug).unwrap());
        let article = self.storage.read_blocking(|repository| {
            let id = repository.article_by_slug(&locale, &slug)?.unwrap();
            repository.article(id)
        });
        article.unwrap().unwrap().revision
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn outcomes(report: &Report) -> Vec<(&str, &str)> {
    report
        .entries
        .iter()
        .map(|entry| (entry.file.as_str(), entry.outcome.as_str()))
        .collect()
}

fn lines(report: &Report, file: &str) -> String {
    report
        .entries
        .iter()
        .find(|entry| entry.file == file)
        .unwrap()
        .lines
        .join("\n")
}

#[test]
fn the_examples_come_in_and_a_second_time_nothing_changes() {
    let place = Place::new();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/content");
    let first = place.import(&examples);
    assert_eq!(first.count(Outcome::Created), first.entries.len(), "{first}");
    let (head, revision) = (place.head(), place.revision("en", "why-tides-turn"));
    assert!(head.is_some());
    let second = place.import(&examples);
    assert_eq!(second.count(Outcome::Unchanged), second.entries.len(), "{second}");
    assert_eq!(place.head(), head);
    assert_eq!(place.revision("en", "why-tides-turn"), revision);
}

#[test]
fn a_changed_file_updates_its_article_in_place() {
    let place = Place::new();
    place.write(
        "a.md",
        "---\ntitle: A\nstatus: published\n---\n## One\n\nText.\n\n## FAQ\n\n### Why?\n\nSo.\n",
    );
    place.import_own();
    let (head, revision) = (place.head(), place.revision("en", "a"));
    place.write("a.md", "---\r\ntitle: A\r\nstatus: published\r\n---\r\n## One\r\n\r\nText.\r\n\r\n## FAQ\r\n\r\n### Why?\r\n\r\nSo.\r\n");
    assert_eq!(outcomes(&place.import_own()), [("a.md", "unchanged")]);
    place.write(
        "a.md",
        "---\ntitle: A\nstatus: published\n---\n## One\n\nOther text.\n\n## FAQ\n\n### Why?\n\nNow so.\n",
    );
    assert_eq!(outcomes(&place.import_own()), [("a.md", "updated")]);
    assert!(place.head() > head && place.revision("en", "a") > revision);
    assert_eq!(outcomes(&place.import_own()), [("a.md", "unchanged")]);
}

#[test]
fn one_bad_file_does_not_stop_the_others_and_leaves_nothing_behind() {
    let place = Place::new();
    place.write(
        "a.md",
        "---\ntitle: A\ntags: [Left]\nauthors: [Ada]\n---\n## S\n\nnul \0\n",
    );
    place.write("b.md", b"# \xff");
    place.write("c.md", "---\ntitle: C\n");
    place.write("d.md", "# D\n\nGood.\n");
    place.write("e.md", vec![b' '; 2 * 1024 * 1024 + 1]);
    place.write("f.md", format!("# F\n\n{}", "x".repeat(100_001)));
    place.write("g.txt", "not Markdown");
    let report = place.import_own();
    let failed = "failed";
    let expected = [
        ("a.md", failed),
        ("b.md", failed),
        ("c.md", failed),
        ("d.md", "created"),
        ("e.md", failed),
        ("f.md", failed),
    ];
    assert_eq!(outcomes(&report), expected, "{report}");
    assert!(
        lines(&report, "a.md").contains("section \"S\": Remove the control character U+0000."),
        "{report}"
    );
    assert!(
        lines(&report, "b.md").contains("line 1: this is not UTF-8"),
        "{report}"
    );
    assert!(lines(&report, "f.md").contains("at most 100000"), "{report}");
    let left = [Slug::parse("left").unwrap()];
    assert!(
        place
            .storage
            .read_blocking(|repository| repository.tags_by_slug(&left))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn two_files_never_take_turns_on_one_article() {
    let place = Place::new();
    place.write("en/a.md", "# A\n");
    place.write("a.en.md", "# Another\n");
    let report = place.import_own();
    assert_eq!(outcomes(&report), [("a.en.md", "created"), ("en/a.md", "failed")]);
    assert!(
        lines(&report, "en/a.md").contains("a.en.md has the locale en and the slug a already"),
        "{report}"
    );
}

#[test]
fn a_name_that_is_known_otherwise_is_said() {
    let place = Place::new();
    place.write("a.md", "---\ntitle: A\ntags: [C]\n---\n");
    place.write("b.md", "---\ntitle: B\ntags: [C++]\n---\n");
    let report = place.import_own();
    assert_eq!(report.entries[1].notes[0].code, "called_otherwise", "{report}");
    assert!(report.entries[0].notes.is_empty());
}

#[test]
#[cfg(unix)]
fn links_in_circles_end_and_what_is_no_file_is_said() {
    let place = Place::new();
    place.write("b/a.md", "# A\n");
    place.write(".hidden/x.md", "# X\n");
    let folder = place.folder.join("in");
    std::os::unix::fs::symlink(&folder, folder.join("b/again")).unwrap();
    std::os::unix::fs::symlink(folder.join("nowhere"), folder.join("dangling.md")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.join("socket.md")).unwrap();
    let report = place.import_own();
    let expected = [
        ("b/a.md", "created"),
        ("dangling.md", "failed"),
        ("socket.md", "failed"),
    ];
    assert_eq!(outcomes(&report), expected, "{report}");
    assert!(find(&folder.join("nowhere")).is_err());
    assert!(find(&folder.join("b/a.md")).is_err());
}

#[test]
fn a_rehearsal_says_what_would_come_in() {
    let place = Place::new();
    let mut importer = Importer::new(&place.storage, Locale::parse("fr").unwrap()).rehearsing();
    importer.file("a.md", Ok(b"# A\n".to_vec())).unwrap();
    let report = importer.finish();
    assert_eq!(outcomes(&report), [("a.md", "ready")]);
    assert_eq!(lines(&report, "a.md"), "fr/a, draft");
}
