// FootprintKit/Render/PageTemplate.swift: the page's HTML, style and script, one file for a browser.
// No network: no fonts, no libraries, no links to be loaded. Without script the tables still show.

enum PageTemplate {
  static let html = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>{{image}} footprint</title>
    <style>
    {{{style}}}
    </style>
    </head>
    <body>
    <header><h1>{{image}}</h1><p>{{subtitle}}</p></header>
    <main>
    <section class="regions">
    {{#regions}}
    <div class="region"><b>{{name}}</b><span class="big">{{used}} B</span>
    <span class="bar"><i class="{{state}}" style="width:{{share}}%"></i></span>
    <span class="note">{{note}}</span></div>
    {{/regions}}
    </section>
    {{#hasStacks}}
    <section><h2>Stacks</h2>
    <p class="note">Worst case from the code, one exception frame included; the line is the measured high-water mark, where there is one.</p>
    <table class="stacks"><thead><tr><th>stack</th><th class="n">static</th><th class="n">measured</th><th class="n">reserved</th><th></th></tr></thead><tbody>
    {{#stacks}}
    <tr><td>{{name}}</td><td class="n">{{bound}}</td><td class="n">{{measured}}</td><td class="n">{{reserved}}</td>
    <td class="wide"><span class="bar"><i class="{{state}}" style="width:{{share}}%"></i>{{{mark}}}</span></td></tr>
    {{/stacks}}
    </tbody></table>
    {{#hasDoubts}}<details open><summary class="warn">{{doubtCount}} doubts: a bound with ≥ is a lower limit</summary>
    {{#doubts}}<p class="warn">{{.}}</p>{{/doubts}}</details>{{/hasDoubts}}
    </section>
    {{/hasStacks}}
    <section><h2>Components</h2>
    <table id="components"><thead><tr><th>component</th>{{#regionNames}}<th class="n">{{.}}</th>{{/regionNames}}</tr></thead>
    <tbody>
    {{#components}}
    <tr data-component="{{name}}"><td><svg class="chip" viewBox="0 0 10 10"><rect class="{{color}}" width="10" height="10" rx="2"/></svg>{{name}}</td>{{#sizes}}<td class="n">{{.}}</td>{{/sizes}}</tr>
    {{/components}}
    </tbody><tfoot><tr><td>total, equal to what the linker used</td>{{#totals}}<td class="n">{{.}}</td>{{/totals}}</tr></tfoot></table>
    </section>
    <section><h2>Map</h2>
    <p class="note">Areas are bytes. Point at a box for its name; click one to see its component in the table.</p>
    {{#maps}}
    <h3>{{title}}</h3>
    <svg class="map" viewBox="0 0 1200 {{height}}" role="img" aria-label="{{title}}">{{{boxes}}}</svg>
    {{/maps}}
    </section>
    <section><h2>Symbols</h2>
    <p class="controls"><label>find <input id="find" type="search" title="a name, a file or a kind"></label>
    <button id="all" type="button">show all components</button> <span id="count" class="note"></span></p>
    <table id="rows"><thead><tr>
    <th data-key="size" class="n">size</th><th data-key="name">name</th><th data-key="component">component</th>
    <th data-key="region">region</th><th data-key="kind">kind</th><th data-key="address" class="n">address</th>
    <th data-key="file">source</th></tr></thead>
    <tbody>
    {{#top}}
    <tr><td class="n">{{size}}</td><td class="name">{{name}}</td><td>{{component}}</td><td>{{region}}</td><td>{{kind}}</td><td class="n">{{address}}</td><td>{{source}}</td></tr>
    {{/top}}
    </tbody></table>
    <p><button id="more" type="button" hidden>show more</button></p>
    </section>
    {{#hasNotes}}<section><h2>Notes</h2>{{#notes}}<p>{{.}}</p>{{/notes}}</section>{{/hasNotes}}
    </main>
    <script type="application/json" id="data">{{{data}}}</script>
    <script>
    {{{script}}}
    </script>
    </body>
    </html>

    """

  static let style = """
    :root{--ink:#1b1f24;--soft:#59636e;--back:#f6f7f9;--card:#fff;--line:#dfe3e8;--good:#2f7d5b;--warn:#b3541e;--bad:#b3261e;--track:#e6e9ed}
    @media(prefers-color-scheme:dark){:root{--ink:#eef1f4;--soft:#9aa4af;--back:#101316;--card:#15181c;--line:#2b3138;--good:#4fb287;--warn:#e0925a;--bad:#f08a80;--track:#2b3138}}
    *{box-sizing:border-box}
    body{margin:0;font:14px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--back)}
    header,main{max-width:1240px;margin:auto;padding:0 20px}
    header{padding-top:24px}h1{margin:0;font-size:26px}h2{margin:0 0 8px;font-size:17px}h3{margin:14px 0 4px;font-size:14px}
    header p{margin:2px 0 8px;color:var(--soft)}
    section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px;margin:14px 0}
    .regions{display:grid;gap:10px}
    .region{display:grid;grid-template-columns:90px 120px 1fr minmax(200px,auto);gap:12px;align-items:center}
    .big{font-size:18px;font-variant-numeric:tabular-nums;text-align:right}
    .bar{display:block;position:relative;height:12px;border-radius:6px;background:var(--track);overflow:hidden;min-width:80px}
    .bar i{position:absolute;left:0;top:0;bottom:0;background:var(--good);border-radius:6px}
    .bar i.warn{background:var(--warn)}.bar i.bad{background:var(--bad)}
    .bar u{position:absolute;top:0;bottom:0;width:2px;background:var(--ink)}
    .note{color:var(--soft);margin:0 0 8px}.region .note{margin:0}.warn{color:var(--warn);background:none}
    table{border-collapse:collapse;width:100%}
    th,td{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}
    th{font-weight:600;white-space:nowrap}tfoot td{font-weight:600;border-bottom:0}
    .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;padding-right:18px}
    td.wide{width:45%;vertical-align:middle}
    .name{overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:12.5px}
    #rows th{cursor:pointer;user-select:none}#rows th[aria-sort]::after{content:" \\25BE"}
    #rows th[aria-sort=ascending]::after{content:" \\25B4"}
    #components tbody tr{cursor:pointer}#components tbody tr:hover,#rows tbody tr:hover{background:var(--back)}
    .chip{width:10px;height:10px;margin-right:8px}
    .map{width:100%;height:auto;display:block}.map rect{cursor:pointer}.map rect:hover{filter:brightness(1.08)}
    input,button{font:inherit;color:inherit;background:var(--back);border:1px solid var(--line);border-radius:6px;padding:5px 10px}
    input{width:280px;max-width:100%}button{cursor:pointer}.controls{display:flex;gap:10px;align-items:center;flex-wrap:wrap;margin:0 0 8px}
    @media(max-width:760px){.region{grid-template-columns:1fr 1fr}.region .bar,.region .note{grid-column:1/-1}section{overflow-x:auto}}
    """

  static let script = """
    "use strict";
    const rows = JSON.parse(document.getElementById("data").textContent);
    const body = document.querySelector("#rows tbody");
    const find = document.getElementById("find");
    const more = document.getElementById("more");
    let key = "size", ascending = false, component = null, limit = 200;
    function cell(row, text, style) {
      const td = row.insertCell();
      td.textContent = text;
      if (style) td.className = style;
    }
    function show() {
      const words = find.value.toLowerCase();
      const chosen = rows.filter(r => (!component || r.component === component) &&
        (!words || (r.name + " " + r.symbol + " " + r.file + " " + r.kind).toLowerCase().includes(words)));
      chosen.sort((a, b) => {
        const order = a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : a.address - b.address;
        return ascending ? order : -order;
      });
      body.replaceChildren();
      for (const r of chosen.slice(0, limit)) {
        const tr = body.insertRow();
        cell(tr, r.size.toLocaleString("en"), "n");
        cell(tr, r.name, "name");
        cell(tr, r.component);
        cell(tr, r.region);
        cell(tr, r.kind);
        cell(tr, "0x" + r.address.toString(16).padStart(8, "0"), "n");
        cell(tr, r.file ? r.file + (r.line ? ":" + r.line : "") : "");
      }
      const bytes = chosen.reduce((sum, r) => sum + r.size, 0);
      document.getElementById("count").textContent =
        chosen.length.toLocaleString("en") + " rows, " + bytes.toLocaleString("en") + " bytes" +
        (component ? " in " + component : "");
      more.hidden = chosen.length <= limit;
      document.querySelectorAll("#rows th").forEach(th => {
        if (th.dataset.key === key) th.setAttribute("aria-sort", ascending ? "ascending" : "descending");
        else th.removeAttribute("aria-sort");
      });
    }
    document.querySelectorAll("#rows th").forEach(th => th.addEventListener("click", () => {
      if (key === th.dataset.key) ascending = !ascending;
      else { key = th.dataset.key; ascending = key !== "size"; }
      show();
    }));
    document.querySelectorAll("[data-component]").forEach(e => e.addEventListener("click", () => {
      component = e.dataset.component;
      show();
      document.getElementById("rows").scrollIntoView({behavior: "smooth", block: "center"});
    }));
    find.addEventListener("input", show);
    more.addEventListener("click", () => { limit *= 4; show(); });
    document.getElementById("all").addEventListener("click", () => { component = null; find.value = ""; show(); });
    show();
    """
}
