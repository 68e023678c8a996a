/** One counted request. */
export interface UsageEvent {
  id: string;
  orgId: string;
  principalType: string;
  principalId: string;
  method: string;
  /** The route's template. */
  endpoint: string;
  statusCode: number;
  occurredAt: Date;
}
