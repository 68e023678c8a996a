export interface NativeTools {
  natsServer: string;
  pkcs11Module: string;
  softhsmUtil: string;
}
export function locateNativeTools(env?: NodeJS.ProcessEnv): NativeTools;
export function locateBrowser(env?: NodeJS.ProcessEnv): string;
export function ensureNativeTools(options?: {
  detail?: (text: string) => void;
  compiler?: boolean;
  browser?: boolean;
}): Promise<NativeTools>;
