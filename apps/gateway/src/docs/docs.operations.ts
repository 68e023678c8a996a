import { defineOperation } from '../api/operation.js';
import { pageAnswer } from '../pages/page.js';

const ASSET_CACHE_SECONDS = 3600;

const page = { method: 'GET', tag: 'Documentation', access: 'public', documented: false } as const;
const file = (description: string, type: string) =>
  ({ status: 200, description, headers: { 'content-type': type } }) as const;

export const openApiDocument = defineOperation({
  ...page,
  id: 'openApiDocument',
  path: '/openapi.json',
  summary: 'This API as an OpenAPI document',
  answer: file('The document.', 'application/json; charset=utf-8'),
});

export const docsPage = defineOperation({
  ...page,
  id: 'docsPage',
  path: '/docs',
  summary: 'This API as a page to try it on',
  answer: pageAnswer,
});

export const docsScript = defineOperation({
  ...page,
  id: 'docsScript',
  path: '/docs/swagger-ui-bundle.js',
  summary: 'The viewer',
  answer: file('The script.', 'text/javascript; charset=utf-8'),
  cacheSeconds: ASSET_CACHE_SECONDS,
});

export const docsStyle = defineOperation({
  ...page,
  id: 'docsStyle',
  path: '/docs/swagger-ui.css',
  summary: 'Its style',
  answer: file('The style sheet.', 'text/css; charset=utf-8'),
  cacheSeconds: ASSET_CACHE_SECONDS,
});

export const docsStart = defineOperation({
  ...page,
  id: 'docsStart',
  path: '/docs/start.js',
  summary: 'What starts the viewer',
  answer: file('The script.', 'text/javascript; charset=utf-8'),
  cacheSeconds: ASSET_CACHE_SECONDS,
});
