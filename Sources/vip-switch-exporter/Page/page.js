"use strict";
// Everything that the agent says reaches the page as text, never as markup.

const interval = 1000;
const most = 50;
// Beyond that a page that still gets answers says that they are old.
const old = 5000;
// The history is asked for after something happened, but not before this time, and now and then anyway.
const soon = 55000;
const rarely = 60000;
let lastFailover = null;

const at = id => document.getElementById(id);
let answer = null;      // the last /status.json
let heardAt = 0;        // when it came, by performance.now()
let lost = null;        // why the exporter itself cannot be asked
let history = null;     // the last /history.json that had one
let historyAt = -Infinity;
const seen = [];        // what this page saw by itself, the newest first
let before = null;

function node(name, text, attributes = {}) {
    const made = document.createElement(name);
    if (text !== null) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
}

function span(milliseconds) {
    if (milliseconds === null || milliseconds === undefined || !isFinite(milliseconds)) return "–";
    const seconds = Math.max(0, milliseconds) / 1000;
    if (seconds < 0.01) return (seconds * 1000).toFixed(2) + " ms";
    if (seconds < 1) return Math.floor(seconds * 1000) + " ms";
    if (seconds < 60) return seconds.toFixed(1) + " s";
    const whole = Math.floor(seconds);
    if (whole < 3600) return Math.floor(whole / 60) + " min " + whole % 60 + " s";
    if (whole < 86400) return Math.floor(whole / 3600) + " h " + Math.floor(whole / 60) % 60 + " min";
    return Math.floor(whole / 86400) + " d " + Math.floor(whole / 3600) % 24 + " h";
}

