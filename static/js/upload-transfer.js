// One file on its way in parts. S3 knows which are there; only what is missing is sent.

const AT_ONCE = 3;
const STALLED = 90_000; // ms without a byte: the connection is dead and nobody said so
const LONGEST_WAIT = 30_000;
const DIGESTED = 64 * 2 ** 20; // larger parts are not read into memory to be hashed
const SIGNED_OUT = {
  message: "You are no longer signed in.",
  hint: "Sign in again and choose the same file: what was sent is kept.",
};

// What the console refused for good; `lost` is what may work in a moment.
export class Refused extends Error {
  constructor(status, body) {
    // 403 without our code: the form's token ended with the session that it belongs to.
    const signedOut = status === 401 || (status === 403 && body?.error?.code !== "not_allowed");
    const { message, hint } = signedOut ? SIGNED_OUT : (body?.error ?? {});
    super(message ?? "The console did not take the file.");
    this.hint = hint ?? "Try again.";
    this.status = status;
    this.lost = status === 0 || status === 408 || status === 429 || status >= 500 || body?.error?.code === "damaged";
  }
}

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

export class Transfer {
  // `tell(state)` is called with each new state: reading, sending, waiting, paused, storing.
  constructor(file, { api, token, files, tell }) {
    Object.assign(this, { file, api, token, files, tell });
    this.flying = new Map(); // part -> { request, loaded }
    this.arrived = 0;
    this.failures = 0;
    this.upload = null;
    this.stopped = null; // why it ended early
    this.resume = null; // set while paused
    this.ear = new AbortController();
    addEventListener("online", () => this.wake?.(), { signal: this.ear.signal });
    addEventListener("offline", () => this.ground(), { signal: this.ear.signal });
  }

  become(state) {
    this.state = state;
    this.tell(state);
  }

  get sent() {
    let bytes = this.arrived;
    for (const { loaded } of this.flying.values()) bytes += loaded;
    return Math.min(bytes, this.file.size);
  }

  // The dataset that it became. Throws a Refused, or null when it was cancelled.
  async run(wish) {
    try {
      this.become("reading");
      const announced = {
        ...wish,
        filename: this.file.name,
        bytes: this.file.size,
        fingerprint: await this.files.fingerprint(this.file),
        head: await this.files.head(this.file),
      };
      await this.begin(announced);
      return await this.deliver();
    } catch (error) {
      throw this.cancelled ? null : error instanceof DOMException ? unreadable() : error;
    } finally {
      this.ear.abort();
    }
  }

  async begin(announced) {
    this.upload = await this.patiently(() => this.call("POST", "", announced));
    this.straight = this.upload.direct;
    if (this.cancelled) await this.drop();
    this.take(this.upload);
  }

  take(upload) {
    const there = new Set(upload.parts);
    this.todo = Array.from({ length: upload.part_count }, (_, index) => index + 1).filter((n) => !there.has(n));
    this.arrived = upload.sent;
  }

