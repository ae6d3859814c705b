// The main journeys of four visitors, by keyboard alone, as JSON. The task comes on standard input:
//   {chromium, modules, url}
// A journey presses keys and reads where it came; nothing is clicked, and nothing is judged here: test_journeys.py does.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";

const task = JSON.parse(readFileSync(0, "utf-8"));
const { chromium } = createRequire(task.modules + "/")("playwright-core");
const MOST = 150; // presses of Tab after which a visitor has given up

const browser = await chromium.launch({
  executablePath: task.chromium,
  headless: true,
  args: ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage", "--no-first-run", `--crash-dumps-dir=${tmpdir()}`],
});

class Visitor {
  constructor(page) {
    this.page = page;
    this.log = { headings: [], pressed: 0, complaints: [], requests: [] };
    page.on("request", (request) => this.log.requests.push(request.url()));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.log.complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.log.complaints.push(`thrown: ${error}`));
  }

  // What has the focus, also inside the editor.
  focus() {
    return this.page.evaluate(() => {
      let element = document.activeElement;
      while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      const main = document.querySelector("main");
      return {
        words: (element.innerText || element.getAttribute("aria-label") || "").trim(),
        href: element.getAttribute("href") ?? "",
        id: element.id,
        editor: element.classList.contains("cm-content"),
        main: main.contains(document.activeElement),
      };
    });
  }

  // On by Tab until something with the focus answers; fails where nothing does.
  async to(sought, what) {
    for (let count = 0; count < MOST; count += 1) {
      await this.page.keyboard.press("Tab");
      this.log.pressed += 1;
      const found = await this.focus();
      if (sought(found)) return found;
    }
    throw new Error(`${what} was not reached by ${MOST} presses of Tab at ${this.page.url()}`);
  }

  // Opens what has the focus and waits for the page behind it.
  async enter(key = "Enter") {
    const before = this.page.url();
    await Promise.all([this.page.waitForURL((url) => url.href !== before, { waitUntil: "load" }), this.page.keyboard.press(key)]);
    await this.arrived();
  }

  async arrived() {
    this.log.headings.push(await this.page.locator("h1").innerText());
  }

  async follow(pattern, where = "main") {
    const found = await this.to((now) => pattern.test(now.href) && now.main === (where === "main"), String(pattern));
    await this.enter();
    return found;
  }
}

const journeys = {
  // Has heard of a plan: finds it by the first letters of its name, reads it, and opens a strategy and what it rests on.
  async planner(visitor) {
    await visitor.to((now) => now.id === "q", "the search box");
    await visitor.page.keyboard.type("strategisk plan for kommunal");
    await visitor.page.locator("[role=option]", { hasText: "KOA" }).first().waitFor();
    visitor.log.offered = await visitor.page.locator("[role=option]").count();
    await visitor.page.keyboard.press("ArrowDown");
    visitor.log.chosen = await visitor.page.locator("[role=option][aria-selected=true]").innerText();
    visitor.log.spoken = await visitor.page.evaluate(() => document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.innerText ?? "");
    await visitor.enter();
    await visitor.follow(/\/strategy\//);
    visitor.log.quoted = await visitor.page.locator("blockquote").count();
  },

  // Wants to know what is planned for the children at school: target groups, one of them, and what is aimed at it.
  async teacher(visitor) {
    await visitor.follow(/^\/all\/target-groups/, "menu");
    await visitor.follow(/^\/doc\/(concept|code|plan)\//);
    visitor.log.leads = await visitor.page.locator("main a[href^='/doc/']").count();
  },

  // Looks for plans that have expired, and whose they are.
  async journalist(visitor) {
    await visitor.follow(/^\/all\/plans/, "menu");
    await visitor.follow(/status=expired/);
    visitor.log.states = await visitor.page.locator("main .timeline .status, main ul.plans .status").evaluateAll((all) => [...new Set(all.map((one) => one.className))]);
    await visitor.follow(/^\/doc\/plan\//);
  },

  // Opens a question, changes it in the editor with completion, errs, mends it, and takes the answer away.
  async analyst(visitor) {
    const { page } = visitor;
    await visitor.follow(/^\/queries$/, "menu");
    await visitor.follow(/^\/queries\/[^.?]+$/);
    await visitor.to((now) => now.editor, "the editor");
    const write = async (text) => {
      await page.keyboard.press("Control+A");
      await page.keyboard.insertText(text);
    };
    await write("SELECT ?kind (COUNT(*) AS ?n) WHERE { ?thing a ?kind } GROUP BY ?kind ORDER BY DESC(?n) LIMIT 5 ?");
    await visitor.enter("Control+Enter");
    visitor.log.fault = { alert: await page.getByRole("alert").innerText(), marked: await page.locator(".cm-faulty").count() };
    await visitor.to((now) => now.editor, "the editor");
    await write("SELECT ?thing WHERE { ?thing a ");
    await page.keyboard.type("tilta");
    await page.locator(".cm-tooltip-autocomplete li[aria-selected=true]").waitFor();
    await page.waitForTimeout(150); // CodeMirror takes no key for a choice that has just appeared
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+End");
    visitor.log.completed = await page.locator("#query").inputValue();
    await write("SELECT ?kind (COUNT(*) AS ?n) WHERE { ?thing a ?kind } GROUP BY ?kind ORDER BY DESC(?n) LIMIT 5");
    await visitor.enter("Control+Enter");
    visitor.log.rows = await page.locator("main tbody tr").count();
    visitor.log.bars = await page.locator("main .chart li").count();
    await visitor.to((now) => /format=xlsx/.test(now.href), "the workbook");
    const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    visitor.log.file = download.suggestedFilename();
  },
};

const found = {};
for (const [name, journey] of Object.entries(journeys)) {
  const context = await browser.newContext({ locale: "nb-NO", viewport: { width: 1280, height: 900 }, acceptDownloads: true });
  const visitor = new Visitor(await context.newPage());
  try {
    await visitor.page.goto(task.url + "/");
    await visitor.arrived();
    await journey(visitor);
  } catch (error) {
    visitor.log.failed = String(error);
  }
  found[name] = visitor.log;
  await context.close();
}
await browser.close();
process.stdout.write(JSON.stringify(found));
