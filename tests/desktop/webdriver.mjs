// The WebDriver protocol in a few lines: enough to click, type and look at the real window.
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const KEYS = { enter: "\uE007", tab: "\uE004", escape: "\uE00C", shift: "\uE008", control: "\uE009", f8: "\uE038", down: "\uE015", right: "\uE014", delete: "\uE017", space: " " };

/** Starts the driver and the app in it. */
export async function open({ app, args = [], port = 4455, env }) {
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], { env, stdio: ["ignore", "ignore", "inherit"] });
  const base = `http://127.0.0.1:${port}`;
  await until("the driver answers", async () => (await fetch(`${base}/status`)).ok);
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": { binary: app, args } } };
  const { sessionId } = await send(base, "POST", "/session", { capabilities });
  return new Window(base, sessionId, driver);
}

/** Asks again until it holds; a journey waits for what is on screen, never for a time. */
export async function until(what, holds, seconds = 120) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const value = await holds();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited in vain until ${what}${last ? `: ${last.message}` : ""}`);
    await new Promise((done) => setTimeout(done, 60));
  }
}

async function send(base, method, path, body) {
  const answer = await fetch(base + path, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

class Window {
  constructor(base, session, driver) {
    this.base = base;
    this.path = `/session/${session}`;
    this.driver = driver;
  }

  call(method, path, body) {
    return send(this.base, method, this.path + path, body);
  }

  /** Runs a function body in the page. */
  run(script, ...args) {
    return this.call("POST", "/execute/sync", { script, args });
  }

  /** The visible text of the page. */
  text() {
    return this.run("return document.body.innerText");
  }

  /** Waits for a text on screen. */
  async sees(text, seconds) {
    await until(`the screen says «${text}»`, async () => (await this.text()).includes(text), seconds);
  }

  /** The first visible element for an XPath. */
  async find(xpath, seconds) {
    const look = async () => {
      for (const found of await this.call("POST", "/elements", { using: "xpath", value: xpath })) {
        const id = found[ELEMENT];
        if (await this.call("GET", `/element/${id}/displayed`)) return id;
      }
      return null;
    };
    return until(`there is ${xpath}`, look, seconds);
  }

  async click(xpath, seconds) {
    const press = async () => {
      const id = await this.find(xpath, seconds);
      // The driver does not scroll inside a list as a hand does.
      await this.run("arguments[0].scrollIntoView({ block: 'nearest' })", { [ELEMENT]: id });
      await this.call("POST", `/element/${id}/click`, {});
      return true;
    };
    await until(`${xpath} can be clicked`, press, seconds);
  }

  /** Clicks the enabled button with this text or accessible name. */
  button(name, seconds) {
    return this.click(`//button[not(@disabled) and (contains(normalize-space(.), '${name}') or @aria-label='${name}')]`, seconds);
  }

  /** Types into an element. */
  async type(xpath, text) {
    const id = await this.find(xpath);
    await this.call("POST", `/element/${id}/value`, { text });
  }

  /** Presses keys where the focus is, as a keyboard does. */
  async keys(...names) {
    const actions = [];
    for (const name of names) {
      const parts = name.split("+").map((part) => KEYS[part] ?? part);
      for (const value of parts) actions.push({ type: "keyDown", value });
      for (const value of [...parts].reverse()) actions.push({ type: "keyUp", value });
    }
    await this.call("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** Does something in the window that the program opens beside this one, and comes back when that one has closed. */
  async beside(work) {
    const handles = () => this.call("GET", "/window/handles");
    const own = await this.call("GET", "/window");
    const other = await until("there is a second window", async () => (await handles()).find((each) => each !== own));
    await this.call("POST", "/window", { handle: other });
    try {
      await work();
    } finally {
      await this.call("POST", "/window", { handle: own });
    }
    await until("the second window has closed", async () => (await handles()).every((each) => each === own));
  }

  /** Presses a key, or clicks, upon which the window closes: there may be nobody left to say that it was done. */
  async lastKey(name) {
    await this.keys(name).catch(() => undefined);
  }

  async lastClick(xpath) {
    const id = await this.find(xpath);
    await this.call("POST", `/element/${id}/click`, {}).catch(() => undefined);
  }

  /** What a command of the core says to a script of this page: its answer, or why it is refused. */
  asked(command, args) {
    const script = `const done = arguments[2];
      window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]).then((answer) => done({ answer }), (error) => done({ refused: String(error) }));`;
    return this.call("POST", "/execute/async", { script, args: [command, args] });
  }

  /** Types a text where the focus is. */
  async write(text) {
    await this.keys(...text);
  }

  async picture(file) {
    // What the page says is on the screen only after the next frames.
    const script = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60)));";
    await this.call("POST", "/execute/async", { script, args: [] });
    await writeFile(file, Buffer.from(await this.call("GET", "/screenshot"), "base64"));
  }

  /** Closes the window and waits until its program and the driver are gone. */
  async close() {
    const gone = new Promise((done) => this.driver.on("exit", done));
    await this.call("DELETE", "").catch(() => undefined);
    this.driver.kill();
    await gone;
  }
}
