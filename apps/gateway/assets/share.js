'use strict';

/*
 * The page of a share: asks for it when the button is pressed, and not before. What comes back enters the page as text, never as HTML,
 * stays in the page alone, and leaves it with the visitor.
 */
(() => {
  const element = (id) => document.getElementById(id);
  /** Each step, and what has the focus when it appears. */
  const STEPS = { question: 'reveal', locked: 'passphrase', revealed: 'path' };
  const FAILED = 'That did not work. Try again in a moment.';
  const TEXTS = {
    400: 'This link is not complete. Open it as you got it.',
    402: 'This secret cannot be shown: the organisation that shares it has used up its plan.',
    404: 'There is no such share. It may have been revoked or declined.',
    410: 'This share is over: it has expired, it was opened as often as it may be, or its secret is gone.',
  };

  let busy = false;

  function show(step) {
    for (const id of Object.keys(STEPS)) element(id).hidden = id !== step;
    element('problem').textContent = '';
    element(STEPS[step])?.focus();
  }

  /** Says what is wrong; the next Tab leads to what can be done about it. */
  function complain(text) {
    element('problem').textContent = text;
    element('problem').focus();
  }

  /** Nothing can be done about it. */
  function end(text) {
    show();
    complain(text);
  }

  /** Headers carry bytes: those of the UTF-8 text, one character each. */
  function headerOf(text) {
    return String.fromCharCode(...new TextEncoder().encode(text));
  }

  async function open(passphrase) {
    const headers = { accept: 'application/json' };
    if (passphrase) headers['x-share-passphrase'] = headerOf(passphrase);
    const answer = await fetch(location.pathname, { headers, credentials: 'omit', cache: 'no-store' });
    return { status: answer.status, wait: Number(answer.headers.get('retry-after')), content: await answer.json() };
  }

  async function reveal(passphrase) {
    const answer = await open(passphrase);
    const { status, content } = answer;
    if (status === 200) return reveals(content);
    if (status === 429) return complain(later(answer.wait));
    if (status === 403 && content.fields?.['x-share-passphrase']) return askForPassphrase(passphrase);
    // Why it does not open for this visitor is for the visitor to know, in the words of the API.
    if (status === 403) return end(content.detail);
    if (TEXTS[status]) return end(TEXTS[status]);
    complain(FAILED);
  }

  function askForPassphrase(wrong) {
    show('locked');
    element('passphrase').value = '';
    if (wrong) complain('The passphrase is wrong. After five wrong ones the share is closed for a while.');
  }

  function later(seconds) {
    const minutes = Math.ceil(seconds / 60);
    return `Too many attempts. Try again in ${minutes > 1 ? `${minutes} minutes` : 'a minute'}.`;
  }

  function reveals({ path, value, access_count: count, max_access_count: most }) {
    element('passphrase').value = '';
    element('path').textContent = path;
    element('value').textContent = value;
    element('uses').textContent = usesOf(count, most);
    show('revealed');
  }

  function usesOf(count, most) {
    if (most === null) return 'You can open this link again until it expires.';
    if (count >= most) return 'This was the last time that the link opens. Keep what you need.';
    return `The link opens ${most - count} more ${most - count === 1 ? 'time' : 'times'}.`;
  }

  async function copy() {
    const said = element('copied');
    try {
      await navigator.clipboard.writeText(element('value').textContent);
      said.textContent = 'Copied.';
    } catch {
      getSelection().selectAllChildren(element('value'));
      said.textContent = 'It is selected: copy it with your keyboard.';
    }
  }

  function forget() {
    for (const id of ['value', 'path', 'uses', 'copied']) element(id).textContent = '';
    element('passphrase').value = '';
  }

  /** One thing at a time: a second press does nothing while the first is under way. */
  async function run(work) {
    if (busy) return;
    busy = true;
    document.body.setAttribute('aria-busy', 'true');
    try {
      await work();
    } catch {
      complain(FAILED);
    } finally {
      busy = false;
      document.body.removeAttribute('aria-busy');
    }
  }

  element('reveal').addEventListener('click', () => run(() => reveal()));
  element('locked').addEventListener('submit', (event) => {
    event.preventDefault();
    void run(() => reveal(element('passphrase').value));
  });
  element('copy').addEventListener('click', copy);
  element('hide').addEventListener('click', () => {
    forget();
    end('The secret is hidden. You can close this page.');
  });
  // Whoever comes back by the browser's history starts again.
  addEventListener('pagehide', () => {
    forget();
    show('question');
  });
  show('question');
})();
