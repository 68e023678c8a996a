/** For all pages. Colours keep a contrast of 4.5:1 (WCAG 2.2, 1.4.3), in light and in dark. */
export const STYLE = `:root { color-scheme: light dark; --text: #1a1a1a; --ground: #ffffff; --accent: #0b57d0; --on-accent: #ffffff; --alert: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8e8e8; --ground: #161616; --accent: #a8c7fa; --on-accent: #062e6f; --alert: #f2b8b5; }
}
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground); }
main { max-width: 28rem; margin: 0 auto; padding: 3rem 1.5rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { box-sizing: border-box; width: 100%; padding: 0.6rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid currentcolor; border-radius: 0.25rem; }
button { margin: 1.25rem 0.5rem 0 0; padding: 0.6rem 1.2rem; font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 2px solid var(--accent); border-radius: 0.25rem; cursor: pointer; }
button.secondary { color: var(--accent); background: transparent; }
button[disabled] { opacity: 0.6; cursor: default; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
h2 { font-size: 1.25rem; line-height: 1.3; }
h2:focus { outline: none; }
.hint { margin: 0.25rem 0; font-size: 0.9rem; }
.code { font-family: ui-monospace, monospace; font-size: 1.25rem; letter-spacing: 0.1em; }
input.code { text-transform: uppercase; }
dl { margin: 1.5rem 0; padding: 1rem; border: 1px solid currentcolor; border-radius: 0.25rem; }
dt { font-size: 0.9rem; }
dd { margin: 0 0 0.75rem; font-weight: 600; overflow-wrap: anywhere; }
dd:last-child { margin-bottom: 0; }
pre { margin: 0; padding: 0.75rem; max-height: 20rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; font: 1rem/1.4 ui-monospace, monospace; border: 1px solid currentcolor; border-radius: 0.25rem; }
.warning { padding-left: 1rem; border-left: 4px solid var(--alert); }
[role="alert"] { color: var(--alert); font-weight: 600; }
[hidden] { display: none; }
`;
