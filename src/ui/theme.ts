/** What the live page adds to the style sheet of reports. */
export const uiTheme = `
[hidden]{display:none!important}
body{font-size:14px}
main,header.bar>.inner,header.bar>.trouble{max-width:1440px;margin:0 auto;padding:0 20px}
main{padding-bottom:40px}
h2{margin:0;font-size:22px}h3{font-size:14px}h3 small{font-weight:400;color:var(--soft);font-size:12.5px}
button,select,input{font:inherit;color:inherit}
button{background:var(--card);border:1px solid var(--line);border-radius:7px;padding:5px 12px;cursor:pointer;line-height:1.3}
button:hover{border-color:var(--soft)}button:disabled{opacity:.5;cursor:default}
button.primary{background:var(--accent);border-color:var(--accent);color:var(--bg);font-weight:600}button.danger{border-color:var(--bad);color:var(--bad)}
button.quiet{padding:1px 8px;font-size:12.5px;background:none}
input,select{background:var(--bg);border:1px solid var(--line);border-radius:7px;padding:5px 9px}input::placeholder{color:var(--soft);opacity:1}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.wait{padding:60px 20px;text-align:center;color:var(--soft)}
header.bar{position:sticky;top:0;z-index:5;background:var(--card);border-bottom:1px solid var(--line)}
header.bar>.inner{display:flex;align-items:center;gap:8px 26px;min-height:54px;flex-wrap:wrap;padding-top:8px;padding-bottom:8px}
header.bar .name{display:flex;align-items:center;gap:10px;min-width:0}header.bar h1{font-size:17px;margin:0}
.home{color:var(--soft);font-size:13px}.home::after{content:"/";margin-left:10px;color:var(--faint)}
.pill{display:inline-flex;align-items:center;gap:6px;font-size:12px;font-weight:600;border-radius:20px;padding:1px 9px;border:1px solid currentColor;color:var(--soft);white-space:nowrap}
.pill:empty{display:none}.pill::before{content:"";width:7px;height:7px;border-radius:50%;background:currentColor}
.pill.live{color:var(--accent)}.pill.done{color:var(--good)}.pill.lost{color:var(--bad)}
.pill.live::before{animation:beat 1.6s ease-in-out infinite}@keyframes beat{50%{opacity:.25}}
@media (prefers-reduced-motion:reduce){.pill.live::before{animation:none}}
.going{flex:1;display:flex;align-items:center;gap:14px;min-width:260px;font-variant-numeric:tabular-nums;font-size:13px}
.eta{font-weight:650;white-space:nowrap}.eta:empty{display:none}.count{color:var(--soft);white-space:nowrap}
.progress{flex:1;max-width:420px;height:6px;border-radius:3px;background:var(--grid);overflow:hidden}.progress rect{fill:var(--accent)}
.actions{display:flex;gap:8px}
.trouble{color:var(--bad);white-space:pre-line;padding-bottom:8px!important;font-size:13px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:12px;margin:16px 0 12px}
.cards .card{margin:0;padding:14px 16px 12px}.card.board{display:flex;flex-direction:column}.card.board.chosen{border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
.card.board h3 button{all:unset;cursor:pointer;font-weight:650;display:inline}.card.board h3 button:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:3px}
.card.board .note{font-size:12.5px;margin:2px 0 0}
.big{font-size:30px;margin-top:8px}.big .range{font-size:15px;font-weight:500;color:var(--soft);letter-spacing:0;white-space:nowrap}.big small{font-size:12.5px}.big.none{color:var(--faint)}
.meters{font-size:13px;margin-top:10px;grid-template-columns:auto auto minmax(80px,1fr)}.meters small{font-size:12px}
.card.board .why{margin-top:auto;padding-top:8px;font-size:12.5px}.card.board .lead{margin-bottom:10px}
.card.fronts{display:grid;grid-template-columns:minmax(0,1fr) 290px;gap:12px 26px;padding:14px 16px;margin:12px 0}
.head{display:flex;align-items:center;gap:8px 14px;flex-wrap:wrap;min-height:30px}
.choice{display:inline-flex}.choice button{border-radius:0;margin-left:-1px;padding:3px 11px;font-size:12.5px}.choice button:first-child{border-radius:7px 0 0 7px}.choice button:last-child{border-radius:0 7px 7px 0}
.choice button[aria-pressed=true]{background:var(--code);border-color:var(--soft);position:relative;font-weight:600}
figure.front{position:relative;min-width:0}.picture{position:relative;height:380px;overflow:hidden}.picture>*{position:absolute;left:0;top:0}.picture .over{right:0}.picture.at{cursor:pointer}
.picture .plot{width:auto;height:380px;max-width:none}
.tip{position:absolute;z-index:4;pointer-events:none;background:var(--ink);color:var(--bg);font-size:12.5px;line-height:1.45;padding:6px 10px;border-radius:6px;max-width:340px;white-space:pre-line;overflow-wrap:anywhere}
.tested.out{opacity:.28}.key .off{fill:var(--faint)}.legend{font-size:12.5px}
.sliders{display:flex;flex-direction:column;gap:9px;min-width:0}.sliders .head{justify-content:space-between}
.slider{display:grid;grid-template-columns:1fr auto;font-size:13px;color:var(--soft);gap:0 8px}.slider output{font-variant-numeric:tabular-nums;color:var(--soft)}.slider.set output{color:var(--ink);font-weight:650}
.slider input{grid-column:1/3;width:100%;padding:0;margin:3px 0 0;accent-color:var(--accent);height:18px}
.verdict{border-top:1px solid var(--line);margin-top:4px;padding-top:8px;font-size:13px;color:var(--soft)}.verdict b{color:var(--ink)}.verdict p{margin:0 0 6px}.best span{display:block;font-size:12px}.best small{display:block}
.grid.search{grid-template-columns:minmax(0,1.35fr) minmax(0,1fr) minmax(0,1fr);gap:12px;margin:12px 0}.grid.search .card{margin:0;padding:14px 16px}
.grid.search .card:last-child{grid-column:1/-1}.grid.search .card[hidden]+.card{grid-column:span 2}
.grid.search .body{margin-top:6px}
ul.plain{list-style:none;margin:6px 0 0;padding:0;font-size:13px}ul.plain li{display:flex;gap:8px;padding:3px 0;border-top:1px solid var(--line);align-items:baseline;min-width:0}ul.plain li:first-child{border-top:0}
.machines{width:100%;font-size:13px;margin-top:10px;border-collapse:collapse}.machines th{text-align:left;font-weight:500;color:var(--soft)}.machines td,.machines th{padding:2px 8px 2px 0;font-variant-numeric:tabular-nums}ul.plain small{margin-left:auto;color:var(--soft);white-space:nowrap;font-variant-numeric:tabular-nums}.work .mono{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;color:var(--soft)}.log span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0}.log a{min-width:34px}
.card.trials{padding:14px 16px 6px;margin:12px 0}.trials input[type=search]{flex:0 1 250px;padding:3px 9px;font-size:13px}.trials .found{margin-left:auto;color:var(--soft);font-size:12.5px}
.window{max-height:452px;overflow:auto;margin:8px -4px 0;padding:0 4px;overscroll-behavior:contain}
.window table{border-collapse:separate;border-spacing:0}.window thead th{position:sticky;top:0;background:var(--card);z-index:1;border-bottom:1px solid var(--line);padding:4px 14px 4px 0}
.window th button{all:unset;cursor:pointer;font-weight:600;white-space:nowrap}.window th button:focus-visible{outline:2px solid var(--accent)}.window th i{font-style:normal;font-size:9px;display:inline-block;min-width:11px;margin-left:2px}
.window tr[data-trial]{height:30px;cursor:pointer}.window tr[data-trial]:hover td{background:var(--code)}.window td{padding:0 14px 0 0;height:30px}.window tr.space td{border:0;padding:0;height:0}.window .space td{height:inherit}
.window tr.out td{color:var(--soft)}.window tr.out code{opacity:.75}.window tr.member td:first-child a::before{content:"★ ";color:var(--good)}
.window td.wide code{white-space:nowrap}
.card.about{padding:12px 16px}.about summary{margin:0}
.why a,.best a,.note a,p a{text-decoration:underline}.back a{text-decoration:none}.back{margin:14px 0 8px}.title{display:flex;gap:10px;align-items:center;flex-wrap:wrap}
main.trial>.mono{color:var(--soft);overflow-wrap:anywhere;margin:4px 0 12px}main.trial .card{padding:14px 16px;margin:12px 0}main.trial .grid{margin:12px 0;gap:12px}main.trial .grid>.card{margin:0}
ul.figures{list-style:none;display:flex;flex-wrap:wrap;gap:10px 34px;margin:0 0 14px;padding:0}.figures b{display:block;font-size:17px;font-weight:650;font-variant-numeric:tabular-nums;white-space:nowrap}.figures li:first-child b{font-size:24px;line-height:1.2}.figures li{display:flex;flex-direction:column;justify-content:flex-end}.figures span{color:var(--soft);font-size:12.5px}
.yes{color:var(--good);font-weight:600}.no{color:var(--bad);font-weight:600}
.row{display:flex;gap:12px;align-items:center;flex-wrap:wrap;margin:8px 0 0}.said{color:var(--soft);font-size:13px}.files li{justify-content:flex-start;align-items:center}
.matrix [role=button]{cursor:pointer}.matrix [role=button]:hover rect,.matrix .chosen rect{stroke:var(--ink);stroke-width:1.5}.matrix [role=button]:focus-visible{outline:2px solid var(--accent)}
.chance{stroke:var(--faint);stroke-dasharray:4 3;fill:none}main.trial .plot{max-width:560px}figure.matrix .heat{max-width:100%}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px;margin-top:8px}.gallery figure{background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:8px;min-width:0}.gallery canvas{width:100%;image-rendering:pixelated;border-radius:4px;display:block}.gallery figcaption{margin-top:6px;color:var(--soft);font-size:12.5px}.gallery figcaption b{color:var(--ink)}.gallery small{display:block}.gallery .lines{width:100%}
main.studies{padding-top:22px}.studies form{display:flex;flex-wrap:wrap;gap:12px 16px;align-items:flex-end;margin-top:10px}.studies form label{display:flex;flex-direction:column;gap:3px;font-size:12.5px;color:var(--soft)}.studies form input{color:var(--ink)}.studies form .trouble{flex-basis:100%;margin:0}
@media (max-width:1000px){.card.fronts{grid-template-columns:minmax(0,1fr)}.grid.search{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}.grid.search .card:first-child{grid-column:1/-1}.grid.search .card:nth-child(3){grid-column:auto}}
@media (max-width:600px){main,header.bar>.inner,header.bar>.trouble{padding-left:12px;padding-right:12px}header.bar{position:static}.going{flex-wrap:wrap;gap:4px 12px}.progress{order:3;flex-basis:100%}
.grid.search{grid-template-columns:minmax(0,1fr)}.card,.cards .card,.card.fronts,main.trial .card{padding:12px}.window{max-height:380px}.trials .found{margin-left:0}.trials input[type=search]{flex:1 1 160px}.choice button{padding:4px 9px}}
`
