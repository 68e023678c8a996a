import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { alertRules, documentedMetrics, metricNamesOf, parse, total } from './metrics.js';

const read = (path: string): string => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');

describe('the dashboard', () => {
  it('asks for documented metrics only', () => {
    const known = new Set(documentedMetrics(read('metrics.md')).map(({ name }) => name));
    const { panels } = JSON.parse(read('grafana/oneclaw.json')) as { panels: { targets?: { expr: string }[] }[] };
    const asked = panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricNamesOf(expr)));
    expect(new Set(asked).size).toBeGreaterThan(25);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('the alerts', () => {
  const rules = alertRules(read('prometheus/oneclaw.yaml'));
  const documented = documentedMetrics(read('metrics.md'));

  it('ask for documented metrics only, and for whether a process answers', () => {
    const known = new Set([...documented.map(({ name }) => name), 'up']);
    const asked = rules.flatMap(({ expression }) => metricNamesOf(expression));
    expect(rules.length).toBeGreaterThan(20);
    expect(asked.length).toBeGreaterThanOrEqual(rules.length);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it('are there for every metric that the table says to alert on', () => {
    const rows = read('metrics.md').split('\n');
    const wanted = documented.map(({ name }) => name).filter((name) => rows.some((row) => isAlertRow(row, name)));
    const asked = new Set(rules.flatMap(({ expression }) => metricNamesOf(expression)));
    expect(wanted.length).toBeGreaterThan(5);
    expect(wanted.filter((name) => !asked.has(name))).toEqual([]);
  });

  it('have names of their own, and a page that is there', () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    const pages = rules.map(({ runbook }) => new URL(`../../${runbook}`, import.meta.url));
    expect(pages.filter((page) => !existsSync(page))).toEqual([]);
    expect(rules.filter(({ runbook }) => !runbook.endsWith('.md'))).toEqual([]);
  });
});

function isAlertRow(row: string, name: string): boolean {
  return row.startsWith(`| \`${name}\``) && /\balert\b/.test(row);
}

describe('the table of metrics', () => {
  it('gives name, type, labels and services of each', () => {
    const row = '| `hsm_operations_total` ? | counter | `operation`, `result` | crypto-svc, gateway | What |';
    expect(documentedMetrics(row)).toEqual([
      {
        name: 'hsm_operations_total',
        type: 'counter',
        labels: ['operation', 'result'],
        services: ['crypto-svc', 'gateway'],
        later: true,
      },
    ]);
  });
});

describe('a scrape', () => {
  it('is read with its labels, and parts of a histogram belong to it', () => {
    const scraped = parse(
      '# HELP a_seconds A.\n# TYPE a_seconds histogram\na_seconds_bucket{le="+Inf",m="x\\"y"} 2\na_seconds_count{m="x"} 2\na_seconds_count{m="z"} 1.5\n',
    );
    expect(scraped.types).toEqual(new Map([['a_seconds', 'histogram']]));
    expect(scraped.samples.map(({ base }) => base)).toEqual(['a_seconds', 'a_seconds', 'a_seconds']);
    expect(total(scraped, 'a_seconds_count')).toBe(3.5);
  });
});

describe('an expression', () => {
  it('names its metrics, whatever is done with them', () => {
    const expression =
      'histogram_quantile(0.99, sum by (le, service) (rate(a_seconds_bucket{code=~"x|y"}[$__rate_interval]))) / b_total';
    expect(metricNamesOf(expression)).toEqual(['a_seconds', 'b_total']);
  });
});
