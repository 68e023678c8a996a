import { pageOf } from './page.js';

export const VERIFY_EMAIL_SCRIPT_PATH = '/pages/verify-email.js';

/** Where the link of a verification mail leads. A person presses the button, so that programs which open links change nothing. */
export const VERIFY_EMAIL_PAGE = pageOf({
  title: 'Confirm your email address',
  script: VERIFY_EMAIL_SCRIPT_PATH,
  main: `
<p id="question" hidden>Somebody opened a OneClaw account with your address. If that was you, confirm it.</p>
<button id="confirm" type="button" hidden>Confirm the address</button>
<p id="done" role="status" tabindex="-1"></p>
<p id="failed" role="alert" tabindex="-1"></p>
`,
});

/** The token comes in the fragment, which is never sent to a server, and leaves the address bar and the history at once. */
export const VERIFY_EMAIL_SCRIPT = `'use strict';
(() => {
  const element = (id) => document.getElementById(id);
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  history.replaceState(null, '', location.pathname);
  const say = (id, text) => {
    element('question').hidden = true;
    element('confirm').hidden = true;
    element('failed').textContent = '';
    element(id).textContent = text;
    element(id).focus();
  };
  if (!token) {
    say('failed', 'This link is not complete. Open it as it stands in the mail.');
    return;
  }
  element('question').hidden = false;
  element('confirm').hidden = false;
  element('confirm').addEventListener('click', async () => {
    element('confirm').disabled = true;
    try {
      const answer = await fetch('/v1/auth/verify-email', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
        credentials: 'omit',
        cache: 'no-store',
      });
      if (answer.ok) say('done', 'Your email address is confirmed. You can close this page.');
      else if (answer.status === 400) say('failed', 'This link is used up or older than 24 hours. Log in to get another one.');
      else throw new Error(String(answer.status));
    } catch {
      element('confirm').disabled = false;
      element('failed').textContent = 'That did not work. Try again in a moment.';
    }
  });
})();
`;
