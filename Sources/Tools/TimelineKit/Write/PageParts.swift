// TimelineKit/Write/PageParts.swift: the style and the script of the page.
// The script reads the data of the page and draws what is in sight; it asks nobody else.

/// The fixed parts of the page.
enum PageParts {
  static let style = """
    *{box-sizing:border-box}html{background:var(--band)}
    body{margin:0;font:14px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink)}
    header,main{max-width:1400px;margin:auto;padding:0 20px}header{padding-top:20px}
    h1{margin:0;font-size:22px}h2{margin:0 0 6px;font-size:15px}header p{margin:2px 0 12px;color:var(--soft)}
    .bar{display:flex;gap:8px;align-items:center;margin-bottom:8px}.bar[hidden]{display:none}
    button{font:inherit;color:inherit;background:var(--back);border:1px solid var(--edge);border-radius:6px;padding:3px 11px;cursor:pointer}
    button:hover{border-color:var(--run)}#where{font-variant-numeric:tabular-nums}.hint{color:var(--soft);margin-left:auto}
    #plot,#over,section{background:var(--back);border:1px solid var(--edge);border-radius:8px;overflow:hidden}
    #plot svg,#over svg{display:block;width:100%}#plot.live{cursor:grab;touch-action:none;user-select:none}
    #plot.live:active{cursor:grabbing}#over{margin-top:8px;cursor:pointer}#over:empty,section:empty{display:none}
    .view{fill:var(--run);fill-opacity:.12;stroke:var(--run)}
    .side{display:grid;grid-template-columns:1fr 1fr;gap:12px;margin:12px 0 40px}section{padding:12px 16px}
    section ol{margin:0;padding:0;list-style:none;counter-reset:n}section li{counter-increment:n}
    section li button{display:flex;gap:10px;width:100%;text-align:left;border:0;padding:4px;background:none}
    section li button:hover{background:var(--band)}section li button::before{content:counter(n);flex:none;width:20px;height:20px;border-radius:10px;background:var(--ink);color:var(--back);text-align:center;font-weight:700;font-size:11px;line-height:20px}
    section i{font-style:normal;color:var(--soft);white-space:nowrap;font-variant-numeric:tabular-nums}
    .dim .m:not(.hot){opacity:.14}.hot .a{stroke-width:2.8}.m{cursor:pointer}
    #tip{position:fixed;pointer-events:none;max-width:420px;padding:6px 10px;border-radius:6px;background:var(--ink);color:var(--back);font-size:12.5px;white-space:pre-line;visibility:hidden;z-index:2}
    @media(max-width:800px){.side{grid-template-columns:1fr}.hint{display:none}}
    """

