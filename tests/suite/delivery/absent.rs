//! What is not there for readers: unknown addresses, and every way to write.

use masthead_tests::App;

#[test]
fn what_is_not_there_is_a_problem_that_says_so() {
    let app = App::start();
    let reader = app.anonymous();
    let nobody = "01930000-0000-7000-8000-00000000ffff";
    for path in [
        format!("/delivery/v1/articles/{nobody}"),
        format!("/delivery/v1/articles/{nobody}/sections"),
        format!("/delivery/v1/articles/{nobody}/faqs"),
        format!("/delivery/v1/faqs/{nobody}"),
        "/delivery/v1/articles/no-id".to_owned(),
        "/delivery/v1/articles/1".to_owned(),
        "/delivery/v1/faqs/..%2fkeys".to_owned(),
        "/delivery/v1/articles/by-slug/nothing".to_owned(),
        "/delivery/v1/articles/by-slug/No_Slug".to_owned(),
        "/delivery/v1/articles/by-slug/%ff".to_owned(),
        "/delivery/v1/tags/nothing".to_owned(),
        "/delivery/v1/authors/%00".to_owned(),
        "/delivery/v1/nothing".to_owned(),
        "/delivery/v1/articles/".to_owned(),
        "/delivery/v2/articles".to_owned(),
    ] {
        let answer = reader.get(&path).expect_problem(404, "not_found");
        assert_eq!(answer.body()["type"], "/docs/problems/not_found", "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("etag"), None, "{path}");
    }
}

#[test]
fn readers_cannot_write_and_are_told_which_methods_there_are() {
    let app = App::start();
    let (reader, editor) = (app.anonymous(), app.editor());
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        for caller in [&reader, &editor] {
            let answer = caller.send(method, "/delivery/v1/articles", Some(("application/json", b"{}")));
            let answer = answer.expect_problem(405, "method_not_allowed");
            assert_eq!(answer.header("allow"), Some("GET, HEAD"), "{method}");
        }
    }
}
