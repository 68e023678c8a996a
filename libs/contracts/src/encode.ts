import { BinaryWriter } from '@bufbuild/protobuf/wire';

interface MessageCodec<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
}

/** A writer keeps the room that its largest message took; beyond this it is not worth keeping. */
const MAX_KEPT_BYTES = 64 * 1024;

// Encoding waits for nothing, so no two messages are ever in it at once.
let writer = new BinaryWriter();

/** A message in protobuf's wire format. All of a process share one writer: one for each was a tenth of what a read leaves to the garbage collector. */
export function encode<T>(codec: MessageCodec<T>, message: T): Buffer {
  let bytes: Uint8Array = new Uint8Array();
  try {
    bytes = codec.encode(message, writer).finish();
  } finally {
    // Of a message that throws, the beginning is still in it.
    if (bytes.length === 0 || bytes.length > MAX_KEPT_BYTES) writer = new BinaryWriter();
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
