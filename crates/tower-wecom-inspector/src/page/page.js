// Content from outside is set by `textContent` or `value` only, so it stays text.
const $ = (id) => document.getElementById(id);
const entries = new Map();
let language = "en", words = WORDS.en, boot = "", chosen = "", samples = [], targets = [], lost = 0, edited = null, live = false, locked = false,
  moves = 0;

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = String(text);
  if (className) element.className = className;
  return element;
}

/** A kind with line break opportunities between its words. */
function kindElement(kind) {
  const element = make("span", null, "name");
  for (const part of kind.split(/(?<=[/_])/)) element.append(part, document.createElement("wbr"));
  return element;
}

/** Reads a stored value, or stores one. Storage may be disabled, and the page works without it. */
function stored(key, value) {
  try {
    return value === undefined ? localStorage.getItem(key) : localStorage.setItem(key, value);
  } catch {
    return null;
  }
}

// Language.
function setLanguage(name) {
  language = name === "zh" ? "zh" : "en";
  words = WORDS[language];
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
  for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = words[element.dataset.hint];
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", words[element.dataset.label]);
  $("language").textContent = language === "zh" ? "English" : "中文";
  $("language").lang = language === "zh" ? "en" : "zh";
  showSamples();
  showEntries();
  showEntry();
  showLive();
}

function toast(text) {
  $("toast").textContent = text;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $("toast").textContent = ""; }, 4000);
}

function view(name) {
  document.body.dataset.view = name;
  $("to-samples").setAttribute("aria-pressed", String(name === "samples"));
  $("to-entries").setAttribute("aria-pressed", String(name !== "samples"));
}

// Samples.
/** The samples that most people try first. */
const FIRST = ["change_contact_create_user", "change_contact_update_user", "change_contact_delete_user", "message_text",
  "batch_job_result", "info_suite_ticket", "aibot_text"];

/** The samples of `FIRST`, then the others in their own order. */
function sorted(all) {
  const first = FIRST.map((name) => all.find((it) => it.name === name)).filter(Boolean);
  return [...first, ...all.filter((it) => !FIRST.includes(it.name))];
}

function found() {
  const terms = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  return samples.filter((it) => {
    const text = `${it.kind} ${it.title} ${it.flavour} ${it.name}`.toLowerCase();
    return terms.every((word) => text.includes(word));
  });
}

function showSamples() {
  $("no-target").hidden = live === false || targets.length > 0;
  $("check").disabled = targets.length === 0;
  const rows = targets.length === 0 ? [] : found().map((sample) => {
    const row = make("li");
    const play = make("button", null, "play");
    play.title = words.sendIt(sample.name);
    play.dataset.name = sample.name;
    play.append(kindElement(sample.kind), make("span", `${sample.title} · ${sample.flavour}`, "small"));
    play.addEventListener("click", () => send({ sample: { target: target(), name: sample.name } }));
    const edit = make("button", "✎", "edit");
    edit.setAttribute("aria-label", words.editIt(sample.name));
    edit.title = words.editShort;
    edit.tabIndex = -1;
    edit.addEventListener("click", () => editSample(sample));
    row.append(play, edit);
    return row;
  });
  $("sample-list").replaceChildren(...rows);
}

const target = () => Number($("target").value || 0);

async function send(request) {
  const before = moves;
  try {
    const response = await fetch("?send", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(request),
    });
    const result = await response.json();
    if (result.error) return toast(words[result.error] ?? result.error);
    toast(words.sent(words.outcomes[result.outcome], result.status));
    const key = `${boot}-${result.id}`;
    // If the user has moved on in the meantime, the selection stays.
    if (moves !== before) return;
    if (entries.has(key)) choose(key, true); else chosen = key;
  } catch {
    toast(words.failed);
  }
}

async function editSample(sample) {
  const response = await fetch(`?sample=${target()}.${encodeURIComponent(sample.name)}`).catch(() => null);
  if (!response?.ok) return toast(words.failed);
  const { text, json } = await response.json();
  edit(sample.kind, text, json, words.editNote);
}

// The editor. It also shows copies, read-only.
function edit(title, text, json, note) {
  edited = { json };
  open(title, text, note, false);
}

function open(title, text, note, readOnly) {
  $("editor-title").textContent = title;
  $("editor-note").textContent = note;
  $("text").value = text;
  $("text").readOnly = readOnly;
  $("editor-go").hidden = readOnly;
  $("editor").returnValue = "";
  $("editor").showModal();
  $("text").focus();
  if (readOnly) $("text").select(); else $("text").setSelectionRange(0, 0);
}

