import { EDGE } from './frame.ts';
import { darkStyle, INK, PAPER, QUIET, RULE } from './palette.ts';
import { PICTURE_CLASS } from './picture.ts';

/** From here on there is room for the wide pictures. */
const WIDE_FROM = 640;

const LIGHT = {
  ink: INK.light,
  quiet: QUIET.light,
  rule: RULE.light,
  paper: PAPER.light,
  well: '#f6f8fa',
  link: '#0969da',
};
const DARK = { ink: INK.dark, quiet: QUIET.dark, rule: RULE.dark, paper: PAPER.dark, well: '#161b22', link: '#4493f8' };
const WARNING = { light: '#9a6700', dark: '#d29922' };

function variables(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');
}

export const pageStyle = `
:root{color-scheme:light dark;${variables({ ...LIGHT, warning: WARNING.light })}}
@media (prefers-color-scheme:dark){:root{${variables({ ...DARK, warning: WARNING.dark })}}}
${darkStyle(`.${PICTURE_CLASS}`)}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px 12px 64px;max-width:808px;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;overflow-wrap:anywhere}
@media (min-width:${WIDE_FROM}px){body{padding:40px 24px 96px}}
h1,h2,h3,h4{line-height:1.25;text-wrap:balance}
h1{font-size:1.75rem;margin:0 0 .4em}
h2{font-size:1.35rem;margin:2.6em 0 .5em;padding-top:1.1em;border-top:1px solid var(--rule)}
h3{font-size:1.1rem;margin:2em 0 .3em}
h4{font-size:1rem;margin:1.6em 0 .3em}
h2::first-letter,h3::first-letter,h4::first-letter{text-transform:uppercase}
p,ul,dl,pre,figure{margin:.7em 0}
a{color:var(--link)}
.quiet,figcaption .says{color:var(--quiet)}
.warning{border-left:4px solid var(--warning);padding:.4em .9em;background:var(--well)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.86em}
pre{background:var(--well);border:1px solid var(--rule);border-radius:6px;padding:.6em .8em;
white-space:pre-wrap;overflow-wrap:anywhere;user-select:all;-webkit-user-select:all}
nav ul{list-style:none;padding:0;margin:0;columns:2 280px}
nav li{padding:.2em 0;break-inside:avoid}
nav a{text-decoration:none;display:block}
nav a:hover{text-decoration:underline}
nav code{color:var(--quiet)}
dl.environment{display:grid;grid-template-columns:max-content 1fr;gap:.25em 1em;font-size:.9em;
background:var(--well);border:1px solid var(--rule);border-radius:6px;padding:.8em 1em}
dl.environment dt{color:var(--quiet)}
dl.environment dd{margin:0;white-space:pre-line;min-width:0}
figure{margin:0}
.wide,.narrow{margin:0 -${EDGE}px}
ul.warning{padding-left:2em}
.${PICTURE_CLASS}{display:block;width:100%;height:auto;margin:.4em 0}
.wide{display:none}
.narrow{max-width:500px}
@media (min-width:${WIDE_FROM}px){.wide{display:block}.narrow{display:none}}
@media print{.wide{display:block}.narrow{display:none}}
details{margin:.6em 0}
summary{cursor:pointer;color:var(--quiet)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.84em;font-variant-numeric:tabular-nums;margin:.5em 0}
th,td{padding:.22em .9em .22em 0;text-align:left;border-bottom:1px solid var(--rule);white-space:nowrap}
th{color:var(--quiet);font-weight:600;border-bottom-width:2px}
.number{text-align:right}
footer{margin-top:4em;padding-top:1em;border-top:1px solid var(--rule);color:var(--quiet);font-size:.9em}
`;
