export type Decision = 'approved' | 'denied';

export type DeviceLoginStatus = 'pending' | Decision | 'expired';

/** What a device begins with. */
export interface NewDeviceLogin {
  deviceCodeHash: Buffer;
  userCodeHash: Buffer;
  clientId: string;
  lifetimeSeconds: number;
  intervalSeconds: number;
}

/** What people see of it. */
export interface DeviceLogin {
  clientId: string;
  status: DeviceLoginStatus;
  expiresAt: Date;
}

/** What a poll finds. */
export interface PolledLogin {
  status: 'pending' | Decision;
  /** The poll came before the interval was over. */
  early: boolean;
  approval: Approval | null;
}

/** Whose session it will be. */
export interface Approval {
  userId: string;
  orgId: string;
  /** Of the session that approved: a later change of credentials voids the device's session as well. */
  credentialEpoch: number;
}
