/** One row of the table in docs/metrics.md. */
export interface DocumentedMetric {
  name: string;
  type: string;
  labels: string[];
  services: string[];
  /** Has a value only once something has happened. */
  later: boolean;
}

export function documentedMetrics(markdown: string): DocumentedMetric[] {
  const rows = markdown.matchAll(/^\| `(\w+)`( \?)? +\| (counter|gauge|histogram) +\| ([^|]*)\| ([^|]*)\|/gm);
  return [...rows].map(([, name, later, type, labels, services]) => ({
    name: name!,
    type: type!,
    labels: [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!),
    services: services!.trim().split(', '),
    later: later !== undefined,
  }));
}

interface Sample {
  name: string;
  /** The metric that it is a part of: a histogram's without `_bucket`, `_sum`, `_count`. */
  base: string;
  labels: Map<string, string>;
  value: number;
}

/** What `/metrics` of one process said. */
export interface Scrape {
  text: string;
  types: Map<string, string>;
  samples: Sample[];
}

export async function scrape(adminUrl: string): Promise<Scrape> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  return parse(text);
}

/** Prometheus's text format, as far as prom-client writes it. */
export function parse(text: string): Scrape {
  const types = new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name!, type!]));
  const lines = text.matchAll(/^([a-zA-Z_]\w*)(?:\{(.*)\})? (\S+)$/gm);
  const samples = [...lines].map(([, name, labels = '', value]) => ({
    name: name!,
    base: types.has(name!) ? name! : withoutSuffix(name!),
    labels: new Map([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!])),
    value: Number(value),
  }));
  return { text, types, samples };
}

/** The sum over all series of that name. */
export function total({ samples }: Scrape, name: string): number {
  return samples.filter((sample) => sample.name === name).reduce((sum, { value }) => sum + value, 0);
}

const WORDS = ['sum', 'min', 'max', 'by', 'rate', 'increase', 'histogram_quantile', 'or', 'and', 'unless', 'vector'];
const LANGUAGE = new Set(WORDS);

/** A rule of docs/prometheus/oneclaw.yaml, whose expressions are on one line each. */
export interface AlertRule {
  name: string;
  expression: string;
  runbook: string;
}

export function alertRules(yaml: string): AlertRule[] {
  const rules = yaml.split(/^ {6}- alert: /m).slice(1);
  return rules.map((rule) => {
    const field = (name: string): string => new RegExp(`^ +${name}: (.+)$`, 'm').exec(rule)?.[1] ?? '';
    return { name: /^\w+/.exec(rule)?.[0] ?? '', expression: field('expr'), runbook: field('runbook') };
  });
}

/** The metrics that a PromQL expression reads. */
export function metricNamesOf(expression: string): string[] {
  const bare = expression
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\boffset \w+/g, '')
    .replace(/\bby \([^)]*\)/g, '');
  const words = bare.match(/[a-zA-Z_]\w*/g) ?? [];
  return words.filter((word) => !LANGUAGE.has(word)).map(withoutSuffix);
}

function withoutSuffix(name: string): string {
  return name.replace(/_(bucket|sum|count)$/, '');
}
