/** How soon everything works again once a service has been started, or let go. */
export const SERVICE_BACK_MS = 10_000;
/** The same for Postgres, NATS, the HSM, and connections to them. */
export const INFRASTRUCTURE_BACK_MS = 30_000;
