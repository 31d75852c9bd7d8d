//! The page that links of mails lead to, in a real browser that is told what to do.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use masthead_domain::mail::MailKind;
use masthead_domain::rights::Role;
use masthead_tests::{App, Smtp, chromium};
use serde_json::{Value, json};
use tempfile::TempDir;

const ADA: &str = "ada@example.org";
const NEW: &str = "nanoseconds of wire, 30 cm";

/// A browser that is spoken to in the words of its developer tools, over two pipes.
struct Browser {
    child: Child,
    input: File,
    output: BufReader<File>,
    number: u64,
    page: String,
    /// What happened that nobody asked for.
    events: Vec<Value>,
    _folder: TempDir,
}

impl Browser {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let made = Command::new("mkfifo")
            .args([place("in"), place("out")])
            .status()
            .unwrap();
        assert!(made.success());
        let child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<\"$IN\" 4>\"$OUT\""])
            .arg(chromium().get_program())
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                "--remote-debugging-pipe",
            ])
            .arg(format!("--user-data-dir={}", place("profile").display()))
            .env("IN", place("in"))
            .env("OUT", place("out"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the browser starts");
        let input = OpenOptions::new().write(true).open(place("in")).unwrap();
        let output = BufReader::new(File::open(place("out")).unwrap());
        let mut browser = Self {
            child,
            input,
            output,
            number: 0,
            page: String::new(),
            events: Vec::new(),
            _folder: folder,
        };
        let target = browser.tell("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.tell("Target.attachToTarget", attach);
        browser.page = attached["sessionId"].as_str().expect("a session").into();
        for part in ["Page.enable", "Log.enable", "Network.enable"] {
            browser.tell(part, json!({}));
        }
        browser
    }

    fn tell(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": parameters });
        if !self.page.is_empty() {
            message["sessionId"] = json!(self.page);
        }
        self.input.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut answer = Vec::new();
            let count = self.output.read_until(0, &mut answer).unwrap();
            assert!(count > 1, "the browser is gone");
            answer.pop();
            let answer: Value = serde_json::from_slice(&answer).expect("JSON");
            if answer["id"] == self.number {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    fn open(&mut self, url: &str) {
        // From elsewhere, so that another fragment is another page.
        self.tell("Page.navigate", json!({ "url": "about:blank" }));
        self.tell("Page.navigate", json!({ "url": url }));
    }

    fn run(&mut self, script: &str) -> Value {
        let asked = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        self.tell("Runtime.evaluate", asked)["result"]["value"].clone()
    }

    /// Waits until the page says this.
    #[track_caller]
    fn says(&mut self, expected: &str) {
        let mut said = Value::Null;
        for _ in 0..200 {
            said = self.run("document.querySelector('main')?.innerText");
            if said.as_str().is_some_and(|said| said.contains(expected)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("instead of {expected:?} the page says {said}");
    }

    /// What broke, and whom the page asked besides the service.
    #[track_caller]
    fn did_nothing_else(&self, app: &App) {
        let home = app.url("/");
        for event in &self.events {
            let text = event.to_string();
            assert!(!text.contains("Content Security Policy"), "{text}");
            if event["method"] == "Network.requestWillBeSent" {
                let url = event["params"]["request"]["url"].as_str().unwrap_or_default();
                assert!(
                    url.starts_with(&home) || url == "about:blank",
                    "the page asks {url}"
                );
                assert!(!url.contains("mhl_"), "a server is told the token: {url}");
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_link_of_a_mail_leads_to_where_a_password_is_chosen() {
    let smtp = Smtp::start();
    let app = App::builder().with_mail(&smtp).start();
    app.ensure_user(Role::Editor, ADA);
    let mail = smtp.next(|| {
        let body = json!({ "email": ADA });
        app.anonymous()
            .post("/management/v1/auth/password-reset", &body)
            .expect(202);
    });
    // As it stands in the mail.
    let link = mail
        .body
        .split_whitespace()
        .find(|word| word.starts_with("http"))
        .unwrap();
    let mut browser = Browser::start();
    browser.open(link);
    browser.says("Choose a new password");
    // Neither the address nor the history keeps the token.
    assert_eq!(browser.run("location.href"), app.url("/account/"));
    assert_eq!(browser.run("document.querySelector('form').hidden"), false);
    let fill = |first: &str, again: &str| {
        format!(
            "password.value = {first:?}; again.value = {again:?}; \
             document.querySelector('form button').click()"
        )
    };
    browser.run(&fill(NEW, "something else, 300 m"));
    browser.says("The two are not the same.");
    browser.run(&fill("aaaaaaaaaaaa", "aaaaaaaaaaaa"));
    browser.says("one of the first that are guessed");
    browser.run(&fill(NEW, NEW));
    browser.says("Done. Log in with your new password.");
    let login = json!({ "email": ADA, "password": NEW });
    app.anonymous()
        .post("/management/v1/auth/login", &login)
        .expect(200);
    // The link is good once, and the page says so.
    browser.open(link);
    browser.says("Choose a new password");
    browser.run(&fill(NEW, NEW));
    browser.says("This link was used");
    browser.did_nothing_else(&app);
}

#[test]
fn an_address_is_verified_by_hand_and_not_by_whoever_looks_at_links() {
    let app = App::start();
    let ada = app.user(Role::Editor, ADA);
    let token = app.ticket(MailKind::EmailVerification, ADA);
    let mut browser = Browser::start();
    browser.open(&app.url(&format!("/account/#email-verification={token}")));
    browser.says("Yes, it is mine");
    let me = ada.get("/management/v1/auth/me").expect(200).data();
    let user = format!("/management/v1/users/{}", me["id"].as_str().unwrap());
    let admin = app.admin();
    let verified = || admin.get(&user).expect(200).data()["email_verified_at"].clone();
    assert_eq!(verified(), Value::Null, "opening a link changes nothing");
    browser.run("document.getElementById('confirm').click()");
    browser.says("Your address is verified.");
    assert_ne!(verified(), Value::Null);
    for nothing in [
        "",
        "#",
        "#password-reset",
        "#constructor=x",
        "#email-verification=",
    ] {
        browser.open(&app.url(&format!("/account/{nothing}")));
        browser.says("Open the link of the mail");
    }
    // What stands in an address is never more than a word.
    browser.open(&app.url("/account/#invitation=%3Cimg%20src=x%20onerror=alert(1)%3E"));
    browser.says("Choose your password");
    assert_eq!(browser.run("document.querySelectorAll('img').length"), 0);
    browser.did_nothing_else(&app);
}

#[test]
fn the_page_runs_nothing_that_is_not_its_own() {
    let app = App::start();
    for path in ["/account/", "/account/account.js", "/account/account.css"] {
        let answer = app.anonymous().get(path).expect(200);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        assert!(
            !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    }
    let moved = app.anonymous().get("/account").expect(302);
    assert_eq!(moved.header("location"), Some("/account/"));
}
