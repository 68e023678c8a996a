const COLOURS = ['\x1b[36m', '\x1b[32m', '\x1b[35m', '\x1b[34m', '\x1b[33m', '\x1b[96m', '\x1b[92m', '\x1b[95m'];
const RESET = '\x1b[0m';
const DIM = '\x1b[2m';
const LEVEL_COLOURS: Record<string, string> = { warn: '\x1b[33m', error: '\x1b[31m', fatal: '\x1b[31;1m' };
/** Said by every line, or by its prefix. */
const OMITTED = new Set(['level', 'time', 'msg', 'service', 'instance', 'pid', 'hostname']);
const WIDTH = 12;

/** Turns what the processes print into one readable log. It changes the looks only; nothing is hidden or redacted here. */
export class LogView {
  private readonly colourOf = new Map<string, string>();

  constructor(private readonly colour: boolean) {}

  /** @param line a JSON line of a service, or anything else */
  format(source: string, line: string): string {
    const entry = parse(line);
    const prefix = this.paint(this.sourceColour(source), `${source.padEnd(WIDTH)} │`);
    return entry ? this.formatEntry(prefix, entry) : `${prefix} ${line}`;
  }

  private formatEntry(prefix: string, entry: Record<string, unknown>): string {
    const level = String(entry['level'] ?? 'info');
    const fields = Object.entries(entry).filter(([name, value]) => !OMITTED.has(name) && value !== undefined);
    const stack = fields.map(([, value]) => stackOf(value)).find((found) => found !== undefined);
    const words = fields.map(([name, value]) => `${this.paint(DIM, `${name}=`)}${formatValue(value)}`);
    const first = [
      this.paint(DIM, clock(entry['time'])),
      this.paint(LEVEL_COLOURS[level] ?? '', level.padEnd(5)),
      ...(entry['msg'] === undefined ? [] : [String(entry['msg'])]),
      ...words,
    ].join(' ');
    const rest = stack?.split('\n').slice(1) ?? [];
    return [first, ...rest].map((line) => `${prefix} ${line}`).join('\n');
  }

  private sourceColour(source: string): string {
    const known = this.colourOf.get(source);
    if (known) return known;
    const next = COLOURS[this.colourOf.size % COLOURS.length] ?? '';
    this.colourOf.set(source, next);
    return next;
  }

  private paint(colour: string, text: string): string {
    return this.colour && colour !== '' ? `${colour}${text}${RESET}` : text;
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Local time of day; the date is in the log files. */
function clock(time: unknown): string {
  const date = new Date(typeof time === 'number' || typeof time === 'string' ? time : Date.now());
  if (Number.isNaN(date.getTime())) return String(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const milliseconds = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  const stack = stackOf(value);
  if (stack !== undefined) return JSON.stringify(stack.split('\n')[0]);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Of a serialised error. */
function stackOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('stack' in value)) return undefined;
  return typeof value.stack === 'string' ? value.stack : undefined;
}
