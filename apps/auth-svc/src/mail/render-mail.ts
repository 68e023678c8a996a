import type { Block, MailContent } from './mail-content.js';

export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

const FOOTER = 'Sent by OneClaw. Nobody reads answers to this address.';

/** The same content twice, as plain text and as HTML; everything is escaped here and nowhere else. */
export function renderMail({ subject, blocks }: MailContent): RenderedMail {
  return { subject, text: textOf(blocks), html: htmlOf(subject, blocks) };
}

function textOf(blocks: readonly Block[]): string {
  return [...blocks.map(textBlock), `-- \n${FOOTER}`].join('\n\n') + '\n';
}

function textBlock(block: Block): string {
  switch (block.type) {
    case 'paragraph':
      return block.text;
    case 'link':
      return `${block.label}:\n${block.url}`;
    case 'facts':
      return shown(block.facts)
        .map(([label, value]) => `${label}: ${value}`)
        .join('\n');
  }
}

function htmlOf(subject: string, blocks: readonly Block[]): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(subject)}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1a1a1a;background:#ffffff">
<div style="max-width:36em;margin:0 auto">
<h1 style="font-size:20px">${escape(subject)}</h1>
${blocks.map(htmlBlock).join('\n')}
<p style="margin-top:32px;font-size:14px;color:#595959">${escape(FOOTER)}</p>
</div>
</body>
</html>
`;
}

function htmlBlock(block: Block): string {
  switch (block.type) {
    case 'paragraph':
      return `<p>${escape(block.text)}</p>`;
    case 'link':
      return `<p><a href="${escape(httpUrl(block.url))}">${escape(block.label)}</a></p>`;
    case 'facts':
      return `<dl>\n${shown(block.facts).map(factHtml).join('\n')}\n</dl>`;
  }
}

function factHtml([label, value]: readonly [string, string]): string {
  return `<dt style="font-weight:bold">${escape(label)}</dt><dd style="margin:0 0 8px;word-break:break-all">${escape(value)}</dd>`;
}

function shown(facts: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return facts.filter(([, value]) => value !== '');
}

/** A link that is no http link must not be one in a mail. */
function httpUrl(url: string): string {
  const { protocol } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw new Error(`a mail cannot link to ${protocol}`);
  return url;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
