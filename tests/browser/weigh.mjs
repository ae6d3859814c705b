// What pages weigh and when they are first painted, as JSON. The task comes on standard input:
//   {chromium, modules, url, pages: {name: path}, rounds?: number}
// Cold: a new profile. Warm: the same page again, with what the first visit left in the browser's cache.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";

const task = JSON.parse(readFileSync(0, "utf-8"));
const { chromium } = createRequire(task.modules + "/")("playwright-core");

const browser = await chromium.launch({
  executablePath: task.chromium,
  headless: true,
  args: ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage", "--no-first-run", `--crash-dumps-dir=${tmpdir()}`],
});

async function once(page, address) {
  await page.goto(address, { waitUntil: "load" });
  return page.evaluate(async () => {
    const painted = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
    for (let waited = 0; painted() === undefined && waited < 5000; waited += 20) await new Promise((done) => setTimeout(done, 20));
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return {
      painted: painted() ?? null,
      loaded: performance.getEntriesByType("navigation")[0].loadEventEnd,
      bytes: entries.reduce((sum, entry) => sum + entry.transferSize, 0),
      document: entries[0].transferSize,
      requests: entries.length,
    };
  });
}

const found = Object.fromEntries(Object.keys(task.pages).map((name) => [name, { cold: [], warm: [] }]));
for (let round = 0; round < (task.rounds ?? 5); round += 1) {
  for (const [name, path] of Object.entries(task.pages)) {
    const context = await browser.newContext({ locale: "nb-NO", viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    found[name].cold.push(await once(page, task.url + path));
    await page.goto("about:blank");
    found[name].warm.push(await once(page, task.url + path));
    await context.close();
  }
}
await browser.close();
process.stdout.write(JSON.stringify(found));
