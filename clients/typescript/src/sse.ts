// Server-sent events, taken out of a stream of bytes as the HTML standard says.

/** What a stream of events says. */
export interface Message {
  /** `message` where the event has no name; `undefined` for what is no event but a sign of life. */
  readonly event: string | undefined;
  readonly data: string;
  readonly id: string | undefined;
  /** Milliseconds after which to come back, where the service has said so. */
  readonly retry: number | undefined;
  /** Whether a comment came. */
  readonly comment: boolean;
}

/** Takes text as it comes, and gives out the events that it completes. */
export class EventParser {
  #rest = "";
  #event = "";
  #data: string[] = [];
  #id: string | undefined;
  #retry: number | undefined;
  #comment = false;

  /** What is complete with this piece of text. */
  push(text: string): Message[] {
    const found: Message[] = [];
    this.#rest += text;
    for (;;) {
      const end = /\r\n|\n|\r/.exec(this.#rest);
      // A carriage return at the very end may be one half of a line's end.
      if (end === null || (end[0] === "\r" && end.index === this.#rest.length - 1)) return found;
      const line = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      if (line !== "") this.#line(line);
      else found.push(this.#dispatch());
    }
  }

  #line(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) {
      this.#comment = true;
      return;
    }
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#event = value;
    else if (name === "data") this.#data.push(value);
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.#retry = Number(value);
  }

  #dispatch(): Message {
    const message = {
      event: this.#data.length === 0 ? undefined : this.#event || "message",
      data: this.#data.join("\n"),
      id: this.#id,
      retry: this.#retry,
      comment: this.#comment,
    };
    this.#event = "";
    this.#data = [];
    this.#id = undefined;
    this.#retry = undefined;
    this.#comment = false;
    return message;
  }
}
