/** The span that a quota is for. Whoever has a subscription will have its periods; all others have calendar months in UTC. */
export interface Period {
  start: Date;
  /** The start of the next. */
  end: Date;
}

/** The period of a moment. */
export function periodAt(moment: Date): Period {
  const [year, month] = [moment.getUTCFullYear(), moment.getUTCMonth()];
  return { start: new Date(Date.UTC(year, month)), end: new Date(Date.UTC(year, month + 1)) };
}
