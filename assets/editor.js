// The query editor: CodeMirror in the place of the text field of /sparql, which stays in the form and holds the query.
// It lives in a shadow tree, where CodeMirror adopts its style sheets instead of writing a <style> element, so that the
// strict policy of the page holds (docs/decisions/0018-editor.md). Without it the page is whole: this adds colours,
// completion of our words, and buttons that copy.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { EditorState, Prec } from "@codemirror/state";
import { Decoration, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const KEYWORDS = [
  "SELECT", "DISTINCT", "WHERE", "FILTER", "OPTIONAL", "UNION", "MINUS", "GRAPH", "VALUES", "BIND", "AS", "ORDER BY",
  "GROUP BY", "HAVING", "LIMIT", "OFFSET", "ASK", "CONSTRUCT", "DESCRIBE", "PREFIX", "COUNT", "SUM", "AVG", "MIN", "MAX",
  "SAMPLE", "GROUP_CONCAT", "LANG", "STR", "REGEX", "CONTAINS", "BOUND", "COALESCE", "IF", "NOT EXISTS", "NOW", "YEAR",
].map((label) => ({ label, type: "keyword", boost: -1 }));

const dress = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--raised)", border: "1px solid var(--edge)", borderRadius: ".25rem" },
  "&.cm-focused": { outline: "3px solid var(--focus)", outlineOffset: "3px" },
  ".cm-scroller": { fontFamily: "var(--mono)", fontSize: "1rem", lineHeight: "1.5", maxHeight: "36rem" },
  ".cm-content, .cm-gutter": { minHeight: "9rem" },
  ".cm-content": { caretColor: "var(--ink)", padding: ".75rem 0" },
  ".cm-line": { padding: "0 .75rem" },
  ".cm-gutters": { backgroundColor: "var(--quiet)", color: "var(--soft)", border: "0" },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-soft) !important", outline: "1px solid var(--accent-line)" },
  ".cm-faulty": { backgroundColor: "var(--danger-soft)" },
  ".cm-at": { textDecoration: "underline wavy var(--danger) 2px" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: ".25rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "18rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: ".2rem .6rem", lineHeight: "1.5" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent-fill)", color: "var(--accent-on)" },
  ".cm-completionDetail": { fontStyle: "normal", marginLeft: "1em", opacity: "1" },
  ".cm-completionMatchedText": { textDecoration: "underline" },
  ".cm-completionInfo": { padding: ".5rem .75rem", maxWidth: "24rem", fontFamily: "inherit" },
});

const colours = HighlightStyle.define([
  { tag: tags.atom, color: "var(--ink)" }, // IRIs and names of terms
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: tags.standard(tags.name), color: "var(--accent)" }, // functions, and "a"
  { tag: tags.local(tags.variableName), color: "var(--info)" },
  { tag: tags.string, color: "var(--danger)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
]);

// What may stand where the cursor is: variables of this query after a question mark, else our words and the language's.
function completion(load) {
  let words;
  return async (context) => {
    const variable = context.matchBefore(/[?$][\p{L}\d_]*/u);
    if (variable) {
      const names = new Set(context.state.doc.toString().match(/[?$][\p{L}\d_]+/gu) ?? []);
      names.delete(variable.text);
      return { from: variable.from, options: [...names].map((label) => ({ label, type: "variable" })), validFor: /^[?$][\p{L}\d_]*$/u };
    }
    const word = context.matchBefore(/[\p{L}][\p{L}\d_-]*(?::[\p{L}\d_-]*)?/u);
    if (!word && !context.explicit) return null;
    words ??= load();
    const before = context.state.sliceDoc(Math.max(0, (word?.from ?? context.pos) - 40), word?.from ?? context.pos);
    const wanted = /(?:\sa|rdf:type)\s+$/.test(before) ? "class" : "property";
    const options = (await words).flatMap(({ name, kind, label, note }) => {
      const shared = { apply: name, type: kind === "class" ? "class" : "property", info: note || undefined, boost: kind === wanted ? 1 : 0 };
      const named = { ...shared, label: name, detail: label };
      // Found by what it is called as well: "tiltak" finds plan:Measure.
      return kind === "prefix" || word?.text.includes(":") ? [named] : [named, { ...shared, label, displayLabel: `${label} (${name})`, boost: shared.boost - 1 }];
    });
    if (!word?.text.includes(":")) options.push(...KEYWORDS);
    return { from: word?.from ?? context.pos, options, validFor: /^[\p{L}\d_:-]*$/u };
  };
}

async function terms(address) {
  try {
    const { prefixes, terms: found } = await (await fetch(address)).json();
    return [...found, ...Object.entries(prefixes).map(([name, iri]) => ({ name: `${name}:`, kind: "prefix", label: iri, note: "" }))];
  } catch {
    return []; // writing goes on without
  }
}

// Writing over a selection: browsers would copy the style of what they replace into a style attribute, which the page's
// policy refuses with a complaint. So it is done here, as CodeMirror does it.
const overwriting = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { from, to, empty } = view.state.selection.main;
    if (event.inputType !== "insertText" || event.data === null || event.isComposing || empty) return false;
    const insert = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    if (!view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, event.data, insert))) view.dispatch(insert());
    event.preventDefault();
    return true;
  },
});

// The line that could not be read, until the text is changed.
function faults(document, field) {
  const { line, column } = field.dataset;
  if (!line) return [];
  const faulty = document.line(Math.min(Number(line), document.lines));
  const from = Math.min(faulty.from + Number(column) - 1, faulty.to);
  const length = faulty.text.slice(from - faulty.from).search(/\s|$/) || 1;
  const marks = [Decoration.line({ class: "cm-faulty" }).range(faulty.from)];
  if (from < faulty.to) marks.push(Decoration.mark({ class: "cm-at" }).range(from, Math.min(from + length, faulty.to)));
  let shown = Decoration.set(marks);
  return [
    EditorView.decorations.of((view) => shown),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) shown = Decoration.none;
    }),
  ];
}

function edit(form, field) {
  const host = document.createElement("div");
  host.className = "editor";
  const root = host.attachShadow({ mode: "open" });
  field.after(host);
  field.hidden = true;
  field.required = false; // what is hidden cannot be shown to be missing; the server says it
  const ask = () => {
    form.requestSubmit();
    return true;
  };
  const start = EditorState.create({ doc: field.value });
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: field.value,
      extensions: [
        lineNumbers(),
        history(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ override: [completion(() => terms(form.dataset.terms))], icons: false }),
        StreamLanguage.define(sparql),
        syntaxHighlighting(colours),
        dress,
        overwriting,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          "aria-label": document.getElementById("query-name").textContent,
          ...(field.getAttribute("aria-invalid") ? { "aria-invalid": "true" } : {}),
        }),
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: ask }])),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]), // Tab goes on, as everywhere
        EditorView.updateListener.of((update) => {
          if (update.docChanged) field.value = update.state.doc.toString();
        }),
        faults(start.doc, field),
      ],
    }),
  });
  document.getElementById("query-name").addEventListener("click", () => view.focus());
}

// A button beside what may be copied.
function copies(form) {
  for (const source of document.querySelectorAll("[data-copy]:not(form)")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ds-button copy";
    button.dataset.variant = "secondary";
    button.textContent = form.dataset.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = form.dataset.copied;
      setTimeout(() => (button.textContent = form.dataset.copy), 2000);
    });
    source.after(" ", button);
  }
}

const form = document.getElementById("ask");
edit(form, document.getElementById("query"));
if (navigator.clipboard) copies(form);
