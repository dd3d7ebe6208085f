/**
 * The style sheet of every page. Series colours are darkened (light theme) and lightened (dark theme) variants of Okabe and Ito's colour-blind-safe set, each at least 3:1
 * against its background; `marks.ts` gives every series a shape as well.
 */
export const theme = `
:root{color-scheme:light dark;
--bg:#f6f7f9;--card:#fff;--ink:#1b1f27;--soft:#59616f;--line:#dfe3e9;--grid:#e9ecf1;--faint:#b6bdc9;--accent:#0b63b5;--good:#12805c;--warn:#a66300;--bad:#c2361b;--shade:#fdf0dc;--code:#f0f2f5;
--c0:#0b63b5;--c1:#c8500a;--c2:#0a8562;--c3:#b0487f;--c4:#8a6a00;--c5:#5b4fc4;--c6:#2b8fb8;--c7:#55585f;--b0:#bcd7f0;--b1:#c8e6da;--b2:#efd9bd}
@media (prefers-color-scheme:dark){:root{
--bg:#11141a;--card:#1a1f27;--ink:#e7eaf0;--soft:#9aa4b3;--line:#2d3440;--grid:#262c36;--faint:#4d5766;--accent:#6cb4f2;--good:#4cc79c;--warn:#e7ac4d;--bad:#f2836b;--shade:#3a2f1c;--code:#232933;
--c0:#6cb4f2;--c1:#f28c4b;--c2:#4cc79c;--c3:#e58dbb;--c4:#dcbb45;--c5:#a79ff5;--c6:#7fd3ea;--c7:#b4bac4;--b0:#27496b;--b1:#1f4f40;--b2:#57431f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
main,header.top>div{max-width:1240px;margin:0 auto;padding:0 20px}
header.top{background:var(--card);border-bottom:1px solid var(--line);padding:26px 0 0}
h1{font-size:26px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:19px;margin:38px 0 6px;letter-spacing:-.005em}
h3{font-size:15.5px;margin:0;text-wrap:balance;overflow-wrap:anywhere}h3 .key{margin-right:7px}h3 .tag{margin:2px 6px 0 0;vertical-align:1px;display:inline-block}
h4{font-size:13px;margin:20px 0 6px;color:var(--soft);font-weight:600;text-transform:uppercase;letter-spacing:.04em}
p{margin:6px 0}.lede,.note{color:var(--soft)}.note{font-size:13px;max-width:95ch}
nav{display:flex;gap:4px 20px;flex-wrap:wrap;padding:14px 0 10px;font-size:14px}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
.facts{display:flex;flex-wrap:wrap;gap:2px 22px;color:var(--soft);font-size:14px;margin:8px 0 0;padding:0;list-style:none}
.facts b{color:var(--ink);font-weight:600}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:14px 0}
.grid{display:grid;gap:14px;margin:14px 0}.grid>.card{margin:0}
.picks{grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr))}
.three{grid-template-columns:repeat(auto-fit,minmax(min(100%,310px),1fr));gap:10px 18px}
.two{grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:14px 30px;align-items:start}
.grid>*{min-width:0}
.card>h4:first-child,.card>.grid:first-child h4:first-child{margin-top:0}.card>.grid:last-child{margin-bottom:0}.card>.grid:first-child{margin-top:0}
.big{font-size:34px;font-weight:650;line-height:1.1;letter-spacing:-.02em;margin:10px 0 0;font-variant-numeric:tabular-nums}
.big small{display:block;margin-top:4px;font-size:13px;line-height:1.4;font-weight:400;color:var(--soft);letter-spacing:0}
.why{font-size:13.5px;color:var(--soft);margin-top:12px;border-top:1px solid var(--line);padding-top:10px}
.meters{display:grid;grid-template-columns:auto auto minmax(92px,1fr);gap:4px 12px;align-items:center;font-size:14px;margin-top:12px;font-variant-numeric:tabular-nums}
.meters>:nth-child(3n+1){color:var(--soft)}.meters>:nth-child(3n+2){text-align:right;white-space:nowrap}.meters small{color:var(--soft);font-size:12.5px}
.tag{font-size:11.5px;font-weight:600;border:1px solid currentColor;border-radius:9px;padding:0 7px;color:var(--soft);white-space:nowrap}
.tag.star{color:var(--good)}.tag.warn{color:var(--warn)}
.share{display:inline-flex;align-items:center;gap:8px;width:100%;min-width:92px}
.rail{flex:1;height:7px;border-radius:4px;background:var(--grid);overflow:hidden;min-width:36px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.rail rect{fill:var(--accent)}.good .rail rect{fill:var(--good)}.warn .rail rect{fill:var(--warn)}.bad .rail rect{fill:var(--bad)}
.figure{font-size:12.5px;min-width:40px;text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.scroll{overflow-x:auto;margin:8px -4px;padding:0 4px}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
th{font-weight:600;color:var(--soft);text-align:left;font-size:12.5px;vertical-align:bottom}
th,td{padding:5px 12px 5px 0;border-bottom:1px solid var(--line);white-space:nowrap}
th:last-child,td:last-child{padding-right:0}tbody tr:last-child td{border-bottom:0}
.n{text-align:right}th.bar,td.bar{padding-left:10px;min-width:150px}td.wrap{white-space:normal;overflow-wrap:anywhere;min-width:180px}
tr.pick td{font-weight:600}tr.peak td{background:var(--shade)}
td .range{color:var(--soft);font-size:12px;font-weight:400}
code,pre,.mono{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
code{overflow-wrap:anywhere}
pre{background:var(--code);border-radius:7px;padding:9px 12px;margin:4px 0 12px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(90px,auto) 1fr;gap:3px 18px;margin:8px 0;font-size:13.5px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
details{margin-top:10px}summary{cursor:pointer;color:var(--accent);font-size:14px}
ul.legend{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;padding:0;margin:6px 0;font-size:13px;color:var(--soft)}
.legend li{display:flex;gap:6px;align-items:center}.legend b{color:var(--ink);font-weight:600}
.swatch{width:10px;height:10px;border-radius:2px;background:var(--faint);print-color-adjust:exact;-webkit-print-color-adjust:exact}
.tint{display:inline-block;min-width:54px;padding:1px 6px;border-radius:4px;background:color-mix(in srgb,var(--accent) var(--share),transparent);print-color-adjust:exact;-webkit-print-color-adjust:exact}
ul.proof{list-style:none;padding:0;margin:8px 0;font-size:13.5px}ul.proof li{padding-left:20px;position:relative}ul.proof li::before{content:"–";position:absolute;left:2px;font-weight:700}ul.proof .equal::before{content:"✓";color:var(--good)}ul.proof .different::before{content:"✗";color:var(--bad)}
footer{color:var(--soft);font-size:13px;padding:26px 0 50px}
figure{margin:0}figcaption{font-size:13px;color:var(--soft)}
svg{display:block;max-width:100%}.plot{width:100%;height:auto}.stack{width:100%;height:26px;border-radius:5px}.key{display:inline-block;flex:none;vertical-align:-2px}.heat{height:auto}
svg text{font-family:inherit;font-size:11.5px;fill:var(--soft)}svg .label{fill:var(--soft);font-size:12px}svg .star{fill:var(--ink);font-weight:650;font-size:12.5px;paint-order:stroke;stroke:var(--card);stroke-width:3px}
.rules path{stroke:var(--grid);fill:none}.axis{stroke:var(--faint);fill:none}
.faint{stroke:var(--faint);stroke-width:3.6;stroke-linecap:round;fill:none;opacity:.75}
.miss-dots{stroke:var(--faint);stroke-width:2;stroke-linecap:round;fill:none}.fail-dots{stroke:var(--bad);stroke-width:4;stroke-linecap:round;fill:none}
.step{fill:none;stroke-width:1.6;stroke-linejoin:round}.interval{stroke-width:1.4;opacity:.5;fill:none}.crowd{stroke-width:4;stroke-linecap:round;fill:none;opacity:.7}
.m{stroke:var(--card);stroke-width:1}.ring{fill:none;stroke-width:1.8}
.bound path{stroke:var(--bad);stroke-dasharray:4 3;fill:none}.bound text{fill:var(--bad);font-size:11px}
.peak{fill:var(--shade)}.block{stroke:var(--card);stroke-width:.5}.b0{fill:var(--b0)}.b1{fill:var(--b1)}.b2{fill:var(--b2)}svg .inside{fill:var(--ink);font-size:11px}
.frame{fill:none;stroke:var(--line)}.hit{fill:var(--c0)}.miss{fill:var(--c1)}svg .on{fill:var(--card);font-weight:600}svg .off{fill:var(--ink)}
${[0, 1, 2, 3, 4, 5, 6, 7].map((i) => `.m.c${i}{fill:var(--c${i})}.swatch.c${i}{background:var(--c${i})}.step.c${i},.interval.c${i},.ring.c${i},.crowd.c${i}{stroke:var(--c${i})}`).join('')}
#tip{position:fixed;z-index:9;pointer-events:none;background:var(--ink);color:var(--bg);font-size:12.5px;line-height:1.45;padding:7px 10px;border-radius:6px;max-width:min(340px,92vw);white-space:pre-line;box-shadow:0 3px 12px #0004}
@media (max-width:600px){main,header.top>div{padding:0 14px}.card{padding:14px}h1{font-size:22px}.card>h4:first-child,.card>.grid:first-child h4:first-child{margin-top:0}.card>.grid:last-child{margin-bottom:0}.card>.grid:first-child{margin-top:0}
.big{font-size:29px}h2{margin-top:30px}th,td{padding-right:9px}}
@media print{:root{--bg:#fff}body{font-size:12px}header.top{padding-top:0}nav,#tip{display:none}.card,figure,tr{break-inside:avoid}.card.long{break-inside:auto}h2,h3,h4{break-after:avoid}main{max-width:none}.three{grid-template-columns:repeat(3,1fr)}.two{grid-template-columns:1fr 1fr;gap:10px 18px}.picks{grid-template-columns:1fr 1fr}.scroll{overflow:visible}table{font-size:10px}th{font-size:9.5px}th,td{padding-right:7px}td code{font-size:8.5px}th.bar,td.bar{min-width:100px}}
`
