/** Our own files only: no inline script or style, no other host, no frame around it. What a script talks to is our API. */
export const PAGE_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Of an operation that answers a page. */
export const pageAnswer = {
  status: 200,
  description: 'The page.',
  headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_CSP },
} as const;

/** Of an operation that answers what a page loads. */
export const assetAnswer = (type: 'text/javascript' | 'text/css') =>
  ({ status: 200, description: 'The file.', headers: { 'content-type': `${type}; charset=utf-8` } }) as const;

export const STYLE_PATH = '/pages/style.css';

export interface PageParts {
  title: string;
  /** What stands in <main>; trusted HTML. */
  main: string;
  /** The path of the script that brings it to life. */
  script: string;
}

/** A small page: readable without style, usable by keyboard and screen reader. */
export function pageOf({ title, main, script }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · OneClaw</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${STYLE_PATH}">
</head>
<body>
<main>
<h1>${title}</h1>
${main.trim()}
<noscript><p>This page needs JavaScript.</p></noscript>
</main>
<script src="${script}"></script>
</body>
</html>
`;
}
