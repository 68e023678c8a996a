import { describe, expect, it } from '@jest/globals';
import { parseEntityTags, preconditionHeaders, toPreconditions, versionTag } from './version-tags.js';

const parsed = (headers: Record<string, string>) => toPreconditions(preconditionHeaders.parse(headers));
const match = (text: string) => parsed({ 'if-match': text })?.ifMatch;
const noneMatch = (text: string) => parsed({ 'if-none-match': text })?.ifNoneMatch;

describe('entity tags', () => {
  it.each([
    ['"3"', [{ weak: false, opaque: '3' }]],
    ['W/"3"', [{ weak: true, opaque: '3' }]],
    [
      '"a,b" , W/"c;d"',
      [
        { weak: false, opaque: 'a,b' },
        { weak: true, opaque: 'c;d' },
      ],
    ],
    [
      ', "1",, "2" ,',
      [
        { weak: false, opaque: '1' },
        { weak: false, opaque: '2' },
      ],
    ],
    ['""', [{ weak: false, opaque: '' }]],
    ['"\u00e9"', [{ weak: false, opaque: '\u00e9' }]],
    ['', []],
    [' * ', '*'],
    ['"c d"', undefined],
    ['3', undefined],
    ['"3', undefined],
    ['"3" "4"', undefined],
    ['w/"3"', undefined],
    ['*, "3"', undefined],
    ['"a"b"', undefined],
    ['"\u007f"', undefined],
  ])('are read from %j', (text, expected) => {
    expect(parseEntityTags(text)).toEqual(expected);
  });
});

describe('preconditions on versions', () => {
  it('compare strongly in If-Match and weakly in If-None-Match', () => {
    expect(match('"3", W/"4"')).toEqual({ any: false, versions: [3] });
    expect(noneMatch('"3", W/"4"')).toEqual({ any: false, versions: [3, 4] });
  });

  it('know no version by a tag that was never given out', () => {
    for (const tag of ['"0"', '"03"', '"-1"', '"3.0"', '"x"', '""', '"99999999999"', '"2147483648"'])
      expect([tag, match(tag)]).toEqual([tag, { any: false, versions: [] }]);
    expect(match(versionTag(2147483647))).toEqual({ any: false, versions: [2147483647] });
  });

  it('are any version for the asterisk, none for an empty list, and nothing where no header is', () => {
    expect(match('*')).toEqual({ any: true, versions: [] });
    expect(match('')).toEqual({ any: false, versions: [] });
    expect(parsed({})).toBeUndefined();
    expect(parsed({ 'if-none-match': '*' })).toEqual({ ifMatch: undefined, ifNoneMatch: { any: true, versions: [] } });
  });

  it('are refused where they are malformed, by the name of the header', () => {
    const { error } = preconditionHeaders.safeParse({ 'if-match': '3', 'if-none-match': '"1' });
    expect(error?.issues.map(({ path, message }) => [path.join(), message])).toEqual([
      ['if-match', 'must be * or entity tags in quotes, such as "3"'],
      ['if-none-match', 'must be * or entity tags in quotes, such as "3"'],
    ]);
  });
});
