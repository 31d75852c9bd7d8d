//! Editorial notes at their limits, and written by several at once.

use masthead_domain::id::NoteId;
use masthead_domain::note::Note;
use masthead_tests::App;
use serde_json::{Value, json};

use super::notes::{begin, note_path};
use super::support::{NOTES, article_path, expect_errors, fresh, plain_article, seeing, text, total};

#[test]
fn a_thread_and_an_article_hold_so_many_notes_and_not_one_more() {
    let app = App::start();
    let editor = app.editor();
    let made = plain_article(&editor, "Full");
    let about = article_path(&made);
    let thread = begin(&editor, &about, &json!({ "body": "First." }));
    // Up to the last one past the service: that would take a thousand requests.
    let id = NoteId::parse(&text(&thread["id"])).expect("an id");
    app.storage()
        .write_blocking(move |repository| {
            let first = repository.note(id)?.expect("the thread");
            for number in 1..999_u128 {
                let id = NoteId::from_uuid(uuid::Uuid::from_u128(id.uuid().as_u128() + (number << 64)));
                let other = Note {
                    id,
                    thread: id,
                    ..first.clone()
                };
                repository.insert_note(&other)?;
            }
            repository.update_note(&Note {
                replies: 199,
                ..first
            })
        })
        .expect("notes are added");
    let body = json!({ "body": "One more." });
    let full = |path: &str| {
        editor.post(path, &body).expect(201);
        let refused = editor.post(path, &body).expect_problem(422, "validation_failed");
        expect_errors(&refused, &[("", "too_many")]);
    };
    full(&format!("{about}/notes"));
    full(&format!("{}/replies", note_path(&thread)));
    assert_eq!(total(&editor, NOTES), 1_000);
    // One that is deleted makes room.
    let listed = editor.get(&format!("{NOTES}?limit=1")).expect(200).data();
    seeing(&editor, &listed[0])
        .delete(&note_path(&listed[0]))
        .expect(204);
    editor.post(&format!("{about}/notes"), &body).expect(201);
}

#[test]
fn replies_that_come_at_once_are_all_there_and_counted() {
    let app = App::start();
    let editor = app.editor();
    let about = article_path(&plain_article(&editor, "Busy"));
    let thread = begin(&editor, &about, &json!({ "body": "Go." }));
    let path = format!("{}/replies", note_path(&thread));
    std::thread::scope(|scope| {
        for n in 0..6 {
            let (caller, path) = (editor.clone(), path.clone());
            scope.spawn(move || caller.post(&path, &json!({ "body": format!("{n}") })).expect(201));
        }
    });
    let after = fresh(&editor, &note_path(&thread));
    assert_eq!(after["replies_count"], 6);
    assert_eq!(after["replies"].as_array().map(Vec::len), Some(6));
    assert_eq!(after["revision"], 7);
}

#[test]
fn of_two_who_settle_a_thread_at_once_one_has_seen_it() {
    let app = App::start();
    let editor = app.editor();
    let about = article_path(&plain_article(&editor, "Settled"));
    let thread = begin(&editor, &about, &json!({ "body": "Done?" }));
    let act = |what: &str, seen: &Value| seeing(&editor, seen).act(&format!("{}/{what}", note_path(&thread)));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let both: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| act("resolve", &thread).status()))
            .collect();
        both.into_iter()
            .map(|one| one.join().expect("an answer"))
            .collect()
    });
    let mut sorted = statuses.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [200, 412], "{statuses:?}");
    assert_eq!(fresh(&editor, &note_path(&thread))["revision"], 2);
}
