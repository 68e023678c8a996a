import { readFileSync } from 'node:fs';
import { pageOf } from './page.js';

export const DEVICE_SCRIPT_PATH = '/pages/device.js';

/** Read once, at the start: a file that is missing is noticed then. */
export const deviceScript = (): string => readFileSync(new URL('../../assets/device.js', import.meta.url), 'utf8');

/** Where `verification_uri` leads (RFC 8628, 3.3). One step is visible at a time; the script fills in what a device says. */
export const DEVICE_PAGE = pageOf({
  title: 'Log a device in',
  script: DEVICE_SCRIPT_PATH,
  main: `
<p id="problem" role="alert" tabindex="-1"></p>

<form id="login" method="post" hidden>
<p>First log in yourself.</p>
<label for="email">Email address</label>
<input id="email" type="email" name="email" autocomplete="username" required>
<label for="password">Password</label>
<input id="password" type="password" name="password" autocomplete="current-password" required>
<button>Log in</button>
</form>

<form id="mfa" method="post" hidden>
<label for="mfa-code">Code of your authenticator</label>
<p id="mfa-hint" class="hint">Six digits, or one of your recovery codes.</p>
<input id="mfa-code" name="code" autocomplete="one-time-code" autocapitalize="off" spellcheck="false" aria-describedby="mfa-hint" required>
<button>Continue</button>
<button id="restart" type="button" class="secondary">Start over</button>
</form>

<form id="code" method="post" hidden>
<label for="user-code">Code that the device shows</label>
<p id="code-hint" class="hint">Ten letters, such as BCDFG-HJKLM.</p>
<input id="user-code" class="code" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" aria-describedby="code-hint" required>
<button>Continue</button>
</form>

<section id="decision" aria-labelledby="question" hidden>
<h2 id="question" tabindex="-1">Let this device act as you?</h2>
<dl>
<dt>It calls itself</dt>
<dd id="client"></dd>
<dt>It shows the code</dt>
<dd id="shown-code" class="code"></dd>
<dt>It would act as</dt>
<dd id="account"></dd>
</dl>
<p class="warning">Approve only if you have just started this login yourself, and the device in front of you shows this very code. If somebody sent you the code or a link to this page, deny. A device may call itself anything.</p>
<button id="approve" type="button">Approve</button>
<button id="deny" type="button" class="secondary">Deny</button>
</section>

<section id="done" aria-labelledby="outcome" hidden>
<h2 id="outcome" tabindex="-1"></h2>
<p id="what-now"></p>
</section>
`,
});