  async deliver() {
    for (let round = 0; ; round += 1) {
      this.become("sending");
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.work()));
      this.become("storing");
      try {
        return await this.patiently(() => this.call("POST", `/${this.upload.id}/complete`));
      } catch (error) {
        if (error.status !== 409 || round > 2) throw error;
        this.take(await this.patiently(() => this.call("GET", `/${this.upload.id}`)));
        if (!this.todo.length) throw error;
      }
    }
  }

  async work() {
    while (this.todo.length) {
      await this.ready();
      const number = this.todo.shift();
      if (number === undefined) return;
      try {
        await this.part(number);
        this.failures = 0;
      } catch (error) {
        this.todo.unshift(number);
        if (this.stopped) throw this.stopped;
        if (error.status === 409) await this.elsewhere(error);
        else if (error.lost) await this.wait(error);
        else this.stop(error);
      }
    }
  }

  // Another tab may have completed the same upload: then there is nothing left to send.
  async elsewhere(error) {
    const found = await this.patiently(() => this.call("GET", `/${this.upload.id}`));
    if (found.status === "Uploading") this.stop(error);
    this.todo = [];
  }

  async part(number) {
    const { part_bytes: bytes, id } = this.upload;
    const blob = this.file.slice((number - 1) * bytes, number * bytes);
    await blob.slice(0, 1).arrayBuffer(); // throws when the file was moved or changed
    if (!(this.straight && (await this.direct(number, blob)))) {
      const place = `${this.api}/${id}/parts/${number}`;
      const headers = { "X-CSRFToken": this.token, "Content-Type": "application/octet-stream" };
      const digest = blob.size <= DIGESTED && (await this.files.digest(blob));
      if (digest) headers["Content-Digest"] = digest;
      await this.put(number, place, blob, headers);
    }
    this.arrived += blob.size;
  }

  // Straight to S3; false when this browser cannot get there and the console has to carry it.
  async direct(number, blob) {
    const { url } = await this.call("POST", `/${this.upload.id}/parts/${number}/link`);
    try {
      await this.put(number, url, blob, {});
      this.reached = true;
      return true;
    } catch (error) {
      const busy = error.lost && error.status !== 0;
      if (this.reached || busy || this.stopped) {
        throw error.status === 403 ? new Refused(0) : error; // a link grows old: the next is new
      }
      this.straight = false;
      return false;
    }
  }

  put(number, url, blob, headers) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const flight = { request, loaded: 0 };
      const end = (error) => {
        clearTimeout(flight.timer);
        this.flying.delete(number);
        if (error) reject(error);
        else resolve();
      };
      const watch = () => {
        clearTimeout(flight.timer);
        flight.timer = setTimeout(() => request.abort(), STALLED);
      };
      request.open("PUT", url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded }) => {
        flight.loaded = loaded;
        watch();
      };
      request.onload = () => end(request.status < 300 ? null : new Refused(request.status, parsed(request.responseText)));
      request.onerror = () => end(new Refused(0));
      request.onabort = () => end(new Refused(0));
      this.flying.set(number, flight);
      watch();
      request.send(blob);
    });
  }

  async call(method, path, body) {
    let answer;
    try {
      answer = await fetch(this.api + path, {
        method,
        headers: { "X-CSRFToken": this.token, "Content-Type": "application/json" },
        body: body && JSON.stringify(body),
      });
    } catch {
      throw new Refused(0);
    }
    const found = parsed(await answer.text());
    if (!answer.ok) throw new Refused(answer.status, found);
    return found;
  }

  async patiently(attempt) {
    for (;;) {
      try {
        const answer = await attempt();
        this.failures = 0;
        return answer;
      } catch (error) {
        if (!error.lost || this.stopped) throw error;
        await this.wait(error);
      }
    }
  }

  // All wait together: longer after each failure, no longer when the browser is online again.
  async wait(error) {
    this.waiting ??= this.rest(error);
    await this.waiting;
    await this.ready();
  }

  async rest(error) {
    const before = this.state;
    this.failures += 1;
    const delay = Math.min(LONGEST_WAIT, 500 * 2 ** this.failures) * (0.75 + Math.random() / 2);
    this.until = Date.now() + delay;
    this.trouble = error;
    if (!this.resume) this.become("waiting");
    await new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, delay);
    });
    this.waiting = null;
    if (this.state === "waiting") this.become(before);
  }

  async ready() {
    await this.resume?.promise;
    if (this.stopped) throw this.stopped;
  }

  // No further part begins; those on their way arrive, so that nothing is sent twice.
  pause() {
    if (this.resume) return;
    let go;
    this.resume = { promise: new Promise((resolve) => (go = resolve)), go };
    this.become("paused");
  }

  ground() {
    for (const { request } of this.flying.values()) request.abort();
  }

  goOn() {
    const { resume } = this;
    this.resume = null;
    this.failures = 0;
    this.become("sending");
    resume?.go();
    this.wake?.();
  }

  stop(error) {
    this.stopped = error;
    this.ground();
    this.resume?.go();
    this.wake?.();
    throw error;
  }

  // Stop and have what was sent removed; the sweep does it when the console cannot be reached.
  async cancel() {
    this.cancelled = true;
    try {
      this.stop(new Refused(0));
    } catch {
      if (this.upload) await this.drop().catch(() => {});
    }
  }

  async drop() {
    await this.call("DELETE", `/${this.upload.id}`);
  }
}

function unreadable() {
  return new Refused(1, {
    error: { message: "The file can no longer be read.", hint: "Was it moved or changed? Choose it again." },
  });
}
