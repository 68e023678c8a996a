import { DAYS, type Day, type TimeWindow } from '../time-window.js';

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** Whether the window is open at the minute of the week that the zone's clock shows. */
export function slowOpen({ after, before, timezone, days }: TimeWindow, at: number): boolean {
  return slowOpenAt(after, before, days ?? DAYS, slowMinuteOfWeek(timezone ?? 'UTC', at));
}

/** Walks back through the week until the window was last opened or closed. Minute 0 is Sunday 00:00. */
export function slowOpenAt(after: string, before: string, days: readonly Day[], minute: number): boolean {
  const time = minute % DAY_MINUTES;
  if (time === minuteOf(before)) return false;
  if (time === minuteOf(after)) return days.includes(DAYS[Math.floor(minute / DAY_MINUTES)] as Day);
  return slowOpenAt(after, before, days, (minute + WEEK_MINUTES - 1) % WEEK_MINUTES);
}

/** The local date and time as text, and the weekday of that date from the calendar. */
function slowMinuteOfWeek(timezone: string, at: number): number {
  const text = new Date(at).toLocaleString('sv-SE', { timeZone: timezone });
  const [date = '', time = ''] = text.split(' ');
  return new Date(`${date}T00:00:00Z`).getUTCDay() * DAY_MINUTES + minuteOf(time);
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return hours * 60 + minutes;
}