$("editor").addEventListener("close", () => {
  if ($("editor").returnValue === "go" && edited) {
    send({ payload: { target: target(), text: $("text").value, json: edited.json } });
  }
  edited = null;
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && edited) {
    event.preventDefault();
    $("editor").close("go");
  }
});

async function copy(what, title) {
  const entry = entries.get(chosen);
  if (!entry || entry.boot !== boot) return toast(words.gone);
  const response = await fetch(`?${what}=${entry.id}`).catch(() => null);
  if (!response?.ok) return toast(words.gone);
  const text = await response.text();
  edited = null;
  open(title, text, words.copyNote, true);
  try {
    await navigator.clipboard.writeText(text);
    toast(words.copied);
  } catch { /* The user copies the selected text. */ }
}

// The list.
const outcome = (entry) => words.outcomes[entry.outcome] ?? entry.outcome;
const tone = (entry) => ({ replied: "good", acknowledged: "good", echoed: "good", verbatim: "good", deferred: "good",
  unhandled: "warn" })[entry.outcome] ?? "bad";
const label = (entry) => entry.kind || words.request;
const took = (entry) => entry.microseconds < 10000 ? `${(entry.microseconds / 1000).toFixed(2)} ms` : `${Math.round(entry.microseconds / 1000)} ms`;
const time = (entry) => new Date(entry.time).toLocaleTimeString(language === "zh" ? "zh-CN" : "en-GB");

function matches(entry) {
  const terms = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  if (terms.length === 0) return true;
  return terms.every((word) => entry.text.includes(word));
}

function searchable(entry) {
  const rejection = entry.rejection ? [entry.rejection.kind, entry.rejection.reason, ...entry.rejection.details] : [];
  const names = [entry.kind, entry.outcome, entry.status, entry.corp, entry.receive_id, entry.tenant, entry.path];
  return [...names, entry.payload, entry.reply, ...rejection].filter((it) => it !== null && it !== undefined).join("\n").toLowerCase();
}

function rowOf(key, entry) {
  const row = make("li", null, "row");
  row.id = `row-${key}`;
  row.dataset.key = key;
  row.setAttribute("role", "option");
  row.tabIndex = -1;
  const result = make("span", [outcome(entry), entry.status, took(entry)].filter(Boolean).join(" · "), tone(entry));
  const marks = [`#${entry.id}`, time(entry), entry.corp ?? entry.receive_id];
  if (entry.callback && !entry.known) marks.push(words.unknown);
  if (entry.rejection) marks.push(entry.rejection.kind);
  if (entry.copy_of) marks.push(words.copyOf(entry.copy_of));
  if (entry.from === "page") marks.push(words.byPage);
  if (entry.boot !== boot) {
    marks.push(words.before);
    row.classList.add("old");
  }
  row.append(kindElement(label(entry)), result, make("span", marks.filter(Boolean).join(" · "), "small"));
  row.addEventListener("click", () => { moves += 1; choose(key, true); });
  return row;
}

function showEntries() {
  const rows = [];
  for (const [key, entry] of entries) if (matches(entry)) rows.unshift(rowOf(key, entry));
  const hadFocus = document.activeElement?.dataset?.key;
  $("entry-list").replaceChildren(...rows);
  mark();
  if (hadFocus) $(`row-${hadFocus}`)?.focus();
  count();
}

function count() {
  const shown = $("entry-list").children.length;
  $("count").textContent = shown === entries.size ? `(${shown})` : `(${shown}/${entries.size})`;
  $("nothing").hidden = entries.size > 0;
  $("lost").hidden = lost === 0;
  $("lost").textContent = lost ? words.lost(lost) : "";
}

/** Marks the chosen row, and makes exactly one row reachable by Tab. */
function mark() {
  const rows = [...$("entry-list").children];
  for (const row of rows) {
    const isChosen = row.dataset.key === chosen;
    row.setAttribute("aria-selected", String(isChosen));
    row.tabIndex = isChosen ? 0 : -1;
  }
  if (rows.length && !rows.some((row) => row.tabIndex === 0)) rows[0].tabIndex = 0;
}

function choose(key, isWanted) {
  chosen = key;
  mark();
  showEntry();
  if (isWanted) view("detail");
}

