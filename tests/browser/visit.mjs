// Visits pages in Chromium and says what happened there, as JSON. The task comes on standard input:
//   {chromium, modules, url, axe?, pages: {name: path}, shots?: {name: file}}
// Nothing is judged here; tests/browser/test_browser.py does that.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";

const task = JSON.parse(readFileSync(0, "utf-8"));
const { chromium } = createRequire(task.modules + "/")("playwright-core");

const browser = await chromium.launch({
  executablePath: task.chromium,
  headless: true,
  args: [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
    `--crash-dumps-dir=${tmpdir()}`,
  ],
});

// A context per way of reading. Every request and every complaint of a page is kept with it.
async function open(options) {
  const context = await browser.newContext({ locale: "nb-NO", ...options });
  const page = await context.newPage();
  const log = { requests: [], complaints: [] };
  page.on("request", (request) => log.requests.push(request.url()));
  page.on("requestfailed", (request) => log.complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) log.complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => log.complaints.push(`thrown: ${error}`));
  return { context, page, log };
}

// Evaluated, not added as a script: the page's own policy forbids scripts, and stays in force.
const axe = task.shots ? "" : readFileSync(task.axe, "utf-8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

async function violations(page, runOnly) {
  const found = await page.evaluate((only) => window.axe.run(document, { runOnly: only, resultTypes: ["violations"] }), runOnly);
  return found.violations.map((one) => ({
    id: one.id,
    help: one.help,
    where: one.nodes.slice(0, 5).map((node) => `${node.html.slice(0, 160)} | ${node.any[0]?.message ?? ""}`),
    count: one.nodes.length,
  }));
}

async function look(path) {
  const { context, page, log } = await open({ colorScheme: "light", viewport: { width: 1280, height: 900 } });
  const answer = await page.goto(task.url + path, { waitUntil: "load" });
  const found = { status: answer.status(), requests: log.requests, complaints: log.complaints };
  found.keyboard = await keyboard(page, path);
  await page.evaluate(axe);
  found.light = await violations(page, rules);
  await page.emulateMedia({ colorScheme: "dark" });
  found.dark = await violations(page, { type: "rule", values: ["color-contrast"] }); // all that a scheme changes
  await page.setViewportSize({ width: 320, height: 640 });
  found.narrow = await narrow(page);
  await context.close();
  return found;
}

// At 320 px nothing but tables and code in boxes of their own may be wider than the page.
async function narrow(page) {
  return page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const inBox = (element) => element.closest(".scroll, pre, textarea, .skip");
    return {
      room,
      width: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
      wide: [...document.querySelectorAll("main *, header *, footer *")]
        .filter((element) => element.getBoundingClientRect().right > room + 1 && !inBox(element))
        .slice(0, 5)
        .map((element) => element.outerHTML.slice(0, 160)),
    };
  });
}

// From the top by Tab alone: the skip link first, then on; where the focus is must always be seen.
async function keyboard(page, path) {
  const focus = () =>
    page.evaluate(() => {
      let element = document.activeElement;
      while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      const framed = element.closest(".cm-editor") ?? element; // the editor shows the focus around all of it
      const style = getComputedStyle(framed);
      const box = framed.getBoundingClientRect();
      return {
        is: element.outerHTML.slice(0, 120),
        skip: element.classList.contains("skip"),
        main: element.id === "content",
        onScreen: box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight && box.width > 0,
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
        body: element === document.body,
      };
    });
  await page.keyboard.press("Tab");
  const first = await focus();
  const seen = [];
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press("Tab");
    seen.push(await focus());
  }
  await page.goto(task.url + path);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const afterSkip = await focus();
  await page.keyboard.press("Tab");
  const inMain = await page.evaluate(() => document.activeElement.closest("main, footer") !== null);
  return { first, seen, afterSkip, inMain };
}

async function withoutScript(path) {
  const { context, page } = await open({ javaScriptEnabled: false });
  await page.goto(task.url + path);
  const found = { h1: await page.locator("h1").innerText(), words: (await page.locator("main").innerText()).length };
  await context.close();
  return found;
}

// The form as a person uses it, with scripts off: write, ask, follow a cell of the answer.
async function form() {
  const { context, page } = await open({ javaScriptEnabled: false });
  await page.goto(task.url + "/sparql");
  await page.getByRole("textbox").fill("SELECT ?plan { ?plan a plan:Plan } ORDER BY ?plan");
  await page.locator("main form").getByRole("button").first().click();
  const rows = await page.locator("main tbody tr").count();
  await page.locator("main tbody a").first().click();
  const heading = await page.locator("h1").innerText();
  await page.goto(task.url + "/sparql");
  await page.getByRole("textbox").fill("SELECT ?plan { ?plan a }");
  await page.locator("main form").getByRole("button").first().click();
  const alert = await page.getByRole("alert").innerText();
  const kept = await page.getByRole("textbox").inputValue();
  await context.close();
  return { rows, heading, alert, kept };
}

async function shoot(path, file) {
  const { context, page } = await open({ viewport: { width: 1280, height: 900 }, colorScheme: "light" });
  await page.goto(task.url + path);
  await page.screenshot({ path: file });
  await context.close();
}

const found = {};
if (task.shots) {
  for (const [name, file] of Object.entries(task.shots)) await shoot(task.pages[name], file);
} else {
  const waiting = Object.entries(task.pages);
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      found[next[0]] = { ...(await look(next[1])), plain: await withoutScript(next[1]) };
    }
  };
  await Promise.all([worker(), worker()]);
  found.form = await form();
}
await browser.close();
process.stdout.write(JSON.stringify(found));
