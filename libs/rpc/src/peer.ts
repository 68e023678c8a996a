import type { Metadata } from '@grpc/grpc-js';
import { METADATA } from './metadata-keys.js';

interface PeerCall {
  metadata: Metadata;
  getAuthContext(): { sslPeerCertificate?: { subjectaltname?: string } } | null;
}

const SERVICE_URI = /(?:^|, )URI:oneclaw:\/\/([a-z-]+)(?:,|$)/;

/** The service at the other end: from its certificate's URI name under mTLS, else by its own word. Empty = nobody we know. */
export function peerOf(call: PeerCall, mode: 'mtls' | 'plaintext'): string {
  if (mode === 'plaintext') return String(call.metadata.get(METADATA.peer)[0] ?? '');
  const names = call.getAuthContext()?.sslPeerCertificate?.subjectaltname ?? '';
  return SERVICE_URI.exec(names)?.[1] ?? '';
}
