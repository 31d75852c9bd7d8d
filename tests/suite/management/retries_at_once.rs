//! The same request sent several times at once: it is carried out once, on whichever node.

use std::sync::{Barrier, Mutex, mpsc};
use std::thread;

use masthead_domain::id::ArticleId;
use masthead_tests::{App, Caller, Response, article, create_article};
use serde_json::Value;

use super::support::{ARTICLES, article_path, seeing, text, total};

fn keyed(caller: &Caller, key: &str) -> Caller {
    caller.clone().with("Idempotency-Key", key)
}

/// Sends one request twenty times at once, in turn by each of these callers.
fn twenty(callers: &[Caller], key: &str, body: &Value) -> Vec<Response> {
    let barrier = Barrier::new(20);
    thread::scope(|scope| {
        let sent: Vec<_> = (0..20)
            .map(|number| {
                let caller = keyed(&callers[number % callers.len()], key);
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    caller.post(ARTICLES, body)
                })
            })
            .collect();
        sent.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

/// One was first; the others got its answer or were told to wait.
#[track_caller]
fn assert_one(answers: &[Response]) -> String {
    let good: Vec<_> = answers.iter().filter(|answer| answer.status() == 201).collect();
    let first: Vec<_> = good
        .iter()
        .filter(|answer| answer.header("idempotent-replayed").is_none())
        .collect();
    assert_eq!(first.len(), 1);
    for answer in answers {
        match answer.status() {
            201 => assert_eq!(answer.bytes(), first[0].bytes()),
            _ => assert_eq!(answer.body()["code"], "request_in_progress", "{}", answer.text()),
        }
    }
    text(&first[0].data()["id"])
}

#[test]
fn of_twenty_at_once_one_is_carried_out() {
    let app = App::start();
    let editor = app.editor();
    for round in 0..5 {
        let body = article(&format!("Round {round}"));
        let id = assert_one(&twenty(
            std::slice::from_ref(&editor),
            &format!("k{round}"),
            &body,
        ));
        assert_eq!(total(&editor, ARTICLES), round + 1);
        let again = keyed(&editor, &format!("k{round}"))
            .post(ARTICLES, &body)
            .expect(201);
        assert_eq!(text(&again.data()["id"]), id);
    }
}

#[test]
fn of_twenty_at_once_on_two_nodes_one_is_carried_out() {
    let app = App::start();
    let other = app.second_node().start();
    let editor = app.editor();
    let there = Caller::new(other.address(), editor.token().map(str::to_owned));
    for round in 0..5 {
        let body = article(&format!("Round {round}"));
        let callers = [editor.clone(), there.clone()];
        let id = assert_one(&twenty(&callers, &format!("k{round}"), &body));
        assert_eq!(total(&editor, ARTICLES), round + 1);
        for caller in &callers {
            let again = keyed(caller, &format!("k{round}"))
                .post(ARTICLES, &body)
                .expect(201);
            assert_eq!(text(&again.data()["id"]), id);
            assert_eq!(again.header("idempotent-replayed"), Some("true"));
        }
    }
}

#[test]
fn while_the_first_still_runs_the_second_is_told_so() {
    let app = App::start();
    let other = app.second_node().start();
    let editor = app.editor();
    let there = Caller::new(other.address(), editor.token().map(str::to_owned));
    let is_postgres = masthead_tests::Engine::of_environment() == masthead_tests::Engine::Postgres;
    let made = create_article(&editor, &article("Locked"));
    let id = ArticleId::parse(&text(&made["id"])).unwrap();
    let path = format!("{}/publish", article_path(&made));
    let (locked, wait) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let publish = |caller: &Caller| keyed(&seeing(caller, &made), "k").act(&path);
    thread::scope(|scope| {
        // Somebody else holds the article, so that publishing it waits.
        let holder = scope.spawn(|| {
            app.storage().write_blocking(|repository| {
                repository.article_for_update(id)?;
                let _ = locked.send(());
                let _ = released.lock().unwrap().recv();
                Ok(())
            })
        });
        wait.recv().unwrap();
        let (answered, answers) = mpsc::channel();
        for _ in 0..2 {
            let (answered, publish, editor) = (answered.clone(), &publish, &editor);
            scope.spawn(move || answered.send(publish(editor)).is_ok());
        }
        // Whichever of the two came second does not wait.
        let second = answers.recv().unwrap();
        second.expect_problem(409, "request_in_progress");
        if is_postgres {
            publish(&there).expect_problem(409, "request_in_progress");
        }
        let another = keyed(&seeing(&editor, &made), "k").act(&path.replace("publish", "unpublish"));
        another.expect_problem(422, "idempotency_key_reused");
        // Dropped as well where something above fails, so that nobody waits for ever.
        drop(release);
        holder.join().unwrap().unwrap();
        let first = answers.recv().unwrap();
        assert_eq!(first.header("idempotent-replayed"), None);
        for answer in [first, publish(&editor), publish(&there)] {
            assert_eq!(answer.expect(200).data()["status"], "published");
        }
        assert_eq!(publish(&there).header("idempotent-replayed"), Some("true"));
    });
}