  static let script = """
    "use strict";
    const D = JSON.parse(document.getElementById("data").textContent);
    const plot = document.getElementById("plot"), over = document.getElementById("over");
    const tip = document.getElementById("tip"), where = document.getElementById("where");
    const left = 104, top0 = 44, lane = 46, edge = 16, most = 1200;
    const looks = [["run", 16], ["ready", 9], ["wait", 4], ["wait", 4], ["rest", 1], ["rest", 1], ["fault", 16]];
    const verbs = ["runs", "is ready", "waits to be received by", "awaits the reply of",
      "waits for a message or a notification", "waits for a notification", "is stopped by a fault"];
    const byID = new Map(D.messages.map(m => [m[0], m]));
    let from = 0, to = Math.max(1, D.end), chain = null, width = 1000;
    const esc = s => String(s).replace(/[&<>"]/g, c => ({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})[c]);
    const x = t => left + (t - from) / (to - from) * (width - left - edge);
    const y = l => top0 + (l + 0.5) * lane;
    const f = v => v.toFixed(1);
    const ms = t => ((D.begin + t) / 1e6).toFixed(4) + " ms";
    const us = t => t < 1e7 ? (t / 1e3).toFixed(1) + " µs" : (t / 1e6).toFixed(3) + " ms";
    const name = l => D.lanes[l].name;

    function ruler() {
      const goal = (to - from) / Math.max(2, Math.floor(width / 130));
      let step = Math.pow(10, Math.ceil(Math.log10(goal)));
      for (const part of [5, 2]) if (step / part >= goal) { step /= part; break; }
      step = Math.max(1, step);
      const places = Math.max(0, Math.min(6, 6 - Math.floor(Math.log10(step))));
      let out = "";
      for (let t = Math.ceil((D.begin + from) / step) * step; t <= D.begin + to; t += step) {
        const at = f(x(t - D.begin));
        out += `<path class="grid" d="M${at} 30V${top0 + D.lanes.length * lane}"/>` +
          `<text class="soft small" text-anchor="${at > width - 40 ? "end" : "middle"}" x="${Math.min(at, width - 6)}" y="22">${(t / 1e6).toFixed(places)} ms</text>`;
      }
      return out;
    }
    function first(all, time) {
      let low = 0, high = all.length;
      while (low < high) { const mid = (low + high) >> 1; if (all[mid][1] > time) high = mid; else low = mid + 1; }
      return low;
    }
    function row(l, t0, t1, place, heights, skip) {
      const all = D.lanes[l].all;
      let out = "", last = -1;
      for (let i = first(all, t0); i < all.length && all[i][0] < t1; i++) {
        const [start, end, kind] = all[i];
        const x1 = Math.max(left, place(start)), x2 = Math.min(width - edge, place(end));
        if (skip && kind > 0 && kind < 6) continue;
        if (x2 - x1 < 0.4 && Math.floor(x2) === last) continue;
        last = Math.floor(x2);
        out += heights(x1, Math.max(0.7, x2 - x1), looks[kind], l, i, all[i]);
      }
      return out;
    }
    function bars(l) {
      return row(l, from, to, x, (at, w, look, l, i, e) => {
        const bar = `<rect class="${look[0]}" data-i="${l},${i}" x="${f(at)}" y="${f(y(l) - look[1] / 2)}" width="${f(w)}" height="${look[1]}"${look[1] > 8 ? ' rx="2"' : ""}/>`;
        const words = e[4] ? (e[2] === 2 ? "waits for " : "awaits ") + e[4].split(" ")[0] : e[2] === 6 ? "stopped" : "";
        if (!words || w < words.length * 6 + 20) return bar;
        const style = e[2] === 6 ? "small onfault" : "small soft halo";
        return bar + `<text class="${style}" pointer-events="none" text-anchor="middle" x="${f(at + w / 2)}" y="${f(y(l) + (e[2] === 6 ? 4 : 15))}">${esc(words)}</text>`;
      }, false);
    }
    const seen = t => t !== null && t >= from && t <= to;
    function arrow(style, t1, l1, t2, l2, shift) {
      if (l1 === l2) return "";
      const up = l2 < l1, head = up ? 5.5 : -5.5;
      const x1 = Math.max(left, x(t1)) + shift, x2 = x(t2) + shift, y1 = y(l1) + (up ? -8 : 8), y2 = y(l2) + (up ? 9 : -9);
      if (style === "loan")
        return `<path class="a loan" d="M${f(x1)} ${y1}V${y2}"/><rect class="hloan" x="${f(x1 - 2)}" y="${y1 - 2}" width="4" height="4"/>`;
      return `<path class="a ${style}" d="M${f(x1)} ${y1}L${f(x2)} ${y2 + head}"/>` +
        `<path class="h${style}" d="M${f(x2)} ${y2}l-3.4 ${head * 1.25}h6.8z"/>`;
    }
    function arrows() {
      const sight = D.messages.filter(m => m[3] <= to && (m[5] === null || m[5] >= from));
      const marks = D.incidents.filter(e => e[0] >= from && e[0] <= to);
      if (sight.length + marks.length > most) {
        const rare = marks.filter(e => e[2] === "fault" || e[2] === "life");
        return `<text class="soft halo" x="${left + 8}" y="${top0 - 2}">${sight.length} messages: zoom in to see them</text>` + rare.map(mark).join("");
      }
      const counts = new Map(), placed = new Map();
      const count = t => counts.set(t, (counts.get(t) || 0) + 1);
      for (const m of sight) { if (seen(m[4])) count(m[4]); if (seen(m[5]) && m[6]) count(m[5]); }
      const shift = t => {
        const place = placed.get(t) || 0;
        placed.set(t, place + 1);
        return (place - ((counts.get(t) || 1) - 1) / 2) * 5;
      };
      let out = "";
      for (const m of sight) {
        const hot = chain && chain.has(m[0]) ? " hot" : "";
        let inside = "";
        if (seen(m[4])) inside += arrow("send", m[3], m[1], m[4], m[2], shift(m[4]));
        if (seen(m[5]) && m[6]) inside += arrow(m[6], m[5], m[2], m[5], m[1], shift(m[5]));
        if (inside) out += `<g class="m${hot}" data-m="${m[0]}">${inside}</g>`;
      }
      return out + marks.map(mark).join("");
    }
    function mark(e) {
      const [t, l, kind, other] = e, at = f(x(t)), middle = y(l), i = D.incidents.indexOf(e);
      let inside = "";
      if (kind === "line") inside = `<path class="hline" d="M${at} ${middle + 9}l-3.6 7h7.2z"/>`;
      if (kind === "armed") inside = `<circle class="clock" cx="${at}" cy="${middle + 14}" r="3.2"/>`;
      if (kind === "due") inside = `<circle class="clock due" cx="${at}" cy="${middle + 14}" r="3.2"/>`;
      if (kind === "life") inside = `<path class="life" d="M${at} ${middle - 10}v20"/>`;
      if (kind === "boot") inside = `<path class="life" d="M${at} ${top0}V${top0 + D.lanes.length * lane}"/>`;
      if (kind === "post" || kind === "fault" && other >= 0) inside = arrow("post", t, l, t, other, 0);
      if (kind === "loan") inside = arrow("loan", t, other, t, l, 0);
      return inside && `<g data-e="${i}">${inside}</g>`;
    }
    function draw() {
      width = Math.max(480, plot.clientWidth);
      const height = top0 + D.lanes.length * lane + 10;
      let out = "";
      D.lanes.forEach((l, i) => {
        if (i % 2 === 0) out += `<rect class="band" x="0" y="${top0 + i * lane}" width="${width}" height="${lane}"/>`;
        out += `<text class="name" x="16" y="${y(i) + 4}">${esc(l.name)}</text>`;
      });
      out += ruler() + D.lanes.map((l, i) => bars(i)).join("") + arrows();
      plot.innerHTML = `<svg class="${chain ? "dim" : ""}" viewBox="0 0 ${width} ${height}" height="${height}">${out}</svg>`;
      where.textContent = `${ms(from)} to ${ms(to)}: ${us(to - from)}`;
      const view = over.querySelector(".view");
      const a = left + from / D.end * (width - left - edge), b = left + to / D.end * (width - left - edge);
      if (view) { view.setAttribute("x", f(a)); view.setAttribute("width", f(Math.max(2, b - a))); }
    }
    function overview() {
      width = Math.max(480, plot.clientWidth);
      const height = D.lanes.length * 6 + 8;
      const place = t => left + t / Math.max(1, D.end) * (width - left - edge);
      let out = "";
      D.lanes.forEach((_, l) => out += row(l, 0, D.end, place, (at, w, look) =>
        `<rect class="${look[0]}" x="${f(at)}" y="${l * 6 + 5}" width="${f(w)}" height="4"/>`, true));
      over.innerHTML = `<svg viewBox="0 0 ${width} ${height}" height="${height}"><text class="soft small" x="16" y="${height / 2 + 4}">whole trace</text>${out}<rect class="view" y="1" height="${height - 2}"/></svg>`;
    }
    function look(a, b) {
      const length = Math.min(Math.max(b - a, Math.min(200, D.end)), Math.max(1, D.end));
      from = Math.min(Math.max(0, (a + b - length) / 2), Math.max(0, D.end - length));
      to = from + length;
      draw();
    }
    function zoom(factor, at) {
      if (at === undefined) at = (from + to) / 2;
      look(at - (at - from) * factor, at + (to - at) * factor);
    }
    function time(event) {
      const box = plot.getBoundingClientRect();
      return from + (event.clientX - box.left - left) / (width - left - edge) * (to - from);
    }
    function hint(target) {
      const e = target.closest && target.closest("[data-i],[data-m],[data-e]");
      if (!e) return "";
      if (e.dataset.i) {
        const [l, i] = e.dataset.i.split(",").map(Number), [a, b, kind, life, waits] = D.lanes[l].all[i];
        return `${name(l)} (priority ${l}, life ${life}) ${verbs[kind]}${waits ? " " + waits : ""}\\n${us(b - a)} from ${ms(a)}`;
      }
      if (e.dataset.m) {
        const m = byID.get(+e.dataset.m);
        const wait = m[5] === null ? "" : `\\n${us(m[5] - m[3])} from sending to the end`;
        return `${name(m[1])} → ${name(m[2])}: ${m[7]}\\nsent at ${ms(m[3])}${wait}\\n${m[8]}`;
      }
      const i = D.incidents[+e.dataset.e];
      return `${i[4]}\\nat ${ms(i[0])}`;
    }
    function showTip(event) {
      const text = hint(event.target);
      tip.style.visibility = text ? "visible" : "hidden";
      if (!text) return;
      tip.textContent = text;
      tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8) + "px";
      tip.style.top = Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8) + "px";
    }
    function list(box, title, rows) {
      box.innerHTML = `<h2>${esc(title)}</h2><ol>` + rows.map(r =>
        `<li><button data-t="${r[0]}"><i>${ms(r[0])}</i><span>${esc(r[1])}</span></button></li>`).join("") + "</ol>";
    }
    function follow(id) {
      const detail = document.getElementById("detail");
      chain = null;
      detail.innerHTML = "";
      if (id !== null && byID.has(id)) {
        chain = new Set([id]);
        for (let m = byID.get(id); m && m[9] !== null && !chain.has(m[9]); m = byID.get(m[9])) chain.add(m[9]);
        for (const m of D.messages) if (m[9] !== null && chain.has(m[9]) && m[0] > id) chain.add(m[0]);
        const rows = [];
        for (const key of chain) {
          const m = byID.get(key);
          if (!m) continue;
          rows.push([m[3], `${name(m[1])} → ${name(m[2])}: ${m[7]}`]);
          if (m[5] !== null) rows.push([m[5], m[8]]);
        }
        list(detail, "The chain of this message", rows.sort((a, b) => a[0] - b[0]));
      }
      draw();
    }
    let held = null;
    plot.addEventListener("pointerdown", e => { held = {x: e.clientX, from, to, moved: false, target: e.target}; });
    addEventListener("pointermove", e => {
      if (!held) return;
      const shift = (held.x - e.clientX) / (width - left - edge) * (held.to - held.from);
      if (Math.abs(held.x - e.clientX) > 3) held.moved = true;
      if (held.moved) look(held.from + shift, held.to + shift);
    });
    addEventListener("pointerup", () => {
      if (held && !held.moved) {
        const m = held.target.closest("[data-m]");
        follow(m ? +m.dataset.m : null);
      }
      held = null;
    });
    plot.addEventListener("wheel", e => {
      e.preventDefault();
      if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
        const shift = e.deltaX / width * (to - from);
        look(from + shift, to + shift);
      } else zoom(Math.pow(1.0015, e.deltaY), time(e));
    }, {passive: false});
    plot.addEventListener("mousemove", showTip);
    plot.addEventListener("mouseleave", () => { tip.style.visibility = "hidden"; });
    over.addEventListener("click", e => {
      const at = (e.clientX - over.getBoundingClientRect().left - left) / (width - left - edge) * D.end;
      look(at - (to - from) / 2, at + (to - from) / 2);
    });
    document.querySelector(".side").addEventListener("click", e => {
      const b = e.target.closest("[data-t]");
      if (!b) return;
      const half = Math.min(to - from, 600000) / 2;
      look(+b.dataset.t - half, +b.dataset.t + half);
    });
    document.getElementById("in").addEventListener("click", () => zoom(0.5));
    document.getElementById("out").addEventListener("click", () => zoom(2));
    document.getElementById("all").addEventListener("click", () => look(0, D.end));
    addEventListener("keydown", e => {
      const step = (to - from) / 5;
      const act = {"+": () => zoom(0.5), "-": () => zoom(2), "0": () => look(0, D.end), Escape: () => follow(null),
        ArrowLeft: () => look(from - step, to - step), ArrowRight: () => look(from + step, to + step)}[e.key];
      if (act && !e.ctrlKey && !e.metaKey) act();
    });
    addEventListener("resize", () => { overview(); draw(); });
    document.querySelector(".bar").hidden = false;
    plot.classList.add("live");
    if (D.story.length) list(document.getElementById("story"), "What happened", D.story);
    overview();
    draw();
    document.documentElement.dataset.ready = "yes";
    """
}
