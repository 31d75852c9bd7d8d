"use strict";

const tasks = {
  "password-reset": { title: "Choose a new password", path: "password-reset/confirm" },
  "invitation": { title: "Choose your password", path: "invitation/accept" },
  "email-verification": { title: "Is this your address?", path: "email-verification/confirm" },
};

const part = (id) => document.getElementById(id);
const [name, token] = location.hash.slice(1).split("=");
const task = Object.hasOwn(tasks, name) && token ? tasks[name] : undefined;
// Neither the history nor whoever looks over a shoulder is left with the token.
history.replaceState(null, "", location.pathname);

function say(text, isWrong) {
  part("text").textContent = text;
  part("text").className = isWrong ? "wrong" : "";
}

async function send(body, done) {
  const buttons = document.querySelectorAll("button");
  buttons.forEach((button) => { button.disabled = true; });
  try {
    await ask(body, done);
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
  }
}

async function ask(body, done) {
  say("One moment …");
  let response;
  try {
    response = await fetch(`../management/v1/auth/${task.path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    return say("The service cannot be reached. Try again soon.", true);
  }
  if (response.ok) {
    part("form").hidden = true;
    part("confirm").hidden = true;
    return say(done);
  }
  const problem = await response.json().catch(() => ({}));
  const details = (problem.errors ?? []).map((error) => error.message);
  say(details.join(" ") || problem.detail || "It did not work. Try again soon.", true);
}

if (!task) {
  say("Open the link of the mail that was sent to you, whole.", true);
} else {
  document.title = task.title;
  part("title").textContent = task.title;
  if (name === "email-verification") {
    say("Somebody's account has this address.");
    part("confirm").hidden = false;
    part("confirm").addEventListener("click", () => send({ token }, "Thank you. Your address is verified."));
  } else {
    say("At least 12 characters. A few words that nobody would guess are better than one with digits.");
    part("form").hidden = false;
    part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const password = part("password").value;
      if (password !== part("again").value) {
        return say("The two are not the same.", true);
      }
      send({ token, password }, "Done. Log in with your new password.");
    });
  }
}
