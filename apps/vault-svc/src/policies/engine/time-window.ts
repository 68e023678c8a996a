import { lastAnswer } from './last-answer.js';
import { refuseUnknown } from './refuse-unknown.js';

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof DAYS)[number];

/**
 * When a policy may be used: what a clock on the wall of its zone shows. Where that clock is put forward, a window within the hour
 * that is left out does not open; where it is put back, one within the hour that comes twice is open twice.
 */
export interface TimeWindow {
  /** "HH:MM", inclusive. */
  after: string;
  /** "HH:MM", exclusive; before `after` means that the window ends on the next day. */
  before: string;
  /** IANA name; absent = UTC. */
  timezone?: string | undefined;
  /** The days on which the window opens; absent = every day. */
  days?: readonly Day[] | undefined;
}

export interface CompiledTimeWindow {
  /** `at`: epoch milliseconds. */
  includes(at: number): boolean;
}

const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const ZONE_NAME = /^[A-Za-z]/;

export function isTimeOfDay(text: string): boolean {
  return TIME_OF_DAY.test(text);
}

export function isTimeZone(name: string): boolean {
  try {
    return ZONE_NAME.test(name) && localClock(name) !== undefined;
  } catch {
    return false;
  }
}

/** Throws where anything is not understood. */
export function compileTimeWindow({
  after,
  before,
  timezone = 'UTC',
  days = DAYS,
  ...unknown
}: TimeWindow): CompiledTimeWindow {
  refuseUnknown(unknown);
  if (!isTimeOfDay(after) || !isTimeOfDay(before)) throw new Error('a window needs two times of day');
  if (!Array.isArray(days)) throw new Error('the days of a window are a list');
  const opens = minutesOf(after);
  const closes = minutesOf(before);
  const readClock = localClock(timezone);
  const opensOn = (day: number) => days.includes(DAYS[day] as Day);
  return {
    includes(at) {
      const { day, minute } = readClock(at);
      if (opens < closes) return minute >= opens && minute < closes && opensOn(day);
      // After midnight the window is the one that opened on the day before.
      return minute >= opens ? opensOn(day) : minute < closes && opensOn((day + 6) % 7);
    },
  };
}

function minutesOf(timeOfDay: string): number {
  return Number(timeOfDay.slice(0, 2)) * 60 + Number(timeOfDay.slice(3));
}

interface ClockReading {
  /** 0 = Sunday. */
  day: number;
  /** Since midnight. */
  minute: number;
}

type Clock = (at: number) => ClockReading;

const clocks = new Map<string, Clock>();

/** Making a formatter is slow, and there are only some hundred zones. Throws where the zone is unknown. */
function localClock(timezone: string): Clock {
  const key = timezone.toLowerCase();
  const known = clocks.get(key);
  if (known) return known;
  const options = {
    timeZone: timezone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  } as const;
  const format = new Intl.DateTimeFormat('en-US', options);
  const made = lastAnswer((at: number) => readingOf(format, at));
  clocks.set(key, made);
  return made;
}

function readingOf(format: Intl.DateTimeFormat, at: number): ClockReading {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const part of format.formatToParts(at)) parts[part.type] = part.value;
  const day = DAYS.indexOf(String(parts.weekday).toLowerCase() as Day);
  return { day, minute: Number(parts.hour) * 60 + Number(parts.minute) };
}
