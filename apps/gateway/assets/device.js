'use strict';

/*
 * The page of device logins: log in, see which client asks, approve or deny. The token lives in this closure alone; it is
 * revoked as soon as the person has decided. What a device says of itself enters the page as text, never as HTML.
 */
(() => {
  const element = (id) => document.getElementById(id);
  /** Each step, and what has the focus when it appears. */
  const STEPS = { login: 'email', mfa: 'mfa-code', code: 'user-code', decision: 'question', done: 'outcome' };
  const FAILED = 'That did not work. Try again in a moment.';

  let busy = false;
  let token;
  let mfaToken;
  let userCode = new URLSearchParams(location.search).get('user_code') ?? '';

  function show(step) {
    for (const id of Object.keys(STEPS)) element(id).hidden = id !== step;
    element('problem').textContent = '';
    element(STEPS[step]).focus();
  }

  /** Says what is wrong; the next Tab leads into the form. */
  function complain(text) {
    element('problem').textContent = text;
    element('problem').focus();
  }

  async function call(method, path, body) {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    if (body) headers['content-type'] = 'application/json';
    const options = { method, headers, credentials: 'omit', cache: 'no-store', keepalive: method === 'DELETE' };
    const answer = await fetch(path, body ? { ...options, body: JSON.stringify(body) } : options);
    const content = answer.status === 204 ? {} : await answer.json();
    return { status: answer.status, wait: Number(answer.headers.get('retry-after')), content };
  }

  /** In words, by status; what a status means differs from step to step. */
  function reason({ status, wait }, texts) {
    if (status !== 429) return texts[status] ?? FAILED;
    const minutes = Math.ceil(wait / 60);
    return `Too many attempts. Try again in ${minutes > 1 ? `${minutes} minutes` : 'a minute'}.`;
  }

  async function logIn() {
    const answer = await call('POST', '/v1/auth/token', {
      email: element('email').value,
      password: element('password').value,
    });
    element('password').value = '';
    if (answer.status !== 200) {
      const wrong = 'The email address or the password is wrong.';
      return complain(reason(answer, { 400: wrong, 401: wrong }));
    }
    mfaToken = answer.content.mfa_token;
    if (answer.content.mfa_required) show('mfa');
    else await loggedIn(answer.content);
  }

  async function verifyCode() {
    const code = element('mfa-code').value.trim();
    const answer = await call('POST', '/v1/auth/mfa/verify', { mfa_token: mfaToken, code });
    element('mfa-code').value = '';
    if (answer.status === 200) return loggedIn(answer.content);
    const wrong = 'This code is not right, or you took longer than five minutes. Try another code, or start over.';
    complain(reason(answer, { 400: wrong, 401: wrong }));
  }

  async function loggedIn(session) {
    token = session.access_token;
    if (userCode) await lookUp();
    else show('code');
  }

  async function lookUp() {
    const answer = await call('GET', `/v1/auth/device/code/${encodeURIComponent(userCode)}`);
    const { status, client_id: client, user_code: shown } = answer.content;
    if (answer.status === 200 && status === 'pending') {
      userCode = shown;
      element('client').textContent = client;
      element('shown-code').textContent = shown;
      element('account').textContent = element('email').value.trim();
      return show('decision');
    }
    const unknown = 'No device has this code. Compare it with what the device shows.';
    const over =
      status === 'expired'
        ? 'This code has expired. Begin the login on the device once more.'
        : 'This code has been used already.';
    askForCode(reason(answer, { 200: over, 400: unknown, 404: unknown }));
  }

  function askForCode(problem) {
    show('code');
    element('user-code').value = userCode;
    complain(problem);
  }

  async function decide(verb) {
    const answer = await call('POST', `/v1/auth/device/${verb}`, { user_code: userCode });
    if (answer.status === 401) {
      token = undefined;
      show('login');
      return complain('Your login has expired. Log in again.');
    }
    const over = 'This code has expired, or somebody has decided already. Begin the login on the device once more.';
    if (answer.status === 404 || answer.status === 409) return askForCode(over);
    if (answer.status !== 200) return complain(reason(answer, { 403: 'You may not decide on devices.' }));
    const approved = verb === 'approve';
    element('outcome').textContent = approved ? 'The device is logged in' : 'The device is turned away';
    element('what-now').textContent = approved
      ? 'It continues by itself in a few seconds. You can close this page.'
      : 'It gets no access. You can close this page.';
    show('done');
    const revoked = call('DELETE', '/v1/auth/token');
    token = undefined;
    await revoked.catch(() => undefined);
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

  function onSubmit(id, work) {
    element(id).addEventListener('submit', (event) => {
      event.preventDefault();
      void run(work);
    });
  }

  onSubmit('login', logIn);
  onSubmit('mfa', verifyCode);
  onSubmit('code', () => {
    userCode = element('user-code').value.trim();
    return lookUp();
  });
  element('approve').addEventListener('click', () => run(() => decide('approve')));
  element('deny').addEventListener('click', () => run(() => decide('deny')));
  element('restart').addEventListener('click', () => show('login'));
  show('login');
})();
