//! From a working copy to a reader, the whole way.

use masthead_tests::{App, article, create_article, publish};

#[test]
fn an_article_reaches_readers_by_being_published_and_in_no_other_way() {
    let app = App::start();
    let (editor, reader) = (app.editor(), app.anonymous());
    let draft = create_article(&editor, &article("Why tides turn"));
    reader
        .get("/delivery/v1/articles/by-slug/why-tides-turn")
        .expect_problem(404, "not_found");
    assert_eq!(draft["status"], "draft");

    let answer = publish(&editor, &draft);
    assert_eq!(answer.data()["status"], "published");
    assert_eq!(
        answer.body()["meta"]["published_faqs"].as_array().unwrap().len(),
        1
    );

    let page = reader
        .get("/delivery/v1/articles/by-slug/why-tides-turn")
        .expect(200)
        .data();
    assert_eq!(page["title"], "Why tides turn");
    assert_eq!(
        page["sections"][0]["body"]["html"],
        "<p>The sea is <strong>never</strong> still.</p>"
    );
    assert_eq!(page["faqs"][0]["question"], "What of Why tides turn?");
    assert_eq!(page["toc"][1]["anchor"], "conclusion");
}
