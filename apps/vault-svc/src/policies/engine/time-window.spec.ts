import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { slowOpen, slowOpenAt } from './model/slow-window.js';
import { DAYS, compileTimeWindow, isTimeOfDay, isTimeZone, type TimeWindow } from './time-window.js';

const open = (window: TimeWindow, at: string) => compileTimeWindow(window).includes(Date.parse(at));
const OFFICE: TimeWindow = { after: '09:00', before: '17:00' };
const NIGHT: TimeWindow = { after: '22:00', before: '06:00' };

describe('a time window', () => {
  it.each([
    ['2026-03-02T08:59:59Z', false],
    ['2026-03-02T09:00:00Z', true],
    ['2026-03-02T16:59:59.999Z', true],
    ['2026-03-02T17:00:00Z', false],
  ])('from 09:00 to 17:00 at %s: %s', (at, expected) => {
    expect(open(OFFICE, at)).toBe(expected);
  });

  it.each([
    ['2026-03-02T21:59:00Z', false],
    ['2026-03-02T22:00:00Z', true],
    ['2026-03-03T00:00:00Z', true],
    ['2026-03-03T05:59:00Z', true],
    ['2026-03-03T06:00:00Z', false],
  ])('over midnight at %s: %s', (at, expected) => {
    expect(open(NIGHT, at)).toBe(expected);
  });

  it('belongs, after midnight, to the day on which it opened', () => {
    const friday = { ...NIGHT, days: ['fri'] as const };
    expect(open(friday, '2026-03-06T23:00:00Z')).toBe(true);
    expect(open(friday, '2026-03-07T05:00:00Z')).toBe(true);
    expect(open(friday, '2026-03-06T05:00:00Z')).toBe(false);
    expect(open(friday, '2026-03-07T23:00:00Z')).toBe(false);
    expect(open({ ...NIGHT, days: ['sat'] }, '2026-03-08T05:00:00Z')).toBe(true);
  });

  it('follows the clock of its zone, summer time included', () => {
    const berlin = { ...OFFICE, timezone: 'Europe/Berlin' };
    expect(open(berlin, '2026-01-15T08:00:00Z')).toBe(true);
    expect(open(berlin, '2026-01-15T07:30:00Z')).toBe(false);
    expect(open(berlin, '2026-07-15T07:30:00Z')).toBe(true);
    expect(open({ ...OFFICE, timezone: 'Asia/Kolkata' }, '2026-07-15T03:30:00Z')).toBe(true);
  });

  it('takes the day from its zone too', () => {
    const auckland: TimeWindow = { after: '00:00', before: '12:00', timezone: 'Pacific/Auckland', days: ['tue'] };
    expect(open(auckland, '2026-03-02T20:00:00Z')).toBe(true);
    expect(open(auckland, '2026-03-01T20:00:00Z')).toBe(false);
  });

  it('shows what the wall clock shows on the nights on which it is changed', () => {
    const zone = { timezone: 'Europe/Berlin' };
    const skipped = { ...zone, after: '02:00', before: '03:00' };
    expect(open(skipped, '2026-03-29T00:59:59Z')).toBe(false);
    expect(open(skipped, '2026-03-29T01:00:00Z')).toBe(false);
    const twice = { ...zone, after: '02:15', before: '02:45' };
    expect(
      ['00:14', '00:15', '00:44', '00:45', '01:15', '01:45'].map((time) => open(twice, `2026-10-25T${time}:00Z`)),
    ).toEqual([false, true, true, false, true, false]);
    const saturdayNight = { ...NIGHT, ...zone, days: ['sat'] as const };
    expect(open(saturdayNight, '2026-03-29T03:59:59Z')).toBe(true);
    expect(open(saturdayNight, '2026-03-29T04:00:00Z')).toBe(false);
    expect(open(saturdayNight, '2026-10-25T04:59:59Z')).toBe(true);
    expect(open(saturdayNight, '2026-10-25T05:00:00Z')).toBe(false);
  });

  it('is open until the last moment before midnight, and from midnight on', () => {
    expect(open({ after: '23:59', before: '00:00' }, '2026-03-02T23:59:59.999Z')).toBe(true);
    expect(open({ after: '23:59', before: '00:00' }, '2026-03-03T00:00:00Z')).toBe(false);
    expect(open({ after: '00:00', before: '00:01', days: ['tue'] }, '2026-03-03T00:00:00Z')).toBe(true);
    expect(open({ after: '00:00', before: '00:01', days: ['mon'] }, '2026-03-03T00:00:00Z')).toBe(false);
  });

  it('tells one moment from another in one zone, and one zone from another at one moment', () => {
    const [berlin, tokyo] = ['Europe/Berlin', 'Asia/Tokyo'].map((timezone) =>
      compileTimeWindow({ ...OFFICE, timezone }),
    );
    const [one, other] = ['2026-03-02T10:00:00Z', '2026-03-02T20:00:00Z'].map(Date.parse) as [number, number];
    const seen = [one, one, other, one].map((at) => [berlin?.includes(at), tokyo?.includes(at)]);
    expect(seen).toEqual([
      [true, false],
      [true, false],
      [false, false],
      [true, false],
    ]);
  });

  it('agrees with the slow, obvious model in zones with all kinds of offsets and changes', () => {
    const timezone = fc.constantFrom(
      ...['Europe/Berlin', 'America/New_York', 'America/Havana', 'Australia/Lord_Howe', 'Asia/Kathmandu'],
      ...['Pacific/Chatham', 'Pacific/Apia', 'Africa/Casablanca', 'America/St_Johns', 'Atlantic/Azores'],
    );
    const changes = [
      '2026-03-29T01:00Z',
      '2026-10-25T01:00Z',
      '2026-03-08T07:00Z',
      '2026-11-01T06:00Z',
      '2026-04-04T15:00Z',
    ];
    const near = fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -48 * 60, max: 48 * 60 }));
    const anyTime = fc.date({ min: new Date('1980-01-01'), max: new Date('2050-01-01'), noInvalidDate: true });
    const at = fc.oneof(
      near.map(([change, minutes]) => Date.parse(change) + minutes * 60_000),
      anyTime.map(Number),
    );
    const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 30, 59)).map(clockText);
    const days = fc.option(fc.subarray([...DAYS], { minLength: 1 }), { nil: undefined });
    fc.assert(
      fc.property(fc.record({ after: time, before: time, timezone, days }), at, (window, moment) => {
        fc.pre(window.after !== window.before);
        expect(compileTimeWindow(window).includes(moment)).toBe(slowOpen(window, moment));
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees with the slow, obvious model', () => {
    const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })).map(clockText);
    const days = fc.subarray([...DAYS], { minLength: 1 });
    const offset = fc.integer({ min: -12, max: 14 });
    const minute = fc.integer({ min: 0, max: 7 * 24 * 60 - 1 });
    fc.assert(
      fc.property(time, time, days, offset, minute, (after, before, on, hours, localMinute) => {
        fc.pre(after !== before);
        // Etc/GMT has its signs reversed; 2026-03-01 is a Sunday.
        const timezone = `Etc/GMT${hours > 0 ? `-${hours}` : `+${-hours}`}`;
        const at = Date.parse('2026-03-01T00:00:00Z') + (localMinute - hours * 60) * 60_000;
        const expected = slowOpenAt(after, before, on, localMinute);
        expect(compileTimeWindow({ after, before, timezone, days: on }).includes(at)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('knows a time of day and a zone from what only looks like one', () => {
    expect(['00:00', '09:30', '23:59'].every(isTimeOfDay)).toBe(true);
    expect(['24:00', '9:30', '09:60', '09:30:00', '', '09:30\n', 'x09:30'].some(isTimeOfDay)).toBe(false);
    expect(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires'].every(isTimeZone)).toBe(true);
    expect(['', '+02:00', 'Mars/Olympus', 'Europe/Berlin '].some(isTimeZone)).toBe(false);
  });
});

function clockText([hours, minutes]: [number, number]): string {
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
