/** The obvious, exponential reading of a pattern, against which the real one is tested. */
export function slowMatch(pattern: string, path: string): boolean {
  return matchSegments(pattern.split('/'), path.split('/'));
}

function matchSegments(pattern: string[], path: string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return path.length === 0;
  if (first === '**') return matchSegments(rest, path) || (path.length > 0 && matchSegments(pattern, path.slice(1)));
  const [segment, ...others] = path;
  if (segment === undefined) return false;
  return matchText(first, segment) && matchSegments(rest, others);
}

function matchText(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*')
    return matchText(pattern.slice(1), text) || (text !== '' && matchText(pattern, text.slice(1)));
  return pattern[0] === text[0] && matchText(pattern.slice(1), text.slice(1));
}
