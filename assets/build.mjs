// Makes service/planvev/web/static/made/ of npm packages: one entry, one line. tools/assets runs it:
//   node assets/build.mjs MODULES OUTPUT
// A name that ends in .css or .js is what pages ask for (web/assets.py); the file's own name carries a hash of its
// content, so that browsers may keep it for ever. An entry is a file of ours or one in a package.
import { createRequire } from "node:module";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const entries = {
  "designsystemet.css": "assets/designsystemet.css",
  "editor.js": "assets/editor.js",
};

const [modules, output] = process.argv.slice(2).map((path) => resolve(path));
const { build } = createRequire(modules + "/")("esbuild");

rmSync(output, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: Object.entries(entries).map(([name, file]) => ({ in: file, out: name.replace(/\.(css|js)$/, "") })),
  nodePaths: [modules],
  outdir: output,
  bundle: true,
  format: "esm",
  minify: true,
  metafile: true,
  charset: "utf8",
  legalComments: "none", // they stand in LICENSES.txt, which ships with the files
  entryNames: "[name].[hash]",
  assetNames: "[name].[hash]",
  loader: { ".woff2": "file", ".svg": "file", ".png": "file" },
});

// Which file answers to which name, for the service to read.
const made = {};
for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
  const name = Object.keys(entries).find((key) => entries[key] === entryPoint && file.endsWith(key.slice(key.lastIndexOf("."))));
  if (name) made[name] = file.split("/").pop();
}
writeFileSync(resolve(output, "made.json"), JSON.stringify(made, null, 1) + "\n");

// Whoever passes the files on passes on the licences of what they are made of.
const packages = new Set(Object.keys(metafile.inputs).map((file) => file.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]));
const licences = [...packages].filter(Boolean).sort().map((name) => {
  const folder = join(modules, name);
  const file = readdirSync(folder).find((one) => /^licen[sc]e/i.test(one));
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf-8"));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), "utf-8").trim() : ""}\n`;
});
writeFileSync(resolve(output, "LICENSES.txt"), licences.join(`\n${"-".repeat(80)}\n\n`));
