export interface Setting {
  key: string;
  value: string;
  updatedBy: string;
  updatedAt: Date;
}

/** What gateways act by. */
export interface PlatformState {
  maintenance: boolean;
  requireSimulation: boolean;
}
