import type { z } from 'zod';

const UNITS: Record<string, string> = { string: 'character', array: 'entry' };

/** What is wrong with a field, as a phrase that follows its name. `undefined` leaves it to the schema's own message. */
export function issueMessage(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${withArticle(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must ${bound('at least', issue.origin, Number(issue.minimum))}`;
    case 'too_big':
      return `must ${bound('at most', issue.origin, Number(issue.maximum))}`;
    case 'invalid_format':
      return 'has the wrong format';
    default:
      return undefined;
  }
}

function withArticle(type: string): string {
  if (type === 'int') return 'a whole number';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function bound(which: string, origin: string, limit: number): string {
  const unit = UNITS[origin];
  if (!unit) return `be ${which} ${limit}`;
  return `have ${which} ${limit} ${limit === 1 ? unit : plural(unit)}`;
}

function plural(unit: string): string {
  return unit === 'entry' ? 'entries' : `${unit}s`;
}