// The chosen entry.
function showEntry() {
  const entry = entries.get(chosen);
  $("choose").hidden = Boolean(entry);
  $("entry").hidden = !entry;
  if (!entry) return;
  $("kind").textContent = label(entry);
  $("summary").textContent = [outcome(entry), entry.status, took(entry)].filter(Boolean).join(" · ");
  $("summary").className = tone(entry);
  $("again").disabled = $("edit").disabled = !entry.callback || targets.length === 0;
  $("copy-test").disabled = !entry.callback;
  const size = entry.size === null ? (entry.wire_size || null) : words.bytes(entry.size, entry.wire_size);
  const properties = [
    ["time", time(entry)], ["request", `${entry.method} ${entry.path}`], ["corp", entry.corp], ["receive_id", entry.receive_id],
    ["tenant", entry.tenant], ["user", entry.user], ["agent_id", entry.agent_id], ["size", size],
    ["age", entry.age ? `${entry.age} s` : null], ["key_index", entry.key_index ? words.previous(entry.key_index) : null],
    ["copy", entry.copy_of ? words.copyOf(entry.copy_of) : null], ["misfits", entry.misfits.join(", ")],
  ];
  $("properties").replaceChildren(...properties.filter(([, it]) => it !== null && it !== undefined && it !== "")
    .flatMap(([name, it]) => [make("dt", words.f[name]), make("dd", it)]));
  $("rejection").hidden = !entry.rejection;
  if (entry.rejection) {
    $("reason").textContent = entry.rejection.reason;
    $("rejection-details").replaceChildren(...entry.rejection.details.map((detail) => make("li", detail)));
  }
  $("columns").hidden = !entry.callback;
  $("payload").textContent = entry.payload ?? "";
  $("event").textContent = entry.event ?? "";
  for (const [id, text] of [["reply", entry.reply], ["error-body", entry.error_body]]) {
    $(`${id}-box`).hidden = text === null;
    $(id).textContent = text ?? "";
  }
}

function again() {
  const entry = entries.get(chosen);
  if (!entry?.callback || targets.length === 0) return;
  if (entry.boot === boot) return send({ again: { id: entry.id } });
  // The server that kept the whole payload is gone. The user has to restore replaced and truncated
  // parts.
  if (!isWhole(entry)) return editEntry();
  send({ payload: { target: target(), text: entry.payload, json: entry.is_json } });
}

const isWhole = (entry) => !/\[secret\]|•••|\n…$/.test(entry.payload);

function editEntry() {
  const entry = entries.get(chosen);
  if (!entry?.callback || targets.length === 0) return;
  edit(label(entry), entry.payload, entry.is_json, isWhole(entry) ? words.editNote : words.secretNote);
}

// Events of the server.
const KEPT = 1000;

function receive(entry) {
  entry.boot = boot;
  entry.callback = entry.payload !== null;
  entry.text = searchable(entry);
  const key = `${boot}-${entry.id}`;
  if (entries.has(key)) return;
  entries.set(key, entry);
  for (const oldest of entries.keys()) {
    if (entries.size <= KEPT) break;
    entries.delete(oldest);
    $(`row-${oldest}`)?.remove();
  }
  if (matches(entry)) {
    const row = rowOf(key, entry);
    row.classList.add("fresh");
    $("entry-list").prepend(row);
  }
  mark();
  count();
  if (key === chosen) choose(key, true);
}

function showLive() {
  $("live").className = live ? "on" : "";
  $("live").textContent = live ? words.live : locked ? words.locked : words.away;
}

// A server that has started again has another key. The cookie changes when its address is opened, in
// any tab.
async function reconnect() {
  const response = await fetch("?samples").catch(() => null);
  locked = response?.status === 403;
  showLive();
  listen();
}

function listen() {
  const events = new EventSource("?events");
  events.addEventListener("open", () => { live = true; showLive(); });
  events.addEventListener("error", () => {
    live = false;
    showLive();
    // The browser gives up after a refusal, and some when the server is down for a long time.
    if (events.readyState === EventSource.CLOSED) setTimeout(reconnect, 1000);
  });
  events.addEventListener("hello", (event) => {
    const hello = JSON.parse(event.data);
    const isNew = boot !== hello.boot;
    boot = hello.boot;
    targets = hello.targets;
    $("masked").hidden = !hello.masked;
    if (!isNew) return;
    $("target").replaceChildren(...targets.map((it, index) => {
      const option = make("option", it);
      option.value = String(index);
      return option;
    }));
    $("target").hidden = targets.length < 2;
    showSamples();
    showEntries();
    showEntry();
  });
  events.addEventListener("callback", (event) => receive(JSON.parse(event.data)));
  events.addEventListener("lost", (event) => { lost += Number(event.data); count(); });
}