function clock(time) {
    const date = new Date(time);
    return isNaN(date) ? String(time) : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

// A word and a shape beside each colour.
const marks = {
    good: ["●", "good"], bad: ["▲", "bad"], waiting: ["◌", "waiting"], off: ["○", ""],
};

function mark(kind, text) {
    const [shape, colour] = marks[kind];
    return node("span", shape + " " + text, { class: ("mark " + colour).trim() });
}

function table(place, name, columns, rows) {
    const made = node("table", null, { role: "table", "aria-label": name });
    const head = node("thead", null, { role: "rowgroup" });
    const line = node("tr", null, { role: "row" });
    for (const column of columns) line.append(node("th", column, { scope: "col", role: "columnheader" }));
    head.append(line);
    const body = node("tbody", null, { role: "rowgroup" });
    for (const cells of rows) {
        const row = node("tr", null, { role: "row" });
        cells.forEach((cell, index) => {
            const box = index === 0
                ? node("th", null, { scope: "row", role: "rowheader" })
                : node("td", null, { role: "cell", "data-label": columns[index] });
            box.append(cell);
            row.append(box);
        });
        body.append(row);
    }
    made.append(head, body);
    place.replaceChildren(made);
}

function age() {
    if (!answer || answer.age_ms === null) return null;
    return answer.age_ms + performance.now() - heardAt;
}

function banner(kind, text) {
    const place = at("banner");
    const words = marks[kind][0] + " " + text;
    place.className = "banner " + (marks[kind][1] || "waiting");
    // Said aloud only when it changes.
    if (place.textContent !== words) place.textContent = words;
}

function showHead(status) {
    const name = status ? status.node : "vip-switch";
    document.title = (status && !trouble() ? (status.leader === status.node ? "leads: " : "") + name : "▲ " + name) + " – vip-switch";
    at("title").textContent = status ? "vip-switch on " + name : "vip-switch";
    const problem = trouble();
    if (problem) {
        banner("bad", problem + (status ? " What is shown below is its last state, not the present one." : ""));
    } else if (!status) {
        banner("waiting", "Asking the agent …");
    } else if (status.leader === null) {
        banner("bad", "No leader is known: nobody holds the virtual IPs by this cluster's rules.");
    } else {
        const leads = status.leader === status.node;
        banner("good", (leads ? "This node leads" : status.leader + " leads") + " in term " + status.term
            + (leads ? "." : "; this node is " + status.role + "."));
    }
    const elapsed = age();
    at("age").textContent = elapsed === null ? "No state of the agent is known yet."
        : "State of " + span(elapsed) + " ago" + (elapsed > old && !problem ? ", which is old" : "")
            + (status.cluster_id ? "; cluster " + status.cluster_id : "; in no cluster yet")
            + (status.lease_left_ms === null ? "." : "; " + span(status.lease_left_ms) + " of its lease were left.");
    document.querySelector("main").classList.toggle("stale", Boolean(problem));
}

function trouble() {
    if (lost) return "This page does not reach the exporter: " + lost + ".";
    if (answer && !answer.exporter.answers) return "The agent does not answer: " + answer.exporter.problem + ".";
    return null;
}

function showGroups(status) {
    const rows = status.groups.map(group => {
        const state = group.held_here ? mark("good", "held here")
            : group.holder ? mark("off", "held by " + group.holder) : mark("bad", "held by nobody");
        const vips = node("span", null);
        group.vips.slice(0, 20).forEach((vip, index) => {
            if (index) vips.append(node("br", null));
            vips.append(node("code", vip.address), " on " + vip.interface);
        });
        if (group.vips.length > 20) vips.append(node("br", null), "and " + (group.vips.length - 20) + " more");
        if (!group.vips.length) vips.append("none");
        const since = group.since ? clock(group.since) + " (" + span(group.held_for_ms) + ")" : "–";
        return [group.name, state, vips, since];
    });
    if (rows.length) table(at("groups"), "Groups of virtual IPs", ["Group", "State", "VIPs", "Since"], rows);
    else at("groups").replaceChildren(node("p", "The configuration has no VIPs: this node elects and runs hooks only.", { class: "quiet" }));
}

function showTroubles(status) {
    const lines = [];
    for (const group of status.groups) {
        if (group.fault) lines.push("Group " + group.name + " is better held elsewhere: " + group.fault);
        if (group.contest) lines.push("Group " + group.name + " is fought over: " + group.contest);
        const sent = group.announcements || {};
        if (sent.rival) lines.push(sent.rival.hardware + " claimed " + sent.rival.vip + " " + span(sent.rival.last_claim_ms) + " ago");
        if (sent.failed > 0) lines.push("Group " + group.name + ": " + sent.failed + " announcements could not be sent");
        if (sent.dad_failed > 0) lines.push("Group " + group.name + ": IPv6 found " + sent.dad_failed + " duplicates");
    }
    for (const one of nodesOf(status)) {
        for (const reason of one.reasons || []) lines.push(one.id + ": " + reason);
        if (one.error) lines.push(one.error);
    }
    const told = nodesOf(status).filter(one => one.error).map(one => one.id);
    for (const peer of status.peers) if (peer.state === "silent" && !told.includes(peer.id)) lines.push(peer.id + " is silent");
    // A node that starts is told once by each peer that it named an old run: nothing to look at.
    for (const [reason, count] of Object.entries(status.dropped || {})) {
        if (count > 0 && reason !== "stale_boot") lines.push("Datagrams refused as " + reason + ": " + count);
    }
    at("troubles-section").hidden = lines.length === 0;
    at("troubles").replaceChildren(...lines.map(line => node("li", "▲ " + line)));
}

function showNodes(status) {
    const rows = nodesOf(status).map(one => {
        const peer = status.peers.find(other => other.id === one.id);
        const link = peer ? node("code", peer.address) : node("span", "–");
        return [one.id + (one.id === status.node ? " (this node)" : ""), stateOf(one, peer), link,
            peer ? span(peer.round_trip_ms) : "–", fitness(one)];
    });
    table(at("nodes"), "Nodes", ["Node", "State", "Address", "Round trip", "Fit to hold"], rows);
    const unknown = status.peers.some(peer => peer.state === "unknown");
    at("nodes-note").textContent = unknown && status.leader
        ? "Followers measure no round trips among themselves: the leader’s page (" + status.leader + ") has all of them." : "";
}

// An agent of an older version tells of itself and its peers, but does not ask them.
function nodesOf(status) {
    if (status.nodes) return status.nodes;
    const own = { id: status.node, answered: true, role: status.role, eligible: status.eligible, reasons: status.reasons };
    return [own, ...status.peers.map(peer => ({ id: peer.id, answered: false, error: null }))];
}

function stateOf(one, peer) {
    if (one.answered) return mark(one.leader === null ? "waiting" : "good", one.role);
    if (one.error) return mark("bad", one.silent_ms === null ? one.error : "silent for " + span(one.silent_ms));
    const words = { up: ["good", "up"], silent: ["bad", "silent"], unknown: ["off", "unknown"] };
    return mark(...(words[peer ? peer.state : "unknown"] || ["waiting", peer.state]));
}

function fitness(one) {
    if (one.eligible === null || one.eligible === undefined) return "–";
    const facts = [one.priority !== null && one.priority !== undefined ? "priority " + one.priority : "",
        one.place ? "place " + one.place + " to lead next" : "", one.lag && one.eligible ? "lacks " + one.lag + " entries" : ""].filter(Boolean);
    const place = node("span", null);
    place.append(one.eligible ? mark("good", "yes") : mark("bad", "no"));
    const words = [...(one.reasons || []), ...facts].join("; ");
    if (words) place.append(": " + words);
    return place;
}

// --- What happened ---------------------------------------------------------------------------------------------------

function saw(text, kind) {
    seen.unshift({ time: Date.now(), text, kind });
    seen.length = Math.min(seen.length, most);
}

// Compares two answers; what differs is something that happened, and worth asking for the history again.
function compare(next) {
    const count = seen.length ? seen[0] : null;
    compareWith(before, next);
    before = next;
    const place = next.status && next.status.last_failover ? next.status.last_failover.time : null;
    if (seen.length && seen[0] !== count || place !== lastFailover) historyAt = Math.min(historyAt, performance.now() - soon);
    lastFailover = place;
}

function compareWith(last, next) {
    if (!last) return;
    if (last.exporter.answers !== next.exporter.answers) {
        saw(next.exporter.answers ? "The agent answers again" : "The agent does not answer: " + next.exporter.problem, next.exporter.answers ? "good" : "bad");
    }
    const [old, now] = [last.status, next.status];
    if (!old || !now || !next.exporter.answers) return;
    if (old.leader !== now.leader) saw(now.leader ? now.leader + " leads, term " + now.term : "No leader is known", now.leader ? "good" : "bad");
    for (const group of now.groups) {
        const earlier = old.groups.find(other => other.name === group.name);
        if (earlier && earlier.holder !== group.holder) {
            saw("Group " + group.name + ": " + (earlier.holder || "nobody") + " → " + (group.holder || "nobody"), group.holder ? "good" : "bad");
        }
        if (earlier && (earlier.fault || null) !== (group.fault || null)) {
            saw("Group " + group.name + ": " + (group.fault || "nothing is wrong any more"), group.fault ? "bad" : "good");
        }
    }
    for (const peer of now.peers) {
        const earlier = old.peers.find(other => other.id === peer.id);
        const speaks = state => state === "up" || state === "silent";
        if (earlier && earlier.state !== peer.state && speaks(earlier.state) && speaks(peer.state)) {
            saw(peer.id + " is " + peer.state, peer.state === "up" ? "good" : "bad");
        }
    }
}

function showStory() {
    const story = history && history.history;
    const silent = story ? story.nodes.filter(node => !node.answered).map(node => node.id) : [];
    at("story-note").textContent = story
        ? "From the history of " + story.nodes.filter(node => node.answered).map(node => node.id).join(", ")
            + (silent.length ? "; nothing was heard of that of " + silent.join(", ") : "") + ". The newest first."
        : "Seen by this page since it was opened; the newest first. This agent tells no history.";
    showLanes(story);
    const items = story ? story.failovers.slice(-20).reverse().map(failoverItem) : [];
    for (const event of seen.slice(0, story ? 5 : most)) items.push(item(event.kind, event.time, event.text, story ? "seen by this page" : ""));
    at("story").replaceChildren(...(items.length ? items : [item("off", null, "Nothing has happened yet.", "")]));
    showEntries(story);
}

function item(kind, time, text, cause) {
    const made = node("li", null, { "data-shape": marks[kind][0] });
    if (time !== null) {
        const date = new Date(time);
        made.append(node("time", clock(time), isNaN(date) ? {} : { datetime: date.toISOString() }));
    }
    made.append(text);
    if (cause) made.append(node("div", cause, { class: "cause" }));
    return made;
}

function failoverItem(failover) {
    const took = failover.took_ms === null ? "" : " in " + span(failover.took_ms);
    const way = failover.from === failover.to ? "back on " + failover.to : failover.from + " → " + failover.to;
    const steps = failover.steps.map(step => step.words).join(" → ");
    return item("good", failover.time, failover.group + ": " + way + took + " (term " + failover.term + ")", steps);
}

// A bar for each group: who held it, from the first failover that is known until now.
function showLanes(story) {
    const groups = new Map();
    for (const failover of story ? story.failovers.slice(-20) : []) {
        if (isNaN(Date.parse(failover.time))) continue;
        if (!groups.has(failover.group)) groups.set(failover.group, []);
        groups.get(failover.group).push(failover);
    }
    at("lanes").replaceChildren(...[...groups].map(([name, moves]) => lane(name, moves)));
}

function lane(name, moves) {
    const now = Date.now();
    // A node that does not tell its history may have held it in between.
    const parts = moves.map((move, index) => {
        const next = moves[index + 1];
        const holder = next && next.from !== move.to ? move.to + ", later " + next.from : move.to;
        return { holder, from: Date.parse(move.time), to: next ? Date.parse(next.time) : now };
    });
    // What the history has not told yet.
    const group = answer.status && answer.status.groups.find(other => other.name === name);
    if (group && group.holder !== parts[parts.length - 1].holder) parts.push({ holder: group.holder || "nobody", from: now, to: now });
    const box = node("div", null, { class: "lane" });
    const words = parts.map(part => part.holder + " for " + span(part.to - part.from)).join(", then ");
    const bar = node("div", null, { class: "bar", role: "img", "aria-label": name + " was held by " + words });
    for (const part of parts) {
        const piece = node("span", part.holder, { title: part.holder + ": " + span(part.to - part.from) + " from " + clock(part.from) });
        piece.style.flexGrow = String(Math.max(1, part.to - part.from));
        bar.append(piece);
    }
    const ends = node("p", null, { class: "ends quiet" });
    ends.append(node("span", clock(parts[0].from)), node("span", "now"));
    box.append(node("p", name + ": who held it", { class: "lane-name" }), bar, ends);
    return box;
}

function showEntries(story) {
    const entries = story ? story.entries.slice(-100).reverse() : [];
    at("entries-section").hidden = entries.length === 0;
    at("entries-title").textContent = "All events (the last " + entries.length + ")";
    const rows = entries.map(entry => {
        const kind = entry.level === "error" ? "bad" : entry.level === "warn" ? "waiting" : "off";
        const facts = Object.entries(entry.facts).map(([key, value]) => key + "=" + (typeof value === "string" ? value : JSON.stringify(value)));
        const what = node("span", entry.message + (facts.length ? " (" + facts.join(", ") + ")" : ""));
        return [clock(entry.time), entry.node, mark(kind, entry.level), what];
    });
    table(at("entries"), "All events", ["Time", "Node", "Level", "What"], rows);
}

// --- The loop --------------------------------------------------------------------------------------------------------

function show() {
    const status = answer && answer.status;
    showHead(status);
    showStory();
    if (!status) return;
    showGroups(status);
    showTroubles(status);
    showNodes(status);
    at("versions").textContent = "Agent " + status.version + ", exporter " + answer.exporter.version + ".";
}

async function get(path) {
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), 6000);
    try {
        const response = await fetch(path, { cache: "no-store", signal: stop.signal });
        if (!response.ok) throw new Error("it answers " + response.status);
        return await response.json();
    } finally {
        clearTimeout(limit);
    }
}

async function askHistory() {
    if (lost || !answer.exporter.answers || performance.now() - historyAt < rarely) return;
    historyAt = performance.now();
    try {
        const next = await get("history.json");
        // A history that cannot be had now is not forgotten.
        if (next.history !== null) history = next;
    } catch (error) {
        // Whether the exporter answers at all, the next status tells.
    }
}

async function ask() {
    try {
        const next = await get("status.json");
        [answer, heardAt, lost] = [next, performance.now(), null];
        compare(next);
    } catch (error) {
        lost = error.name === "AbortError" ? "it takes too long" : error.message || "it is gone";
    }
    await askHistory();
    show();
    // A page that nobody looks at asks rarely.
    setTimeout(ask, document.hidden ? 10 * interval : interval);
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) show(); });
setInterval(() => showHead(answer && answer.status), interval);
ask();
