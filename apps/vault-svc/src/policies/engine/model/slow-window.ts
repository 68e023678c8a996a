import { DAYS, type Day } from '../time-window.js';

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** Every minute of the week at which the window is open, walked from each of its openings. Minute 0 is Sunday 00:00. */
export function slowMinutes(after: string, before: string, days: readonly Day[]): Set<number> {
  const minutes = new Set<number>();
  for (const day of days) {
    let minute = DAYS.indexOf(day) * DAY_MINUTES + minuteOf(after);
    while (minute % DAY_MINUTES !== minuteOf(before)) {
      minutes.add(minute % WEEK_MINUTES);
      minute += 1;
    }
  }
  return minutes;
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return hours * 60 + minutes;
}
