import { readFileSync } from 'node:fs';
import { pageOf } from './page.js';

export const SHARE_SCRIPT_PATH = '/pages/share.js';

/** Read once, at the start: a file that is missing is noticed then. */
export const shareScript = (): string => readFileSync(new URL('../../assets/share.js', import.meta.url), 'utf8');

/**
 * What a browser shows under the URL of a share. The same for every share, also for those that do not exist: until the button is pressed
 * nothing is asked for, so whatever opens links ahead of people uses nothing up.
 */
export const SHARE_PAGE = pageOf({
  title: 'A secret is shared with you',
  script: SHARE_SCRIPT_PATH,
  main: `
<p id="problem" role="alert" tabindex="-1"></p>

<section id="question" hidden>
<p>Somebody sent you this link. It may open only a limited number of times, and whoever sent it is told when it is opened.</p>
<p>Reveal the secret when nobody can look over your shoulder.</p>
<button id="reveal" type="button">Reveal the secret</button>
</section>

<form id="locked" method="post" hidden>
<label for="passphrase">Passphrase</label>
<p id="passphrase-hint" class="hint">Whoever sent you the link knows it.</p>
<input id="passphrase" type="password" name="passphrase" autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby="passphrase-hint" required>
<button>Reveal the secret</button>
</form>

<section id="revealed" aria-labelledby="path" hidden>
<h2 id="path" tabindex="-1"></h2>
<p id="uses" class="hint"></p>
<pre id="value" tabindex="0" role="region" aria-label="The secret"></pre>
<button id="copy" type="button">Copy</button>
<button id="hide" type="button" class="secondary">Hide</button>
<p id="copied" role="status"></p>
</section>
`,
});
