import { defineOperation } from '../api/operation.js';
import { DEVICE_SCRIPT_PATH } from './device.page.js';
import { assetAnswer, pageAnswer, STYLE_PATH } from './page.js';
import { SHARE_SCRIPT_PATH } from './share.page.js';
import { VERIFY_EMAIL_SCRIPT_PATH } from './verify-email.page.js';

const page = { method: 'GET', tag: 'Pages', access: 'public', documented: false } as const;

export const pageStyle = defineOperation({
  ...page,
  id: 'pageStyle',
  path: STYLE_PATH,
  summary: 'How pages look',
  answer: assetAnswer('text/css'),
});

export const verifyEmailPage = defineOperation({
  ...page,
  id: 'verifyEmailPage',
  path: '/verify-email',
  summary: 'Where the link of a verification mail leads',
  answer: pageAnswer,
});

export const verifyEmailScript = defineOperation({
  ...page,
  id: 'verifyEmailScript',
  path: VERIFY_EMAIL_SCRIPT_PATH,
  summary: 'What makes that page work',
  answer: assetAnswer('text/javascript'),
});

export const devicePage = defineOperation({
  ...page,
  id: 'devicePage',
  path: '/device',
  summary: 'Where people approve devices that want to log in',
  answer: pageAnswer,
});

export const devicePageScript = defineOperation({
  ...page,
  id: 'devicePageScript',
  path: DEVICE_SCRIPT_PATH,
  summary: 'What makes that page work',
  answer: assetAnswer('text/javascript'),
});

export const sharePageScript = defineOperation({
  ...page,
  id: 'sharePageScript',
  path: SHARE_SCRIPT_PATH,
  summary: 'What makes the page of shares work',
  answer: assetAnswer('text/javascript'),
});