// Mouse and keyboard.
$("find").addEventListener("input", showSamples);
$("filter").addEventListener("input", showEntries);
$("check").addEventListener("click", () => send({ check: { target: target() } }));
$("again").addEventListener("click", again);
$("edit").addEventListener("click", editEntry);
$("copy-test").addEventListener("click", () => copy("test", words.copyTest));
$("copy-curl").addEventListener("click", () => copy("curl", words.copyCurl));
$("back").addEventListener("click", back);
$("to-samples").addEventListener("click", () => view("samples"));
$("to-entries").addEventListener("click", () => view("entries"));
$("language").addEventListener("click", () => {
  setLanguage(language === "zh" ? "en" : "zh");
  stored("wecom-inspector-language", language);
});
$("clear").addEventListener("click", async () => {
  await fetch("?clear", { method: "POST" }).catch(() => null);
  entries.clear();
  lost = 0;
  chosen = "";
  showEntries();
  showEntry();
});

function back() {
  moves += 1;
  view("entries");
  ($(`row-${chosen}`) ?? $("filter")).focus();
}

function step(list, current, by) {
  const index = list.indexOf(current);
  return list[Math.max(0, Math.min(list.length - 1, index + by))];
}

function keyInList(event, row) {
  const rows = [...$("entry-list").children];
  const by = { ArrowDown: 1, ArrowUp: -1, Home: -rows.length, End: rows.length, PageDown: 10, PageUp: -10 }[event.key];
  if (by !== undefined) {
    event.preventDefault();
    moves += 1;
    const next = step(rows, row, by);
    if (next) { choose(next.dataset.key, false); next.focus(); }
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    moves += 1;
    choose(row.dataset.key, true);
    $("detail").focus();
  }
}

function keyInSamples(event, button) {
  const plays = [...$("sample-list").querySelectorAll(".play")];
  const by = { ArrowDown: 1, ArrowUp: -1, Home: -plays.length, End: plays.length, PageDown: 10, PageUp: -10 }[event.key];
  if (by !== undefined) {
    event.preventDefault();
    const isFirst = event.key === "ArrowUp" && plays[0] === button;
    (isFirst ? $("find") : step(plays, button, by))?.focus();
  } else if (event.key === "e" || event.key === "ArrowRight") {
    event.preventDefault();
    const edit = button.parentElement.querySelector(".edit");
    if (event.key === "e") edit.click(); else edit.focus();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("editor").open) return;
  const at = event.target;
  const isTyping = at.matches("input, select, textarea");
  if (at.matches(".row")) keyInList(event, at);
  else if (at.matches(".play")) keyInSamples(event, at);
  else if (at.matches(".edit") && event.key === "ArrowLeft") at.parentElement.querySelector(".play").focus();
  else if (at.id === "find" && event.key === "ArrowDown") { event.preventDefault(); $("sample-list").querySelector(".play")?.focus(); }
  else if (at.id === "find" && event.key === "Enter") { event.preventDefault(); $("sample-list").querySelector(".play")?.click(); }
  else if (at.id === "filter" && event.key === "ArrowDown") { event.preventDefault(); $("entry-list").firstElementChild?.focus(); }
  if (event.defaultPrevented) return;
  if (event.key === "Escape") {
    if (isTyping && at.value && at.type === "search") return;
    event.preventDefault();
    back();
  } else if (!isTyping && event.key === "/") {
    event.preventDefault();
    view("entries");
    $("filter").focus();
  } else if (!isTyping && event.key === "s") {
    event.preventDefault();
    view("samples");
    $("find").focus();
  } else if (!isTyping && event.key === "e") {
    event.preventDefault();
    editEntry();
  }
});

async function start() {
  const preferred = stored("wecom-inspector-language") ?? navigator.language ?? "en";
  view("entries");
  setLanguage(preferred.startsWith("zh") ? "zh" : "en");
  listen();
  const response = await fetch("?samples").catch(() => null);
  if (response?.ok) samples = sorted(await response.json());
  showSamples();
}

start();
